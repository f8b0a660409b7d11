// FixedTimes fires at given times of every day on the clock of a zone: `at: "09:25,14:57:30"`.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/zone.h"
#include "calendar/zone_table.h"
#include "scheduler/when/dst.h"

namespace systask::scheduler {

class FixedTimes {
 public:
  // "HH:MM" or "HH:MM:SS", several separated by commas or spaces, or BAD_TIME_OF_DAY.
  static Result<FixedTimes> parse(std::string_view text, const Zone& zone, DstPolicy dst = {});

  // Strictly after, or TimePoint::max(); strictly before, or TimePoint::min().
  [[nodiscard]] TimePoint next(TimePoint after) const;
  [[nodiscard]] TimePoint previous(TimePoint before) const;
  // The nearest civil second, at or after, at or before the given one, on which it fires in
  // any zone.
  [[nodiscard]] std::optional<std::chrono::local_seconds> match_from(
      std::chrono::local_seconds from) const;
  [[nodiscard]] std::optional<std::chrono::local_seconds> match_until(
      std::chrono::local_seconds until) const;
  [[nodiscard]] const std::vector<std::chrono::seconds>& times() const { return times_; }

 private:
  FixedTimes(std::vector<std::chrono::seconds> times, const ZoneTable& zone, DstPolicy dst);

  std::vector<std::chrono::seconds> times_;  // since local midnight, ascending, distinct
  const ZoneTable* zone_;
  DstPolicy dst_;
};

}  // namespace systask::scheduler
