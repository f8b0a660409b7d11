// CalendarRules is a calendar as it is written down: weeks by period, and what is different
// on single dates. Plain values; Calendar is what is computed from them.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/zone.h"
#include "calendar/day_hours.h"
#include "calendar/wall_clock.h"

namespace systask {

// The days of a week in the dates first..last; a day without hours is closed.
struct WeekHours {
  Date first = Date::min();
  Date last = Date::max();
  std::array<std::optional<DayHours>, 7> days;  // 0 = Sunday
};

struct CalendarRules {
  std::string name;
  std::string source;  // where to extend it, for people: "calendars/xshg.yaml"
  Zone zone = Zone::utc();
  Date first{};  // it speaks of these dates, both ends included, and of no other
  Date last{};
  std::vector<WeekHours> weeks;  // of those that hold for a date, the last counts
  // The day on which a week begins, 0 = Sunday; none: the first after the weekend.
  std::optional<unsigned> week_begins;
  std::map<Date, DayEntry> days;
  // Sessions come from outside: `outside` is the hours of each business day that has none of
  // its own or, where it is empty, nobody knows them, because of `why_unknown`.
  bool sessions_from_outside = false;
  std::vector<HoursPart> outside;
  std::string why_unknown;
};

// What is wrong with the rules of one date.
struct CalendarFault {
  Date date;
  std::string message;
};

// The hours of a covered date; nothing where it is closed. BAD_HOURS, where the date's entry
// changes sessions that its week does not have.
[[nodiscard]] Result<std::optional<DayHours>> hours_on(const CalendarRules& rules, Date date);

// The first open day after the week's longest run of closed ones: its weekend. Monday where it
// has none, or where several runs are as long and Monday comes after one of them.
[[nodiscard]] unsigned day_after_weekend(const WeekHours& week);

// The week that holds on a date; none: nothing is said of it.
[[nodiscard]] const WeekHours* week_on(const CalendarRules& rules, Date date);

}  // namespace systask
