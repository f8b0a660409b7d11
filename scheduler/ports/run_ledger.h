// The RunLedger keeps every run and its one outcome (S1). The engine claims through it;
// the API, the CLI and an operator ask it why a task did not run.
//
// Calls may come from any thread. A call that returns has been made durable; one that
// throws has changed nothing. Two implementations pass one suite: memory and SQL.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

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
  // The row that accounts for the occurrence of that nominal time: its own, or the row
  // of several occurrences missed together that covers it.
  virtual std::optional<RunRow> outcome_of(TaskId task, TimePoint nominal) = 0;

  // Deletes at most `limit` finished rows whose nominal time is before `before`; how many.
  virtual std::size_t prune(TimePoint before, std::size_t limit) = 0;
};

}  // namespace systask::scheduler
