// The hours of markets as they stand in algojr_texectimeinfo, "093000-113000;130000-210000", in the
// platform's time zone. Pure; any thread.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "calendar/calendar_rules.h"
#include "calendar/market.h"

namespace systask {

using SessionTexts = std::map<Market, std::string>;

// The parts of a day, in the order of the text. One that begins at 18:00 or later, and stands
// before one that begins earlier in the day, is of the evening before:
// "210000-023000;090000-150000" is the night that opens the date, and
// "090000-150000;210000-023000" the one that ends it.
// BAD_SESSIONS names the part that is none ("HHMMSS-HHMMSS", at most 240000).
[[nodiscard]] Result<std::vector<HoursPart>> parse_sessions(std::string_view text);

// The hours in which any of the markets is open. NO_CALENDAR_DATA: a market has no text, or one
// that is not readable.
[[nodiscard]] Result<std::vector<HoursPart>> hours_of_markets(const SessionTexts& texts,
                                                              const std::vector<int>& markets);

// The rules of a calendar whose sessions are those of markets: with the hours that the texts say
// now or, where they say none, without any, and why.
[[nodiscard]] CalendarRules with_sessions(const CalendarRules& rules, const SessionTexts& texts,
                                          const std::vector<int>& markets);

}  // namespace systask
