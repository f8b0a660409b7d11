#include "service/api/why_text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <boost/json.hpp>

#include "scheduler/ahead/skipped_days.h"
#include "scheduler/when/duration.h"
#include "service/api/task_json.h"

namespace systask::service {
namespace {

namespace json = boost::json;
using scheduler::Explanation;
using scheduler::Occurrence;
using scheduler::RunRow;
using scheduler::RunState;
using scheduler::TaskSpec;

Zone zone_of(const TaskSpec& spec) {
  const auto zone = Zone::find(spec.zone);
  return zone ? *zone : Zone::utc();
}

std::string predecessors(const TaskSpec& spec) {
  std::string names;
  for (const scheduler::Predecessor& before : spec.after)
    names += fmt::format("{}'{}'", names.empty() ? "" : " and ", before.task);
  return names;
}

// What became of one that is still open.
std::string open_text(const TaskSpec& spec, const RunRow& row, const Zone& zone) {
  if (row.state == RunState::kWaiting)
    return spec.after.empty() ? "waits to begin" : "waits for " + predecessors(spec);
  if (row.started_at)
    return fmt::format("began at {} and is under way", zone.to_rfc3339(*row.started_at));
  return "was claimed and has no outcome yet: it is queued or under way";
}

std::string outcome_text(const TaskSpec& spec, const RunRow& row, const Zone& zone) {
  if (is_open(row.state)) return open_text(spec, row, zone);
  if (!row.started_at || !row.finished_at)
    return fmt::format("did not run: {}{}{}", name_of(row.state), row.detail.empty() ? "" : ", ",
                       row.detail);
  const Micros late = scheduler::lateness_of(spec.timetable, row);
  const TimePoint planned = scheduler::planned_start(spec.timetable, row);
  const std::string jitter =
      planned == row.key.nominal
          ? std::string{}
          : fmt::format("; its jitter put its start at {}", zone.to_rfc3339(planned));
  return fmt::format(
      "ran and {}{}{}{}; it began {} {} it was due and took {}",
      row.state == RunState::kSucceeded ? "succeeded"
                                        : fmt::format("ended as {}", name_of(row.state)),
      row.detail.empty() ? "" : ": ", row.detail, jitter,
      scheduler::format_duration(late < Micros{0} ? -late : late),
      late < Micros{0} ? "before" : "after",
      scheduler::format_duration(std::max(Micros{0}, *row.finished_at - *row.started_at)));
}

std::string recorded(const TaskSpec& spec, TimePoint at, const Explanation& found,
                     const Zone& zone) {
  const RunRow& row = *found.row;
  std::string text =
      fmt::format("{} of {} {}.", spec.name, zone.to_rfc3339(at), outcome_text(spec, row, zone));
  if (row.count > 1)
    text +=
        fmt::format(" It is one of {} occurrences in a row, from {} to {}, with that outcome.",
                    row.count, zone.to_rfc3339(row.key.nominal), zone.to_rfc3339(row.last_nominal));
  if (!found.attempts.empty()) text += fmt::format(" It took {} attempts.", row.attempt);
  for (const RunRow& before : found.earlier)
    text += fmt::format(" Before the wall clock was set back, in pass {}, it {}.",
                        before.key.pass(), outcome_text(spec, before, zone));
  return text;
}

// What a wall clock that was set back has to do with that time.
std::string clock_text(const TaskSpec& spec, const Explanation& found, const Zone& zone) {
  if (!found.step) return {};
  std::string text = fmt::format(" Note that {}.", describe(*found.step, zone));
  const bool came = found.row && found.row->key.pass() == found.step->pass;
  if (!came && found.row && spec.enabled && spec.timetable.is_rhythm())
    text += fmt::format(" It comes again, as pass {}, unless it has passed.", found.step->pass);
  return text;
}

// The day, where the calendar leaves it out.
std::string calendar_text(const TaskSpec& spec, TimePoint at) {
  const auto calendar = spec.timetable.calendar();
  if (!calendar) return {};
  const std::string why =
      scheduler::why_no_business_day(*calendar, date_at(calendar->zone_table(), at));
  return why.empty() ? std::string{} : fmt::format(" On that day it has none: {}.", why);
}

std::string around(const TaskSpec& spec, TimePoint at, const Zone& zone) {
  if (std::holds_alternative<scheduler::Delay>(spec.timetable.schedule()))
    return " It has no times of its own: it follows the end of its last run.";
  if (spec.timetable.on_demand())
    return spec.after.empty()
               ? " It has no schedule: it runs when it is asked to."
               : fmt::format(" It has no schedule: it runs after {}.", predecessors(spec));
  const Occurrence before = spec.timetable.previous(at);
  const Occurrence next = spec.timetable.next(at);
  const std::string was = before.nominal == scheduler::kNeverBefore
                              ? "It had none before"
                              : "The one before was at " + zone.to_rfc3339(before.nominal);
  const std::string is = next.nominal == scheduler::kNever
                             ? "there is none after it"
                             : "the next is at " + zone.to_rfc3339(next.nominal);
  return fmt::format(" {}; {}.", was, is);
}

std::string ahead(const TaskSpec& spec, TimePoint at, const Explanation& found, const Zone& zone) {
  const std::string when = zone.to_rfc3339(at);
  if (found.expected == RunState::kSucceeded)
    return fmt::format(
        "{} of {} lies ahead and will run, as things stand{}.", spec.name, when,
        spec.after.empty()
            ? ""
            : ", once " + predecessors(spec) + (spec.after.size() == 1 ? " is" : " are") + " done");
  return fmt::format("{} of {} lies ahead and will not run, as things stand: {}, {}.", spec.name,
                     when, found.expected ? name_of(*found.expected) : "skipped", found.says);
}

// What keeps the task from starting now, and how it stands today, where that says more.
std::string meanwhile(const Explanation& found) {
  std::string text;
  if (found.held.starts_with("paused"))
    text += fmt::format(" The task is {}.", found.held);
  else if (!found.held.empty())
    text += fmt::format(" Now it is held: {}.", found.held);
  if (!found.today) return text;
  const scheduler::StepState& today = *found.today;
  const bool ahead =
      found.kind == Explanation::Kind::kNoOccurrence || found.kind == Explanation::Kind::kAhead;
  const bool this_run = found.row && today.run == found.row->id;
  const bool waits = found.row && found.row->state == RunState::kWaiting;
  const bool told = found.kind != Explanation::Kind::kAhead && today.state == "none";
  const bool same = !found.held.empty() && (today.state == "paused" || today.state == "held");
  const bool participle =
      today.state == "not due" || today.state == "skipped" || today.state == "held";
  if ((ahead || waits) && !told && !same)
    text += fmt::format(" Today it {}{}.", participle ? "is " : "", today.says);
  if ((ahead || waits || this_run) && !today.to_do.empty() && found.held.empty())
    text += fmt::format(" To go on: {}.", today.to_do);
  return text;
}

std::string_view name_of_kind(Explanation::Kind kind) {
  switch (kind) {
    case Explanation::Kind::kRecorded: return "recorded";
    case Explanation::Kind::kAhead: return "ahead";
    case Explanation::Kind::kDue: return "due";
    case Explanation::Kind::kNoOccurrence: return "no-occurrence";
    case Explanation::Kind::kForgotten: break;
  }
  return "forgotten";
}

json::array earlier_json(const TaskSpec& spec, const Explanation& found, const Zone& zone) {
  json::array rows;
  for (const RunRow& row : found.earlier)
    rows.push_back(run_json(row, spec.name, zone));
  return rows;
}

bool is_timed(const TaskSpec& spec) {
  return spec.enabled && !spec.timetable.on_demand() &&
         !std::holds_alternative<scheduler::Delay>(spec.timetable.schedule());
}

std::string answer_text(const TaskSpec& spec, TimePoint at, const Explanation& found) {
  const Zone zone = zone_of(spec);
  switch (found.kind) {
    case Explanation::Kind::kRecorded: return recorded(spec, at, found, zone);
    case Explanation::Kind::kAhead: return ahead(spec, at, found, zone);
    case Explanation::Kind::kDue:
      return fmt::format("{} of {} is due, and the next tick deals with it.", spec.name,
                         zone.to_rfc3339(at));
    case Explanation::Kind::kForgotten:
      return fmt::format("{} had an occurrence at {}, but {}.", spec.name, zone.to_rfc3339(at),
                         found.says);
    case Explanation::Kind::kNoOccurrence: break;
  }
  if (!spec.enabled)
    return fmt::format("{} does not run: it is disabled in the configuration.", spec.name);
  return fmt::format("{} has no occurrence at {}.{}{}", spec.name, zone.to_rfc3339(at),
                     calendar_text(spec, at), around(spec, at, zone));
}

}  // namespace

std::string why_text(const TaskSpec& spec, TimePoint at, const Explanation& found) {
  return answer_text(spec, at, found) + meanwhile(found) + clock_text(spec, found, zone_of(spec));
}

json::object why_json(const TaskSpec& spec, TimePoint at, const Explanation& found) {
  const Zone zone = zone_of(spec);
  json::object object{
      {"task", spec.name},
      {"at", zone.to_rfc3339(at)},
      {"kind", name_of_kind(found.kind)},
      {"answer", why_text(spec, at, found)},
      {"expected", found.expected ? json::value(name_of(*found.expected)) : json::value{}},
      {"run", found.row ? json::value(run_json(*found.row, spec.name, zone)) : json::value{}},
      {"attempts", attempts_json(found.attempts, zone)},
      {"earlier_passes", earlier_json(spec, found, zone)},
      {"clock", found.step ? json::value(describe(*found.step, zone)) : json::value{}},
      {"held", found.held.empty() ? json::value{} : json::value(found.held)},
      {"today", step_json(found.today)},
      {"previous", nullptr},
      {"next", nullptr}};
  if (is_timed(spec)) {
    object["previous"] = time_json(zone, spec.timetable.previous(at).nominal);
    object["next"] = time_json(zone, spec.timetable.next(at).nominal);
  }
  return object;
}

}  // namespace systask::service
