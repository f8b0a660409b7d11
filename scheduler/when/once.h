// Once fires at single instants and then no more: `once: 2026-05-22T09:25:00+08:00`, or
// several of them.
#pragma once

#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/zone.h"
#include "scheduler/when/dst.h"

namespace systask::scheduler {

class Once {
 public:
  // RFC 3339 with an offset, or civil time in the zone ("2026-05-22T09:25" or "2026-05-22
  // 09:25:00"), several separated by commas; or BAD_TIMESTAMP. Of a civil time that comes
  // twice the policy's `both` takes both, of one that does not exist it says which instant is
  // meant; where that is `skip`, the timestamp is refused, for it could never fire.
  static Result<Once> parse(std::string_view text, const Zone& zone, DstPolicy dst = {});

  // Strictly after, or TimePoint::max(); strictly before, or TimePoint::min().
  [[nodiscard]] TimePoint next(TimePoint after) const;
  [[nodiscard]] TimePoint previous(TimePoint before) const;
  [[nodiscard]] const std::vector<TimePoint>& instants() const { return instants_; }

 private:
  explicit Once(std::vector<TimePoint> instants) : instants_(std::move(instants)) {}

  std::vector<TimePoint> instants_;  // ascending, distinct
};

}  // namespace systask::scheduler
