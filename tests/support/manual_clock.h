// A ManualClock stands still until a test moves it. Any thread.
#pragma once

#include <atomic>

#include "base/clock.h"

namespace systask {

class ManualClock final : public Clock {
 public:
  explicit ManualClock(TimePoint start) : wall_(to_micros(start)) {}

  [[nodiscard]] TimePoint now() const override { return from_micros(wall_); }
  [[nodiscard]] MonotonicPoint monotonic() const override {
    return MonotonicPoint{Micros{monotonic_}};
  }

  // Time passes: both clocks go on.
  void advance(Micros by) {
    wall_ += by.count();
    monotonic_ += by.count();
  }
  // Someone sets the clock: the wall jumps, no time passes.
  void set_wall(TimePoint to) { wall_ = to_micros(to); }

 private:
  std::atomic<std::int64_t> wall_;
  std::atomic<std::int64_t> monotonic_{1'000'000'000};
};

}  // namespace systask
