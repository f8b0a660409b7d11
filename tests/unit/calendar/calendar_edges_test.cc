// The edges of calendars: the last that is taken, and the first that is not.
#include <gmock/gmock.h>

#include "calendar/calendar_rules.h"
#include "tests/support/calendars.h"

namespace systask {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

TEST(CalendarEdges, ItsLastDateIsNoDateAfterIt) {
  const auto calendar = made(may_and_june());
  EXPECT_THAT(calendar->ends_soon(instant("2026-06-30T23:59:59+08:00")).value(),
              HasSubstr("ends on 2026-06-30, in 0 days"));
  EXPECT_EQ(calendar->days_left(instant("2026-06-30T23:59:59+08:00")), 0);
  EXPECT_EQ(calendar->days_left(instant("2026-07-01T00:00:00+08:00")), -1);
  EXPECT_TRUE(calendar->covers(date("2026-05-01")) && calendar->covers(date("2026-06-30")));
  EXPECT_FALSE(calendar->covers(date("2026-04-30")) || calendar->covers(date("2026-07-01")));
}

TEST(CalendarEdges, SessionsThatTouchDoNotOverlap) {
  CalendarRules rules = may_and_june();
  rules.weeks = {working_week({session("09:00-12:00"), session("12:00-15:00", "late")})};
  rules.days.erase(date("2026-05-29"));
  const auto sessions = made(rules)->sessions(date("2026-05-06")).value();
  ASSERT_EQ(sessions.size(), 2U);
  EXPECT_EQ(sessions[0].close(), sessions[1].open());
  rules.weeks = {working_week({session("09:00-12:00"), session("11:59-15:00", "late")})};
  EXPECT_FALSE(Calendar::make(rules));
}

TEST(CalendarEdges, AWeekHoldsFromItsFirstToItsLastDate) {
  CalendarRules rules = may_and_june();
  WeekHours other = working_week({session("10:00-14:00")});
  other.first = date("2026-06-02");
  other.last = date("2026-06-04");
  rules.weeks.push_back(other);
  const auto calendar = made(rules);
  const auto opens = [&](const char* day) {
    return calendar->sessions(date(day))->at(0).open() -
           instant(std::string{day} + "T00:00:00+08:00");
  };
  EXPECT_EQ(opens("2026-06-01"), 9h + 30min);
  EXPECT_EQ(opens("2026-06-02"), 10h);
  EXPECT_EQ(opens("2026-06-04"), 10h);
  EXPECT_EQ(opens("2026-06-05"), 9h + 30min);
}

TEST(CalendarEdges, CountedFromItsEndAMonthMayHaveTooFewDays) {
  const auto calendar = made(may_and_june());
  const auto nth = [&](Period period, const char* of, int n) {
    const auto found = calendar->nth_business_day(period, date(of), n);
    if (!found) return found.error().code;
    return *found ? iso_date(**found) : std::string{"none"};
  };
  // June has 21 business days, from the 1st to the 30th; its first week is all of June's.
  EXPECT_EQ(nth(Period::kMonth, "2026-06-10", 21), "2026-06-30");
  EXPECT_EQ(nth(Period::kMonth, "2026-06-10", 22), "none");
  EXPECT_EQ(nth(Period::kMonth, "2026-06-10", -21), "2026-06-01");
  EXPECT_EQ(nth(Period::kMonth, "2026-06-10", -22), "none");
  EXPECT_EQ(nth(Period::kWeek, "2026-06-05", 5), "2026-06-05");
  EXPECT_EQ(nth(Period::kWeek, "2026-06-05", -5), "2026-06-01");
  EXPECT_EQ(nth(Period::kWeek, "2026-06-05", 6), "none");
  // Where a side is not covered, there may be more than are known.
  EXPECT_EQ(nth(Period::kWeek, "2026-06-30", -1), "NO_CALENDAR_DATA");
  EXPECT_EQ(nth(Period::kWeek, "2026-06-30", 3), "NO_CALENDAR_DATA");
}

TEST(CalendarEdges, AnInstantAtTheCloseIsOfNoSession) {
  CalendarRules rules = may_and_june();
  // Of the day before: at its close, after midnight, the civil date counts.
  rules.weeks = {working_week({session("09:30-11:30"), session("20:00-02:00", "night")})};
  rules.days.erase(date("2026-05-29"));
  const auto calendar = made(rules);
  const auto of = [&](const char* at) {
    return iso_date(*calendar->business_date_of(instant(at)));
  };
  EXPECT_EQ(of("2026-05-13T01:59:59+08:00"), "2026-05-12");
  EXPECT_EQ(of("2026-05-13T02:00:00+08:00"), "2026-05-13");
  EXPECT_EQ(of("2026-05-12T20:00:00+08:00"), "2026-05-12");
}

// What an entry makes of the hours of its week: "closed", "unknown", a refusal's code, or how many
// sessions with how many parts.
std::string hours_told(const CalendarRules& rules, const char* day) {
  const auto hours = hours_on(rules, date(day));
  if (hours.has_error()) return hours.error().code;
  if (!*hours) return "closed";
  std::string told;
  for (const SessionHours& one : **hours)
    told += one.name + " " + std::to_string(one.parts.size()) + " ";
  return told.empty() ? "unknown" : told;
}

TEST(CalendarEdges, AnEntryMakesOfItsWeekWhatItSays) {
  constexpr const char* kMonday = "2026-06-01";
  constexpr const char* kSunday = "2026-06-07";
  const SessionChange late{.open = Moment{false, 10h}};
  const SessionChange own{.hours = parse_hours("10:00-12:00").value()};
  const SessionChange none{.none = true};
  const auto changes = [](const SessionChange& change, bool where_open = false) {
    return DayEntry{DayEntry::Kind::kChanged, 0, {{kDaySession, change}}, where_open};
  };
  const DayEntry open{.kind = DayEntry::Kind::kOpen};
  const DayEntry as_monday{.kind = DayEntry::Kind::kAsWeekday, .weekday = 1};
  const DayEntry as_sunday{.kind = DayEntry::Kind::kAsWeekday, .weekday = 0};
  const CalendarRules own_hours = may_and_june();
  CalendarRules unknown = may_and_june();
  unknown.weeks = {working_week({})};
  unknown.sessions_from_outside = true;
  CalendarRules outside = unknown;
  outside.outside = parse_hours("09:00-11:00, 12:00-15:00").value();
  struct Row {
    const CalendarRules& rules;
    const char* day;
    DayEntry entry;
    std::string told;
  };
  for (const Row& row : std::vector<Row>{{own_hours, kMonday, {}, "closed"},
                                         {own_hours, kMonday, open, "day 2 "},
                                         {own_hours, kSunday, open, "BAD_HOURS"},
                                         {own_hours, kSunday, as_monday, "day 2 "},
                                         {own_hours, kMonday, as_sunday, "BAD_HOURS"},
                                         {own_hours, kMonday, changes(late), "day 2 "},
                                         {own_hours, kSunday, changes(late), "BAD_HOURS"},
                                         {own_hours, kSunday, changes(late, true), "closed"},
                                         {own_hours, kSunday, changes(own), "day 1 "},
                                         {own_hours, kSunday, changes(own, true), "closed"},
                                         {own_hours, kMonday, changes(own, true), "day 1 "},
                                         {own_hours, kMonday, changes(none), "closed"},
                                         {own_hours, kSunday, changes(none), "closed"},
                                         {unknown, kMonday, open, "unknown"},
                                         {unknown, kSunday, open, "unknown"},
                                         {unknown, kMonday, changes(late), "unknown"},
                                         {unknown, kMonday, changes(own), "day 1 "},
                                         {unknown, kSunday, changes(late), "BAD_HOURS"},
                                         {unknown, kMonday, changes(none), "closed"},
                                         {outside, kMonday, open, "day 2 "},
                                         {outside, kSunday, open, "day 2 "},
                                         {outside, kSunday, as_monday, "day 2 "},
                                         {outside, kMonday, changes(late), "day 2 "},
                                         {outside, kMonday, changes(own), "day 1 "}}) {
    CalendarRules rules = row.rules;
    rules.days[date(row.day)] = row.entry;
    EXPECT_EQ(hours_told(rules, row.day), row.told)
        << row.day << (row.rules.sessions_from_outside ? " outside" : " own") << ", entry of kind "
        << static_cast<int>(row.entry.kind) << (row.entry.where_open ? " where open" : "");
  }
  CalendarRules weekend = own_hours;
  EXPECT_EQ(hours_told(weekend, kMonday), "day 2 ");
  EXPECT_EQ(hours_told(weekend, kSunday), "closed");
  EXPECT_EQ(hours_told(unknown, kMonday), "unknown");
  EXPECT_EQ(hours_told(outside, kMonday), "day 2 ");
}

TEST(CalendarHoursEdges, WithoutABreakFromTheFirstToTheLast) {
  const SessionChange no_break{.no_break = true};
  const auto two = parse_hours("09:30-11:30, 13:00-15:00").value();
  const auto whole = changed(two, no_break);
  ASSERT_EQ(whole.size(), 1U);
  EXPECT_EQ(whole[0].begin, two[0].begin);
  EXPECT_EQ(whole[0].end, two[1].end);
  EXPECT_TRUE(changed({}, no_break).empty());
}

TEST(CalendarHoursEdges, TimesUpToTheirLast) {
  for (const char* text : {"00:00-24:00", "09:30:59-10:00", "9:05-9:06", "-99d 10:00-11:00"})
    EXPECT_TRUE(parse_hours(text)) << text;
  for (const char* text : {"09:30:60-10:00", "009:30-10:00", "09:030-10:00", "00:00-24:00:01",
                           "09:30:-10:00", "-100d 10:00-11:00"})
    EXPECT_FALSE(parse_hours(text)) << text;
  EXPECT_TRUE(parse_hours("10:00-11:00, 11:00-12:00")) << "a break of nothing";
}

TEST(CalendarHoursEdges, AChangeAtTheEdgeOfAPart) {
  const std::vector<HoursPart> normal = parse_hours("09:30-12:00, 13:00-16:00").value();
  const auto minutes = [&](const char* change) {
    std::string all;
    for (const HoursPart& part : changed(normal, parse_session_change(change).value()))
      all += std::to_string(part.begin.offset / 1min) + ".." +
             std::to_string(part.end.offset / 1min) + " ";
    return all;
  };
  EXPECT_EQ(minutes("open 12:00"), "720..960 ");
  EXPECT_EQ(minutes("open 11:59"), "719..720 780..960 ");
  EXPECT_EQ(minutes("open 16:00"), "");
  EXPECT_EQ(minutes("close 13:01"), "570..720 780..781 ");
  EXPECT_EQ(minutes("close 12:00, no break"), "570..720 ");
}

TEST(CalendarHoursEdges, DatesAndRangesUpToTheirLast) {
  for (const char* text : {"1900-01-01", "2299-12-31", "2024-02-29"})
    EXPECT_TRUE(parse_date(text)) << text;
  EXPECT_EQ(parse_date_range("2026-02-16..2026-02-16")->first, date("2026-02-16"));
  EXPECT_EQ(parse_date_range("2026-02-16")->last, date("2026-02-16"));
  EXPECT_FALSE(parse_date_range("2026-02-16..2026-02-15"));
  EXPECT_FALSE(parse_date_range("2026-02-16.."));
  EXPECT_EQ(parse_weekdays("SAT").value(), 0b1000000U);
  EXPECT_EQ(parse_weekdays("SUN-SAT").value(), 0b1111111U);
  EXPECT_EQ(parse_weekdays("FRI-FRI").value(), 0b0100000U);
  EXPECT_FALSE(parse_weekdays("MON,"));
}

}  // namespace
}  // namespace systask
