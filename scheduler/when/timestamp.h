// Reads a date and time as people write it in a configuration. Plain values; any thread.
#pragma once

#include <optional>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "base/zone.h"

namespace systask::scheduler {

// A moment: the instant, and what the wall of a zone shows then. In an hour that the clocks skip
// `civil` is what was written, and the instant is the change.
struct Timestamp {
  TimePoint instant;
  LocalTime civil;
};

// "2026-05-22" (its midnight), "2026-05-22T09:25", "2026-05-22 09:25:00" in the zone, or RFC 3339
// with an offset; or BAD_TIMESTAMP.
[[nodiscard]] Result<Timestamp> parse_timestamp(std::string_view text, const Zone& zone);

// "2026-05-22T09:25" or "2026-05-22 09:25:00": without an offset.
[[nodiscard]] std::optional<LocalTime> civil_time(std::string_view text);

}  // namespace systask::scheduler
