// Every fires at a fixed rate, aligned to 1970-01-01T00:00:00Z, however long the runs
// take: `every: 5m` means on each fifth minute of the clock, also after a restart.
#pragma once

#include <string_view>

#include "base/clock.h"
#include "base/result.h"

namespace systask::scheduler {

class Every {
 public:
  // "250ms", "1s", "5m", "1h": from 1 ms to 366 days, or BAD_DURATION.
  static Result<Every> parse(std::string_view text);
  explicit Every(Micros period);

  // Strictly after, or TimePoint::max(); strictly before, or TimePoint::min().
  [[nodiscard]] TimePoint next(TimePoint after) const;
  [[nodiscard]] TimePoint previous(TimePoint before) const;
  [[nodiscard]] Micros period() const { return period_; }

 private:
  Micros period_;
};

}  // namespace systask::scheduler
