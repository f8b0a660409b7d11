#include "scheduler/engine/retry.h"

#include <algorithm>
#include <cmath>

namespace systask::scheduler {
namespace {

// A number from -1 to 1, the same for the same input (the mixing steps of SplitMix64).
double spread(std::uint64_t seed) {
  seed += 0x9E3779B97F4A7C15U;
  seed = (seed ^ (seed >> 30U)) * 0xBF58476D1CE4E5B9U;
  seed = (seed ^ (seed >> 27U)) * 0x94D049BB133111EBU;
  seed ^= seed >> 31U;
  return static_cast<double>(seed >> 11U) / static_cast<double>(1ULL << 52U) - 1.0;
}

}  // namespace

bool is_retried(const RetryPolicy& policy, Trigger trigger, RunState outcome, int retries_made) {
  const bool worth_it = outcome == RunState::kFailed || outcome == RunState::kTimedOut;
  return worth_it && trigger != Trigger::kEvent && retries_made < policy.times;
}

Micros retry_delay(const RetryPolicy& policy, RunId run, int retries_made) {
  const double longest = static_cast<double>(policy.longest.count());
  double delay =
      static_cast<double>(policy.backoff.count()) * std::pow(policy.factor, retries_made);
  delay = std::min(delay, longest);
  const auto seed =
      static_cast<std::uint64_t>(run.value()) * 64U + static_cast<std::uint64_t>(retries_made);
  delay *= 1.0 + policy.jitter * spread(seed);
  return Micros{static_cast<std::int64_t>(std::clamp(delay, 0.0, longest))};
}

}  // namespace systask::scheduler
