// Which of a task's occurrences that a tick finds due are to run, and what the others are in
// the ledger: the rule in one pure function, so that it can be read, and tested without an
// engine. What a run does that meets another one is overlap.h's to say.
#pragma once

#include <boost/container/small_vector.hpp>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "scheduler/hold.h"
#include "scheduler/run_state.h"
#include "scheduler/task.h"

namespace systask::scheduler {

struct DueInput {
  const TaskSpec& spec;
  TimePoint watermark;  // occurrences up to here have been dealt with
  TimePoint now;
  std::span<const Hold> holds = {};          // that concern the task: pauses and windows
  TimePoint delayed = kNever;                // for `delay` only: when it is due after its last run
  TimePoint again_until = TimePoint::min();  // times up to here come again: another pass
  // The wall clock went over what lies before: it is not late.
  TimePoint gone_over = TimePoint::min();
  std::span<const TimePoint> dealt_with = {};  // in order: these are not to run again
};

struct DueRun {
  TimePoint nominal;
  int business_date = 0;  // by its calendar; 0: it has none to say so
};

// Consecutive occurrences that do not run, for one reason.
struct Missed {
  RunState state;
  TimePoint first;
  TimePoint last;
  std::int64_t count;
  std::string why;
};

struct DueDecision {
  boost::container::small_vector<DueRun, 1> runs;  // in order of time
  std::vector<Missed> missed;                      // in order of time
  std::optional<TimePoint> watermark;              // nothing: nothing was due
  TimePoint next_due = kNever;                     // when the next occurrence is due
};

[[nodiscard]] DueDecision decide_due(const DueInput& input);

// The latest instant at which an occurrence may start, by its task's not_after.
[[nodiscard]] TimePoint latest_start(const TaskSpec& spec, TimePoint nominal);
// "paused by bob: broken feed", "nothing starts from ... to ..., says bob: maintenance".
[[nodiscard]] std::string why_held(const Hold& hold);

}  // namespace systask::scheduler
