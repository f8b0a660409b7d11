// Delay is a pause between runs: `delay: 30s` starts the task 30 s after its last run ended.
// It lies on no clock and has no occurrences of its own; the engine, which knows when a run
// ended, makes them out of period().
#pragma once

#include <string_view>

#include "base/clock.h"
#include "base/result.h"

namespace systask::scheduler {

class Delay {
 public:
  // "250ms", "30s", "1h30m": from 1 ms to 366 days, or BAD_DURATION.
  static Result<Delay> parse(std::string_view text);
  explicit Delay(Micros period);

  [[nodiscard]] TimePoint next(TimePoint) const { return TimePoint::max(); }
  [[nodiscard]] TimePoint previous(TimePoint) const { return TimePoint::min(); }
  [[nodiscard]] Micros period() const { return period_; }

 private:
  Micros period_;
};

}  // namespace systask::scheduler
