// What becomes of a task's occurrences that a tick finds due: the rule in one pure
// function, so that it can be read, and tested without an engine.
#pragma once

#include <optional>
#include <vector>

#include "scheduler/run_state.h"
#include "scheduler/task.h"

namespace systask::scheduler {

struct DueInput {
  const TaskSpec& spec;
  TimePoint watermark;  // occurrences up to here have been dealt with
  TimePoint now;
  bool paused = false;
  bool running = false;    // a run of the task has not ended
  bool once_more = false;  // and another waits for it to end
};

// Consecutive occurrences that do not run, for one reason.
struct Missed {
  RunState state;
  TimePoint first;
  TimePoint last;
  std::int64_t count;
};

struct DueDecision {
  std::optional<TimePoint> run;        // the occurrence that runs
  bool when_ended = false;             // only when the running one has ended
  std::vector<Missed> missed;          // in order of time; all before `run`
  std::optional<TimePoint> watermark;  // nothing: nothing was due
};

[[nodiscard]] DueDecision decide_due(const DueInput& input);

}  // namespace systask::scheduler
