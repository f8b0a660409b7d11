// Lengths of time as people write them in a configuration: "250ms", "1s", "5m", "1h30m".
#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"

namespace systask::scheduler {

// Units: us, ms, s, m, h, d, largest first where several are given ("1h30m"). "0s" is a
// duration; a number without a unit, a sign or a fraction is refused as BAD_DURATION.
[[nodiscard]] Result<Micros> parse_duration(std::string_view text);

// The same notation back, with the largest units that fit exactly: "1h30m", "250ms".
[[nodiscard]] std::string format_duration(Micros length);

}  // namespace systask::scheduler
