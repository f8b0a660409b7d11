#include "scheduler/when/delay.h"

#include <fmt/format.h>

#include "base/check.h"
#include "scheduler/when/duration.h"

namespace systask::scheduler {

using namespace std::chrono_literals;

Delay::Delay(Micros period) : period_(period) {
  CHECK(period > 0us, "a pause of zero would start the task for ever in one instant");
}

Result<Delay> Delay::parse(std::string_view text) {
  const Result<Micros> period = parse_duration(text);
  if (!period) return period.error();
  if (*period < 1ms || *period > 24h * 366)
    return Refusal{"BAD_DURATION",
                   fmt::format("'{}' is no pause between runs: expected 1ms to 366d", text)};
  return Delay{*period};
}

}  // namespace systask::scheduler
