// WallMemory remembers how the wall clock stood against the monotonic one in the last minute.
// What cannot be taken back (a plan is told to end) must not be done because the wall clock was
// set ahead by mistake: such a mistake is put right within seconds, and then nothing is lost.
// Worker's thread only.
#pragma once

#include <chrono>
#include <deque>
#include <optional>

#include "base/clock.h"

namespace systask::trading {

class WallMemory {
 public:
  static constexpr std::chrono::seconds kRemembered{60};

  // The earliest time that it may be now, by all settings of the last minute. Nothing before the
  // first call is a minute old: nobody has seen then whether the clock is put right.
  std::optional<TimePoint> at_least(TimePoint wall, MonotonicPoint monotonic);

 private:
  struct Setting {
    MonotonicPoint seen;
    Micros ahead;  // of the wall clock before the monotonic one
  };
  std::optional<MonotonicPoint> first_;
  std::deque<Setting> settings_;  // at most one a second
};

}  // namespace systask::trading
