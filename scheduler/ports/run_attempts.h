// RunAttempts keeps the attempts of a run that were followed by another: by a retry, or by
// one more at the start after a crash. The last attempt is the run's own row in the
// RunLedger, with the outcome of the occurrence.
//
// Calls may come from any thread; durable when they return, and one that throws has changed
// nothing. Two implementations pass one suite: memory and SQL.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "scheduler/run.h"

namespace systask::scheduler {

struct RunAttempt {
  RunId run;
  int attempt = 1;
  RunState state = RunState::kFailed;  // failed, timed out or lost
  std::optional<TimePoint> started_at;
  TimePoint finished_at{};
  TimePoint next_at{};  // when the next attempt was to begin
  std::string detail;

  friend bool operator==(const RunAttempt&, const RunAttempt&) = default;
};

class RunAttempts {
 public:
  virtual ~RunAttempts() = default;

  // One that is there already stays as it is.
  virtual void add(std::span<const RunAttempt> attempts) = 0;
  // Of one run, in order.
  virtual std::vector<RunAttempt> of(RunId run) = 0;
  // Drops the attempts of runs with lower ids; at most `limit`, and answers how many.
  virtual std::size_t prune(RunId before, std::size_t limit) = 0;
};

}  // namespace systask::scheduler
