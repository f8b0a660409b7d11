// The states of a run, enumerated once; the database repeats them as a CHECK constraint.
// Claimed and waiting are open; every other state is an outcome, and final (S1).
#pragma once

#include <array>
#include <optional>
#include <string_view>

namespace systask::scheduler {

enum class RunState {
  kClaimed,  // owned by this service: queued, running, or lost with it
  kWaiting,  // claimed, and waits for the tasks it comes after
  kSucceeded,
  kFailed,
  kTimedOut,   // asked to stop at its timeout, and stopped
  kAbandoned,  // asked to stop, and did not
  kCancelled,
  kSkippedOverlap,  // the run before it had not ended
  kSkippedLaneFull,
  kSkippedWindow,  // outside the window in which it may start
  kSkippedPaused,
  kSkippedLate,  // later than its late policy allows
  kCoalesced,    // another occurrence ran for it
  kHeld,         // what it comes after was not done before its next occurrence
  kRefused,      // the body refused: for example, no calendar data
  kLost,         // the service died with it, and on_lost says record
  kSkippedStep,  // somebody said to go on without it: done, for what comes after it
};

struct RunStateName {
  RunState state;
  std::string_view name;
};
// In the order of the enumeration.
inline constexpr std::array kRunStates{
    RunStateName{RunState::kClaimed, "claimed"},
    RunStateName{RunState::kWaiting, "waiting"},
    RunStateName{RunState::kSucceeded, "succeeded"},
    RunStateName{RunState::kFailed, "failed"},
    RunStateName{RunState::kTimedOut, "timed_out"},
    RunStateName{RunState::kAbandoned, "abandoned"},
    RunStateName{RunState::kCancelled, "cancelled"},
    RunStateName{RunState::kSkippedOverlap, "skipped_overlap"},
    RunStateName{RunState::kSkippedLaneFull, "skipped_lane_full"},
    RunStateName{RunState::kSkippedWindow, "skipped_window"},
    RunStateName{RunState::kSkippedPaused, "skipped_paused"},
    RunStateName{RunState::kSkippedLate, "skipped_late"},
    RunStateName{RunState::kCoalesced, "coalesced"},
    RunStateName{RunState::kHeld, "held"},
    RunStateName{RunState::kRefused, "refused"},
    RunStateName{RunState::kLost, "lost"},
    RunStateName{RunState::kSkippedStep, "skipped_step"},
};

[[nodiscard]] constexpr std::string_view name_of(RunState state) {
  return kRunStates[static_cast<std::size_t>(state)].name;
}
[[nodiscard]] constexpr std::optional<RunState> run_state_of(std::string_view name) {
  for (const RunStateName& known : kRunStates)
    if (known.name == name) return known.state;
  return std::nullopt;
}
// For what comes after it, on success.
[[nodiscard]] constexpr bool is_done(RunState state) {
  return state == RunState::kSucceeded || state == RunState::kSkippedStep;
}
// The work was not done, and nobody wanted that: somebody has to look.
[[nodiscard]] constexpr bool is_failure(RunState state) {
  switch (state) {
    case RunState::kFailed:
    case RunState::kTimedOut:
    case RunState::kAbandoned:
    case RunState::kLost:
    case RunState::kRefused:
    case RunState::kSkippedLaneFull: return true;
    default: return false;
  }
}
[[nodiscard]] constexpr bool is_open(RunState state) {
  return state == RunState::kClaimed || state == RunState::kWaiting;
}
// An open run may end, and a waiting one may begin; an outcome never changes.
[[nodiscard]] constexpr bool allowed(RunState from, RunState to) {
  if (from == RunState::kWaiting) return to != RunState::kWaiting;
  return from == RunState::kClaimed && !is_open(to);
}

static_assert([] {
  for (std::size_t i = 0; i < kRunStates.size(); ++i)
    if (static_cast<std::size_t>(kRunStates[i].state) != i) return false;
  return true;
}());
static_assert(!allowed(RunState::kSucceeded, RunState::kFailed));
static_assert(!is_failure(RunState::kCancelled) && !is_failure(RunState::kSkippedPaused));
static_assert(!allowed(RunState::kClaimed, RunState::kWaiting));

}  // namespace systask::scheduler
