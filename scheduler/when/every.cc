#include "scheduler/when/every.h"

#include <fmt/format.h>

#include "base/check.h"
#include "scheduler/when/duration.h"

namespace systask::scheduler {

using namespace std::chrono_literals;

Every::Every(Micros period) : period_(period) {
  CHECK(period > 0us, "a period of zero would fire for ever in one instant");
}

Result<Every> Every::parse(std::string_view text) {
  const Result<Micros> period = parse_duration(text);
  if (!period) return period.error();
  if (*period < 1ms || *period > 24h * 366)
    return Refusal{"BAD_DURATION",
                   fmt::format("'{}' is no interval for a task: expected 1ms to 366d", text)};
  return Every{*period};
}

TimePoint Every::next(TimePoint after) const {
  if (after > TimePoint::max() - period_) return TimePoint::max();
  const Micros since = after.time_since_epoch();
  Micros steps{since / period_};
  if (since < 0us && since % period_ != 0us) --steps;  // division rounds towards zero
  return TimePoint{(steps.count() + 1) * period_};
}

TimePoint Every::previous(TimePoint before) const {
  if (before < TimePoint::min() + period_) return TimePoint::min();
  const Micros since = before.time_since_epoch();
  Micros steps{since / period_};
  if (since > 0us && since % period_ != 0us) ++steps;
  return TimePoint{(steps.count() - 1) * period_};
}

}  // namespace systask::scheduler
