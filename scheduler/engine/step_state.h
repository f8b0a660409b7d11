// How a step of a group stands for one business date: what became of it, or what it waits for,
// down to the step that failed, and the command to go on. Pure functions.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "scheduler/hold.h"
#include "scheduler/run.h"

namespace systask::scheduler {

// What is known of a task for that date.
struct StepFacts {
  std::shared_ptr<const TaskSpec> spec;
  int date = 0;  // YYYYMMDD
  TimePoint now{};
  std::string skipped;             // why, where somebody skipped it
  std::string held;                // by a pause or a window that lasts now
  std::optional<RunRow> last;      // of the date, with an outcome
  std::optional<RunId> run;        // open: under way, or about to begin
  std::optional<TimePoint> since;  // it began
  std::optional<TimePoint> retry_at;
  bool done = false;  // for what comes after it
  bool ended = false;
  bool waiting = false;          // an occurrence of it waits for what it comes after
  std::optional<TimePoint> due;  // its next occurrence, where that is of the date
  TimePoint next_due = kNever;
};

struct StepState {
  std::string state;  // "running", "retrying", "skipped", "waits", "paused", "held", "not due",
                      // "none", "disabled", or the outcome: "succeeded", "failed", ...
  std::string says;   // "waits for 'archive-day', which failed at …: no disk"
  std::string to_do;  // the command that goes on; empty where nobody need do anything
  std::optional<RunId> run;  // whose outcome, or start, it tells

  friend bool operator==(const StepState&, const StepState&) = default;
};

// Nothing where there is no such task.
using StepLookup = std::function<std::optional<StepFacts>(std::string_view task)>;

[[nodiscard]] StepState step_state(const StepFacts& step, const StepLookup& others);

}  // namespace systask::scheduler
