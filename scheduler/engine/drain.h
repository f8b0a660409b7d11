// What becomes of the bodies that are under way when the service stops: pure functions.
//
// Each gets its stop_timeout, is then asked to stop, and is given up where it does not within its
// grace. An operator who hurries cuts both short.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "scheduler/task.h"

namespace systask::scheduler {

// How long the bodies get, and when somebody asked to hurry.
struct DrainRules {
  MonotonicPoint since{};  // the stop began
  Micros timeout{0};       // for tasks without a stop_timeout of their own
  int hurries = 0;         // 1: asked to stop at once, with a short grace; 2: given up at once
  MonotonicPoint hurried_at{};
};

struct DrainBody {
  const TaskSpec& spec;
  RunId run;
  std::optional<MonotonicPoint> asked_at;  // to stop, by whomever
};

enum class DrainStep : std::uint8_t { kWait, kAsk, kGiveUp };

struct DrainDecision {
  DrainStep step = DrainStep::kWait;
  MonotonicPoint until{};     // of kWait: when there is more to do
  MonotonicPoint given_up{};  // it is gone by then
};

[[nodiscard]] DrainDecision decide_drain(const DrainBody& body, const DrainRules& rules,
                                         MonotonicPoint now);

// "nightly-report (run 17, 25s more), mirror (run 19, asked to stop, 5s more)"; five at most, and
// how many others.
[[nodiscard]] std::string who_runs(std::span<const DrainBody> bodies, const DrainRules& rules,
                                   MonotonicPoint now);

}  // namespace systask::scheduler
