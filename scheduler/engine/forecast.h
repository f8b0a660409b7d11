// What will become of an occurrence that the ledger knows nothing of, out of its timetable,
// policies and holds: a pure function.
#pragma once

#include <string>
#include <vector>

#include "scheduler/engine/status.h"

namespace systask::scheduler {

struct ForecastInput {
  TimePoint at;  // which occurrence
  TimePoint now;
  TimePoint watermark{};        // the engine has dealt with occurrences up to here
  TimePoint next_due = kNever;  // for `delay` only: when it is due
  std::vector<Hold> holds = {};
  std::string skipped = {};  // why, where somebody skipped it for its business date
};

[[nodiscard]] Explanation forecast(const TaskSpec& spec, const ForecastInput& input);

// "attempt 1 failed at 2026-05-22T00:30:00Z: no disk", for each.
[[nodiscard]] std::vector<std::string> describe(const std::vector<RunAttempt>& attempts);

}  // namespace systask::scheduler
