// A VirtualClock stands where it is put: time passes when a simulation says so. Any thread.
#pragma once

#include <atomic>

#include "base/clock.h"

namespace systask::scheduler {

class VirtualClock final : public Clock {
 public:
  explicit VirtualClock(TimePoint start) : now_(to_micros(start)) {}

  [[nodiscard]] TimePoint now() const override { return from_micros(now_); }
  // Both clocks go alike: nobody sets a virtual one.
  [[nodiscard]] MonotonicPoint monotonic() const override {
    return MonotonicPoint{now().time_since_epoch()};
  }
  // Never back.
  void move_to(TimePoint at) { now_ = to_micros(at); }

 private:
  std::atomic<std::int64_t> now_;
};

}  // namespace systask::scheduler
