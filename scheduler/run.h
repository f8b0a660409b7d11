// What a body is told about the run it makes, and what the ledger keeps of it.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <string_view>

#include "scheduler/run_state.h"
#include "scheduler/task.h"

namespace systask::scheduler {

// Why a run exists. Scheduled runs are unique by (task, nominal, pass). kBackfill: somebody had the
// task, or its group, run for a business date; kRerun: or one run made once more.
enum class Trigger { kSchedule, kManual, kEvent, kAfter, kBackfill, kRerun };

// Somebody wanted it: a pause does not stop it, and nobody but he makes it again.
[[nodiscard]] constexpr bool is_asked_for(Trigger trigger) {
  return trigger == Trigger::kManual || trigger == Trigger::kBackfill || trigger == Trigger::kRerun;
}

[[nodiscard]] std::string_view name_of(Trigger trigger);
[[nodiscard]] std::optional<Trigger> trigger_of(std::string_view name);

// What a run printed, for people: UTF-8 with line feeds and no other control characters. Where it
// was long its beginning and its end, with a line between them that says how much was cut.
struct Printed {
  std::string text;
  std::uint64_t total = 0;  // bytes that it was in all
  std::uint64_t cut = 0;    // of these, left out of the text

  [[nodiscard]] bool empty() const { return text.empty() && total == 0; }
  friend bool operator==(const Printed&, const Printed&) = default;
};

// The context lives as long as the body's call; a body that has `stop` requested should
// return soon, with a sentence about what it got done.
struct RunContext {
  RunId id;
  const TaskSpec& task;
  TimePoint nominal;      // when it was due; for manual and event runs, when it was asked for
  int business_date = 0;  // YYYYMMDD
  Trigger trigger = Trigger::kSchedule;
  int attempt = 1;
  const Parameters& parameters;  // the task's, overridden by those of a manual run
  std::stop_token stop;
  // Where a body leaves what it printed, whether it succeeds or throws; may be null.
  Printed* printed = nullptr;
  std::int64_t pass = 0;  // of its nominal time: see RunKey::pass()
};

// Thrown by a body that must not run now (no calendar data for the date): the outcome is
// `refused`, with this text.
class RunRefused : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Thrown by a body that gave up because `stop` was requested: the outcome is `cancelled`,
// or `timed_out` where its timeout was the reason.
class RunStopped : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Identity of a ledger row. For what the schedule made, `key` is minus the pass over that time:
// 0, or the number of the ClockStep after which the time came again. For all other runs it is the
// run's id.
struct RunKey {
  TimePoint nominal;
  TaskId task;
  std::int64_t key = 0;

  [[nodiscard]] std::int64_t pass() const { return key < 0 ? -key : 0; }
  friend auto operator<=>(const RunKey&, const RunKey&) = default;
};

// What somebody gave a run when asking for it: why, and parameters over those of its task.
struct RunGiven {
  RunId run;
  std::string reason;
  Parameters parameters;

  [[nodiscard]] bool empty() const { return reason.empty() && parameters.empty(); }
  friend bool operator==(const RunGiven&, const RunGiven&) = default;
};

// A row of the ledger: one run, or several consecutive occurrences that were missed for
// one reason (key.nominal to last_nominal, `count` of them).
struct RunRow {
  RunKey key;
  RunId id;
  Trigger trigger = Trigger::kSchedule;
  RunState state = RunState::kClaimed;
  int business_date = 0;
  int attempt = 1;
  TimePoint last_nominal{};
  std::int64_t count = 1;
  TimePoint claimed_at{};
  std::optional<TimePoint> started_at;
  std::optional<TimePoint> finished_at;
  std::string detail;  // what the body said, the error, or why it was skipped
  std::string actor;   // who asked for it; empty for schedules

  friend bool operator==(const RunRow&, const RunRow&) = default;
};

// The names of all triggers, in the order of the enumeration.
[[nodiscard]] std::span<const std::string_view> trigger_names();

// When the run was to begin: its nominal time, or that with its jitter where its task has one.
// A run is as late as it began after this. `timetable`: of the run's task.
[[nodiscard]] TimePoint planned_start(const Timetable& timetable, const RunRow& row);
// How late it began; 0 where it never began.
[[nodiscard]] Micros lateness_of(const Timetable& timetable, const RunRow& row);

}  // namespace systask::scheduler
