#include "trading/wall_memory.h"

#include <algorithm>

namespace systask::trading {

std::optional<TimePoint> WallMemory::at_least(TimePoint wall, MonotonicPoint monotonic) {
  constexpr std::chrono::seconds kApart{1};
  const Micros passed = std::chrono::floor<Micros>(monotonic.time_since_epoch());
  const Micros ahead = wall.time_since_epoch() - passed;
  if (!first_) first_ = monotonic;
  if (settings_.empty() || monotonic - settings_.back().seen >= kApart)
    settings_.push_back({monotonic, ahead});
  else
    settings_.back().ahead = std::min(settings_.back().ahead, ahead);
  // A setting holds until the next was seen.
  while (settings_.size() > 1 && monotonic - settings_[1].seen >= kRemembered)
    settings_.pop_front();
  if (monotonic - *first_ < kRemembered) return std::nullopt;
  const Micros least = std::ranges::min_element(settings_, {}, &Setting::ahead)->ahead;
  return TimePoint{passed + std::min(least, ahead)};
}

}  // namespace systask::trading
