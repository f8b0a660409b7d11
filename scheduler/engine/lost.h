// What becomes of a run that was open when the service ended: pure functions.
//
// A run that its own body may have ended the service with is made again so often as its retry
// says (without one: kRerunsWithoutRetry), counted over all starts. An attempt that a stop of the
// service ended is no fault of the body, and does not count.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "scheduler/ports/run_attempts.h"
#include "scheduler/run.h"

namespace systask::scheduler {

inline constexpr int kRerunsWithoutRetry = 3;

// The beginning of the detail of what a stop of the service ended.
inline constexpr std::string_view kEndedByStop = "ended by the service's stop";
[[nodiscard]] inline bool was_ended_by_stop(std::string_view detail) {
  return detail.starts_with(kEndedByStop);
}

struct LostRun {
  int attempt = 1;     // the one that was under way, or was to begin
  bool began = false;  // it was under way, as far as anybody knows
  int failures = 0;    // attempts so far that count
  int most = 0;        // further attempts that are allowed
  bool again = false;  // by on_lost
  std::string why;     // the outcome's text, where it is not made again
};

// `earlier`: the attempts that the ledger knows of, in order.
[[nodiscard]] LostRun decide_lost(const TaskSpec& spec, const RunRow& row,
                                  std::span<const RunAttempt> earlier);

// The text of the attempt that was under way.
[[nodiscard]] std::string why_lost(const RunRow& row);

}  // namespace systask::scheduler
