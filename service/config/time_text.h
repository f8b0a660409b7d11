// Instants as operators write them: RFC 3339, or a time of day on the wall of some zone.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "base/zone.h"

namespace systask::service {

// "2026-05-22T08:30:00+08:00"; "2026-05-22 08:30[:15]" in the zone; "08:30[:15]", today there,
// and "yesterday 08:30" and "tomorrow 08:30"; a day alone, "2026-05-22", "today", "yesterday" or
// "tomorrow", which is its midnight; "2h ago"; "now". `now` says which day it is. BAD_TIME.
[[nodiscard]] Result<TimePoint> parse_time(std::string_view text, const Zone& zone, TimePoint now);

// The text with every RFC 3339 instant in it written in the zone.
[[nodiscard]] std::string in_zone(std::string_view text, const Zone& zone);

// The civil date in the zone, YYYYMMDD: the business date of runs.
[[nodiscard]] int civil_date(const Zone& zone, TimePoint at);
// "2026-05-22" or "20260522", as YYYYMMDD. BAD_DATE.
[[nodiscard]] Result<int> parse_date(std::string_view text);

}  // namespace systask::service
