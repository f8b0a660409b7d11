// How people write hours: "09:30-11:30, 13:00-15:00", "-1d 17:00-16:00", "close 13:00".
// Pure; any thread. docs/calendars.md shows the notation by examples.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "calendar/day_hours.h"
#include "calendar/wall_clock.h"

namespace systask {

// Parts of one session, separated by commas. Times run forward: one that is not later than
// the one before it is on the next day. `-1d` before a time: the calendar day before the
// business date (any number, and `+`); `-1b`: the business day before it. BAD_HOURS.
[[nodiscard]] Result<std::vector<HoursPart>> parse_hours(std::string_view text);

// "closed", hours, "open 10:00", "close 13:00", "no break", or several of the last three
// separated by commas. BAD_HOURS.
[[nodiscard]] Result<SessionChange> parse_session_change(std::string_view text);

// "closed", "open" (a business day without hours of its own), "as MON", or a change of the
// day session. BAD_HOURS.
[[nodiscard]] Result<DayEntry> parse_day_entry(std::string_view text);

// "MON", "Monday", in any case: 0 = Sunday.
[[nodiscard]] std::optional<unsigned> parse_weekday(std::string_view text);

// "MON-FRI", "SAT,SUN", "SUN-THU": bit 0 = Sunday. BAD_WEEKDAYS.
[[nodiscard]] Result<unsigned> parse_weekdays(std::string_view text);

// A date as YYYY-MM-DD, from 1900 to 2299, or MM-DD where `year` gives the year. BAD_DATE.
[[nodiscard]] Result<Date> parse_date(std::string_view text, std::optional<int> year = {});

// "2026-02-16", or "2026-02-16..2026-02-23". BAD_DATE.
[[nodiscard]] Result<DateSpan> parse_date_range(std::string_view text,
                                                std::optional<int> year = {});

}  // namespace systask
