#include "service/api/task_json.h"

#include <algorithm>
#include <boost/json.hpp>

#include "scheduler/task.h"
#include "service/config/time_text.h"

namespace systask::service {
namespace {

namespace json = boost::json;
using scheduler::Hold;
using scheduler::TaskStatus;

json::object pause_json(const scheduler::Pause& pause, const Zone& zone) {
  return {
      {"reason", pause.reason}, {"actor", pause.actor}, {"since", time_json(zone, pause.since)}};
}

// Null where one of them is not known.
json::value millis_between(std::optional<TimePoint> from, std::optional<TimePoint> to) {
  if (!from || !to) return nullptr;
  // Where the wall clock was set back in between, nobody knows.
  return std::max<std::int64_t>(0, (*to - *from) / Micros{1'000});
}

json::value id_json(const std::optional<scheduler::RunId>& id) {
  return id ? json::value(id->value()) : json::value{};
}

json::value failure_json(const std::optional<scheduler::Failure>& failure, const Zone& zone) {
  if (!failure) return nullptr;
  return json::object{{"run", failure->run.value()},
                      {"outcome", name_of(failure->outcome)},
                      {"since", time_json(zone, failure->since)},
                      {"runs", failure->runs},
                      {"reason", failure->reason}};
}

}  // namespace

json::value time_json(const Zone& zone, const std::optional<TimePoint>& at) {
  if (!at || *at == scheduler::kNever || *at == scheduler::kNeverBefore) return nullptr;
  return json::string{zone.to_rfc3339(*at)};
}

std::string_view state_of(const TaskStatus& task, TimePoint now) {
  if (!task.spec->enabled) return "disabled";
  // Claimed, and for a thread or an exclusive name still to come, it waits.
  if (task.running) return task.running_since ? "running" : "waits";
  if (task.pause) return "paused";
  const bool held =
      std::ranges::any_of(task.holds, [&](const Hold& one) { return one.covers(now); });
  if (held) return "held";
  // Of a step, what an idle task waits for is how it stands.
  if (task.today && (task.today->state == "waits" || task.today->state == "skipped"))
    return task.today->state == "waits" ? "waits" : "skipped";
  return "idle";
}

json::value step_json(const std::optional<scheduler::StepState>& today) {
  if (!today) return nullptr;
  return json::object{{"state", today->state}, {"says", today->says}, {"to_do", today->to_do}};
}

json::object task_json(const TaskStatus& task, const Zone& zone, TimePoint now) {
  const auto& last = task.last;
  json::array holds;
  for (const Hold& hold : task.holds)
    holds.push_back(hold_json(hold, zone));
  return {{"id", task.spec->id.value()},
          {"name", task.spec->name},
          {"priority", task.spec->priority},
          {"group", task.spec->group},
          {"schedule", task.spec->schedule_text},
          {"state", state_of(task, now)},
          {"next", time_json(zone, task.next_due)},
          {"last_outcome", last ? json::value(name_of(last->state)) : json::value{}},
          {"last_at", last ? time_json(zone, last->key.nominal) : json::value{}},
          {"last_detail", last ? json::value(last->detail) : json::value{}},
          {"running_since", time_json(zone, task.running_since)},
          {"running_run", id_json(task.running_id)},
          {"waiting", task.waiting},
          {"held_run", id_json(task.held_id)},
          {"retry_run", id_json(task.retry_id)},
          {"retry_at", time_json(zone, task.retry_at)},
          {"paused", task.pause ? json::value(pause_json(*task.pause, zone)) : json::value{}},
          {"failing", failure_json(task.failure, zone)},
          {"holds", holds},
          {"today", step_json(task.today)}};
}

std::string open_text(const scheduler::OpenRun& open, const Zone& zone) {
  if (open.runs) return open.since ? "since " + zone.to_rfc3339(*open.since) : "since just now";
  std::string text = "for " + open.waits_for;
  if (open.until) text += " " + zone.to_rfc3339(*open.until);
  return text;
}

json::object run_json(const scheduler::RunRow& run, std::string_view task, const Zone& zone,
                      const scheduler::OpenRun* open) {
  const auto started = open != nullptr && open->runs ? open->since : run.started_at;
  const bool ended = !is_open(run.state);
  const bool runs = !ended && open != nullptr && open->runs;
  std::string detail = run.detail;
  if (!ended)
    detail =
        open != nullptr ? open_text(*open, zone) : "for its lane, or for its outcome to be written";
  return {{"run", run.id.value()},
          {"task", task},
          {"task_id", run.key.task.value()},
          {"nominal", time_json(zone, run.key.nominal)},
          {"last_nominal", time_json(zone, run.last_nominal)},
          {"pass", run.key.pass()},
          {"state", ended  ? "ended"
                    : runs ? "runs"
                           : "waits"},
          {"outcome", ended  ? name_of(run.state)
                      : runs ? "runs"
                             : "waits"},
          {"trigger", name_of(run.trigger)},
          {"business_date", run.business_date},
          {"attempt", open != nullptr ? open->row.attempt : run.attempt},
          {"count", run.count},
          {"claimed_at", time_json(zone, run.claimed_at)},
          {"started_at", time_json(zone, started)},
          {"finished_at", time_json(zone, run.finished_at)},
          {"waited_ms", millis_between(run.key.nominal, started)},
          {"took_ms", millis_between(started, run.finished_at)},
          {"actor", run.actor},
          {"detail", started ? detail : in_zone(detail, zone)}};
}

json::array attempts_json(const std::vector<scheduler::RunAttempt>& attempts, const Zone& zone) {
  json::array rows;
  for (const scheduler::RunAttempt& one : attempts)
    rows.push_back(json::object{{"run", one.run.value()},
                                {"attempt", one.attempt},
                                {"outcome", name_of(one.state)},
                                {"started_at", time_json(zone, one.started_at)},
                                {"finished_at", time_json(zone, one.finished_at)},
                                {"next_at", time_json(zone, one.next_at)},
                                {"detail", one.detail}});
  return rows;
}

std::string_view kind_of(const scheduler::Target& target) {
  switch (target.kind) {
    case scheduler::Target::Kind::kTask: return "task";
    case scheduler::Target::Kind::kGroup: return "group";
    case scheduler::Target::Kind::kLane: break;
  }
  return "lane";
}

json::object hold_json(const Hold& hold, const Zone& zone) {
  return {{"hold", hold.id.value()},
          {"on", kind_of(hold.target)},
          {"name", hold.target.name},
          {"kind", hold.is_pause() ? "pause" : "window"},
          {"from", time_json(zone, hold.from)},
          {"to", time_json(zone, hold.to)},
          {"reason", hold.reason},
          {"actor", hold.actor},
          {"made_at", time_json(zone, hold.made_at)}};
}

std::string_view lane_state(const scheduler::Lanes::Depth& lane, bool held) {
  if (lane.paused) return held ? "held" : "paused";
  if (held) return "held";
  if (lane.running >= lane.threads) return "full";
  return lane.running > 0 ? "running" : "idle";
}

json::object lane_json(const scheduler::Lanes::Depth& lane) {
  return {{"lane", lane.priority},      {"threads", lane.threads}, {"configured", lane.configured},
          {"running", lane.running},    {"queued", lane.queued},   {"paused", lane.paused},
          {"abandoned", lane.abandoned}};
}

json::object backfill_json(const scheduler::BackfillStatus& status, const Zone& zone) {
  const scheduler::KeptBackfill& backfill = status.backfill;
  const auto& dates = backfill.dates;
  return {{"backfill", backfill.id.value()},
          {"on", kind_of(backfill.target)},
          {"name", backfill.target.name},
          {"state", status.state()},
          {"from", dates.empty() ? 0 : dates.front().business_date},
          {"to", dates.empty() ? 0 : dates.back().business_date},
          {"dates", dates.size()},
          {"runs", status.runs()},
          {"done", status.done()},
          {"succeeded", status.succeeded()},
          {"begun_at", time_json(zone, backfill.begun_at)},
          {"ended_at", time_json(zone, backfill.ended_at)},
          {"cancelled_by", backfill.cancelled_by},
          {"actor", backfill.actor},
          {"reason", backfill.reason}};
}

json::array backfill_dates_json(const scheduler::BackfillStatus& status) {
  json::array rows;
  for (const scheduler::BackfillDate& date : status.backfill.dates) {
    const auto& failure = date.failure;
    rows.push_back(
        json::object{{"business_date", date.business_date},
                     {"outcome", scheduler::outcome_of(date, status.under_way)},
                     {"steps", date.steps},
                     {"done", date.ended},
                     {"succeeded", date.succeeded},
                     {"run", failure ? json::value(failure->run.value()) : json::value{}},
                     {"task", failure ? json::value(failure->task) : json::value{}},
                     {"detail", failure ? json::value(failure->detail) : json::value{}}});
  }
  return rows;
}

json::object alarm_json(const scheduler::Alarm& alarm, const Zone& zone) {
  json::value date;
  if (alarm.business_date != 0) date = alarm.business_date;
  return {{"task", alarm.task ? alarm.task->name : ""},
          {"alarm", name_of(alarm.kind)},
          {"business_date", date},
          {"since", time_json(zone, alarm.since)},
          {"says", in_zone(alarm.says, zone)}};
}

json::object holds_on(const scheduler::Target& target, const std::vector<Hold>& holds,
                      const Zone& zone) {
  json::value paused;
  json::array windows;
  for (const Hold& hold : holds) {
    if (hold.target != target) continue;
    if (hold.is_pause())
      paused = hold_json(hold, zone);
    else
      windows.push_back(hold_json(hold, zone));
  }
  return {{"paused", paused}, {"windows", windows}};
}

}  // namespace systask::service
