// The RunLedger keeps every run and its one outcome (S1). The engine claims through it;
// the API, the CLI and an operator ask it why a task did not run.
//
// Calls may come from any thread. A call that returns has been made durable; one that
// throws has changed nothing. Two implementations pass one suite: memory and SQL.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "scheduler/clock_step.h"
#include "scheduler/run.h"

namespace systask::scheduler {

// The occurrences of `task` up to and including `watermark` have been dealt with.
struct WatermarkMove {
  TaskId task;
  TimePoint watermark;
  TimePoint next_due;  // kNever where there is none; kept for people who look
};

// All that one tick decided. One transaction makes it true.
struct TickClaims {
  std::vector<RunRow> runs;     // open rows: claimed or waiting
  std::vector<RunRow> skipped;  // rows with their outcome; one that exists is extended
                                // (last_nominal, count, detail)
  std::vector<WatermarkMove> moves;
  std::vector<RunGiven> given{};  // to some of these runs; dropped with them

  [[nodiscard]] bool empty() const { return runs.empty() && skipped.empty() && moves.empty(); }
};

// What start-up needs to know of a task's past.
struct TaskPast {
  TaskId task;
  RunRow last;                            // its latest run that was started
  int last_succeeded_date = 0;            // business date of its latest success, or 0
  std::optional<TimePoint> last_success;  // when that ended
};

struct RunQuery {
  std::optional<TaskId> task;           // nothing: of every task
  TimePoint before = TimePoint::max();  // only rows whose nominal time is earlier
  std::size_t limit = 50;
};

// Whoever sets the clock back every second keeps no more than these.
inline constexpr std::size_t kClockStepsKept = 100;

// Whether the occurrence of that row is not to run when its time comes again, after the wall clock
// was set back: it began, or may have, or still will, or somebody decided that it shall not.
[[nodiscard]] inline bool is_dealt_with(const RunRow& row) {
  if (row.started_at || row.attempt > 1) return true;
  switch (row.state) {
    case RunState::kSkippedOverlap:
    case RunState::kSkippedLaneFull:
    case RunState::kSkippedWindow:
    case RunState::kSkippedPaused:
    case RunState::kSkippedLate:
    case RunState::kCoalesced:
    case RunState::kHeld:
    case RunState::kRefused: return false;
    default: return true;
  }
}

class RunLedger {
 public:
  virtual ~RunLedger() = default;

  // Inserts the runs and moves the watermarks, all or nothing (S2). Answers the keys that
  // were taken already: they belong to someone else and must not run.
  virtual std::vector<RunKey> claim(const TickClaims& claims) = 0;

  // Writes states and outcomes. A row that exists changes only while it is open; a row
  // that does not exist (an event's run, claimed by nobody) is inserted as it is.
  virtual void record(std::span<const RunRow> rows) = 0;

  // Open rows, in order of key: what a crash or a stop left behind.
  virtual std::vector<RunRow> unfinished() = 0;
  virtual std::vector<TaskPast> pasts() = 0;
  // The highest run id ever given, or 0.
  virtual RunId highest_id() = 0;
  // The lowest id that a row has, or 0 where there is no row.
  virtual RunId lowest_id() = 0;

  virtual std::optional<RunRow> find(RunId run) = 0;
  // Latest nominal time first.
  virtual std::vector<RunRow> runs(const RunQuery& query) = 0;
  // The rows that account for the occurrence of that nominal time, one for each pass over it, the
  // latest pass first: its own, or the row of several occurrences missed together that covers it.
  virtual std::vector<RunRow> outcomes_of(TaskId task, TimePoint nominal) = 0;
  // Of the latest pass.
  [[nodiscard]] std::optional<RunRow> outcome_of(TaskId task, TimePoint nominal) {
    std::vector<RunRow> rows = outcomes_of(task, nominal);
    if (rows.empty()) return std::nullopt;
    return std::move(rows.front());
  }

  // The wall clock was set back: keeps the step, moves watermarks, and gives `rows`, which are
  // open, their outcome. All or nothing.
  virtual void turn_back(const ClockStep& step, std::span<const WatermarkMove> moves,
                         std::span<const RunRow> rows) = 0;
  // The latest ones, the latest first; at most kClockStepsKept.
  virtual std::vector<ClockStep> clock_steps() = 0;
  // The nominal times, in order, after `after` and up to `until`, of what the task's schedule
  // made and what may not be made again: see is_dealt_with().
  virtual std::vector<TimePoint> dealt_with(TaskId task, TimePoint after, TimePoint until) = 0;

  // Deletes at most `limit` finished rows whose nominal time is before `before`; how many.
  virtual std::size_t prune(TimePoint before, std::size_t limit) = 0;
};

}  // namespace systask::scheduler
