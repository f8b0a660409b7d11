#include "scheduler/engine/alarm_watch.h"

#include <fmt/format.h>

#include <algorithm>

#include "scheduler/when/duration.h"

namespace systask::scheduler {
namespace {

using namespace std::chrono_literals;

// How far two readings of one success may differ, which is measured by the monotonic clock.
constexpr Micros kRead = 50ms;

constexpr auto kLater = [](const auto& a, const auto& b) { return a.at > b.at; };

const std::optional<TimeOfDay>& limit_of(const TaskSpec& task, Alarm::Kind kind) {
  const AlarmPolicy& policy = task.special().alarms;
  return kind == Alarm::Kind::kNotStarted ? policy.must_start_by : policy.must_finish_by;
}

// Whether what was missing has happened.
bool is_over(const Alarm& alarm, const TaskFacts& facts) {
  switch (alarm.kind) {
    case Alarm::Kind::kNotStarted:
      return facts.begun_date >= alarm.business_date || facts.done_date >= alarm.business_date;
    case Alarm::Kind::kNotFinished: return facts.done_date >= alarm.business_date;
    case Alarm::Kind::kNotRun: return facts.last_success > alarm.since + kRead;
    case Alarm::Kind::kFailed:            // no concern of the watch
    case Alarm::Kind::kClockStep: break;  // nor this
  }
  return true;
}

std::string last_success_of(const TaskFacts& facts) {
  const std::string at = to_rfc3339(facts.last_success);
  if (facts.has_succeeded) return fmt::format("its latest success was at {}", at);
  if (facts.has_run)
    return fmt::format("no run of it has succeeded, as far as the ledger knows; watched since {}",
                       at);
  return fmt::format("it has never run, as far as the ledger knows; watched since {}", at);
}

bool same(const Alarm& a, const Alarm& b) { return a.task->id == b.task->id && a.kind == b.kind; }

}  // namespace

void AlarmWatch::watch(std::vector<std::shared_ptr<const TaskSpec>> tasks, TimePoint now) {
  checks_.clear();
  for (const auto& task : tasks) {
    const AlarmPolicy& policy = task->special().alarms;
    // Today's too: what should have happened before a start is looked at once.
    for (const Alarm::Kind kind : {Alarm::Kind::kNotStarted, Alarm::Kind::kNotFinished})
      if (const auto& limit = limit_of(*task, kind)) schedule({limit->on_date_of(now), task, kind});
    if (policy.not_run_for > 0us) schedule({now, task, Alarm::Kind::kNotRun});
  }
}

void AlarmWatch::clock_was_set(TimePoint now, Micros jump) {
  for (Alarm& alarm : raised_) {
    if (alarm.kind == Alarm::Kind::kNotRun) alarm.since += jump;
  }
  for (Check& check : checks_)
    if (check.kind == Alarm::Kind::kNotRun) check.at = now;
  std::ranges::make_heap(checks_, kLater);
}

TimePoint AlarmWatch::next_check() const {
  return checks_.empty() ? TimePoint::max() : checks_.front().at;
}

void AlarmWatch::schedule(Check check) {
  checks_.push_back(std::move(check));
  std::ranges::push_heap(checks_, kLater);
}

AlarmWatch::Changes AlarmWatch::look(TimePoint now, const AlarmWorld& world) {
  Changes changes;
  std::erase_if(raised_, [&](const Alarm& alarm) {
    const auto facts = world.facts(alarm.task->id);
    // One of a time that has not come, after all: the wall clock was ahead and was put right.
    const bool ahead = alarm.since > now + kRead;
    if (facts && !is_over(alarm, *facts) && !ahead) return false;
    changes.cleared.push_back(alarm);
    return true;
  });
  while (!checks_.empty() && checks_.front().at <= now) {
    std::ranges::pop_heap(checks_, kLater);
    const Check check = std::move(checks_.back());
    checks_.pop_back();
    std::optional<Alarm> alarm = decide(check, now, world);
    if (!alarm) continue;
    const auto known =
        std::ranges::find_if(raised_, [&](const Alarm& other) { return same(*alarm, other); });
    if (known != raised_.end()) {
      if (known->business_date == alarm->business_date) continue;
      changes.cleared.push_back(std::move(*known));  // another date, another alarm
      raised_.erase(known);
    }
    changes.raised.push_back(*alarm);
    raised_.push_back(std::move(*alarm));
  }
  return changes;
}

std::optional<Alarm> AlarmWatch::decide(const Check& check, TimePoint now,
                                        const AlarmWorld& world) {
  const auto facts = world.facts(check.task->id);
  if (!facts) return std::nullopt;
  if (check.kind != Alarm::Kind::kNotRun) {
    // The same time of the next day, which the noon of this one and a day is in.
    const TimeOfDay& limit = *limit_of(*check.task, check.kind);
    schedule({limit.on_date_of(start_of_day(limit.zone, check.at) + 36h), check.task, check.kind});
    return decide_by_time(check, world);
  }
  const Micros span = check.task->special().alarms.not_run_for;
  const TimePoint due = facts->last_success + span;
  schedule({due > now ? due : now + span, check.task, check.kind});
  if (due > now) return std::nullopt;
  return Alarm{
      check.task, check.kind, 0, facts->last_success,
      fmt::format("task '{}' has not succeeded for {}: {}{}{}", check.task->name,
                  format_duration(span), last_success_of(*facts), facts->fails, facts->held)};
}

std::optional<Alarm> AlarmWatch::decide_by_time(const Check& check, const AlarmWorld& world) {
  const TimeOfDay& limit = *limit_of(*check.task, check.kind);
  const auto date = world.expected(*check.task, start_of_day(limit.zone, check.at), check.at);
  if (!date) return std::nullopt;
  const bool start = check.kind == Alarm::Kind::kNotStarted;
  const auto facts = world.facts(check.task->id);
  Alarm alarm{check.task, check.kind, *date, check.at, {}};
  if (!facts || is_over(alarm, *facts)) return std::nullopt;
  alarm.says = fmt::format("task '{}' has not {} by {} for business date {}{}{}{}",
                           check.task->name, start ? "started" : "succeeded", limit.text(), *date,
                           facts->has_run ? "" : "; it has never run, as far as the ledger knows",
                           facts->fails, facts->held);
  return alarm;
}

}  // namespace systask::scheduler
