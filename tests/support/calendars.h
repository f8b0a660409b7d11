// Calendars for tests, small enough to know by heart.
#pragma once

#include <memory>
#include <string_view>
#include <utility>

#include "calendar/calendar.h"
#include "calendar/hours_text.h"
#include "calendar/live_calendar.h"

namespace systask {

inline TimePoint instant(std::string_view text) { return from_rfc3339(text).value(); }

inline Date date(std::string_view text) { return parse_date(text).value(); }

inline SessionHours session(std::string_view hours, std::string name = kDaySession) {
  return {std::move(name), parse_hours(hours).value()};
}

// Monday to Friday with those hours.
inline WeekHours working_week(const DayHours& hours) {
  WeekHours week;
  for (unsigned day = 1; day <= 5; ++day)
    week.days[day] = hours;
  return week;
}

// 2026-05-01 to 2026-06-30 in Shanghai, with a lunch break. Closed on Friday 1 May, Monday 4
// and Tuesday 5 May and Friday 19 June; open on Saturday 9 May; half a day on 29 May.
inline CalendarRules may_and_june() {
  CalendarRules rules;
  rules.name = "test";
  rules.source = "test.yaml";
  rules.zone = Zone::find("Asia/Shanghai").value();
  rules.first = date("2026-05-01");
  rules.last = date("2026-06-30");
  rules.weeks = {working_week({session("09:30-11:30, 13:00-15:00")})};
  for (const char* closed : {"2026-05-01", "2026-05-04", "2026-05-05", "2026-06-19"})
    rules.days[date(closed)] = parse_day_entry("closed").value();
  rules.days[date("2026-05-09")] = parse_day_entry("as FRI").value();
  rules.days[date("2026-05-29")] = parse_day_entry("close 11:30").value();
  return rules;
}

// The same with a night session that opens on the business day before.
inline CalendarRules with_nights() {
  CalendarRules rules = may_and_june();
  rules.weeks = {
      working_week({session("09:30-11:30, 13:00-15:00"), session("-1b 21:00-02:30", "night")})};
  SessionChange first;  // of 6 May, the first business day: the one before is not covered
  first.none = true;
  rules.days[date("2026-05-06")] = DayEntry{DayEntry::Kind::kChanged, 0, {{"night", first}}, false};
  return rules;
}

inline std::shared_ptr<const Calendar> made(CalendarRules rules) {
  return Calendar::make(std::move(rules)).value();
}

inline std::shared_ptr<const LiveCalendar> live(CalendarRules rules) {
  return std::make_shared<const LiveCalendar>(made(std::move(rules)));
}

}  // namespace systask
