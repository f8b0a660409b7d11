#include "calendar/calendar.h"

#include <gmock/gmock.h>

#include <fmt/format.h>

#include "tests/support/calendars.h"

namespace systask {
namespace {

using ::testing::HasSubstr;

std::string text_of_date(const Result<Date>& found) {
  return found ? iso_date(*found) : found.error().code;
}
std::string text_of_date(const Result<std::optional<Date>>& found) {
  if (!found) return found.error().code;
  return *found ? iso_date(**found) : "none";
}

TEST(Calendar, KnowsBusinessDays) {
  const auto calendar = made(may_and_june());
  EXPECT_FALSE(calendar->is_business_day(date("2026-05-01")).value());
  EXPECT_FALSE(calendar->is_business_day(date("2026-05-02")).value());
  EXPECT_TRUE(calendar->is_business_day(date("2026-05-06")).value());
  EXPECT_TRUE(calendar->is_business_day(date("2026-05-09")).value());
  EXPECT_EQ(calendar->is_business_day(date("2026-07-01")).error().code, "NO_CALENDAR_DATA");
  EXPECT_THAT(calendar->is_business_day(date("2026-07-01")).error().message,
              HasSubstr("it covers 2026-05-01 to 2026-06-30; extend it (test.yaml)"));
}

TEST(Calendar, GivesTheSessionsOfADate) {
  const auto calendar = made(may_and_june());
  const auto normal = calendar->sessions(date("2026-05-06")).value();
  ASSERT_EQ(normal.size(), 1U);
  EXPECT_EQ(normal[0].open(), instant("2026-05-06T01:30:00Z"));
  EXPECT_EQ(normal[0].close(), instant("2026-05-06T07:00:00Z"));
  ASSERT_EQ(normal[0].parts.size(), 2U);
  EXPECT_EQ(normal[0].parts[0].end, instant("2026-05-06T03:30:00Z"));
  EXPECT_EQ(normal[0].parts[1].begin, instant("2026-05-06T05:00:00Z"));
  EXPECT_EQ(calendar->sessions(date("2026-05-29"))->at(0).parts.size(), 1U);
  EXPECT_EQ(calendar->sessions(date("2026-05-09"))->at(0).open(), instant("2026-05-09T01:30:00Z"));
  EXPECT_TRUE(calendar->sessions(date("2026-05-04"))->empty());
  EXPECT_EQ(calendar->sessions(date("2026-04-30")).error().code, "NO_CALENDAR_DATA");
}

TEST(Calendar, CountsBusinessDays) {
  const auto calendar = made(may_and_june());
  const struct {
    const char* from;
    int n;
    const char* to;
  } cases[] = {
      {"2026-05-06", 1, "2026-05-07"},        {"2026-05-08", 1, "2026-05-09"},
      {"2026-05-08", 2, "2026-05-11"},        {"2026-05-09", -1, "2026-05-08"},
      {"2026-05-10", 0, "2026-05-11"},        {"2026-05-10", 1, "2026-05-11"},
      {"2026-05-10", 2, "2026-05-12"},        {"2026-05-10", -1, "2026-05-09"},
      {"2026-05-11", 0, "2026-05-11"},        {"2026-06-18", 1, "2026-06-22"},
      {"2026-05-01", 1, "2026-05-06"},        {"2026-05-06", -1, "NO_CALENDAR_DATA"},
      {"2026-06-30", 1, "NO_CALENDAR_DATA"},  {"2026-06-29", 1, "2026-06-30"},
      {"2026-07-01", -1, "NO_CALENDAR_DATA"}, {"2026-04-30", 1, "NO_CALENDAR_DATA"},
  };
  for (const auto& one : cases)
    EXPECT_EQ(text_of_date(calendar->shift(date(one.from), one.n)), one.to)
        << one.from << " " << one.n;
}

TEST(Calendar, Rolls) {
  const auto calendar = made(may_and_june());
  const struct {
    const char* from;
    Roll how;
    const char* to;
  } cases[] = {
      {"2026-05-10", Roll::kSkip, "none"},
      {"2026-05-10", Roll::kPrevious, "2026-05-09"},
      {"2026-05-10", Roll::kNext, "2026-05-11"},
      {"2026-05-10", Roll::kModifiedFollowing, "2026-05-11"},
      {"2026-05-31", Roll::kNext, "2026-06-01"},
      {"2026-05-31", Roll::kModifiedFollowing, "2026-05-29"},
      {"2026-06-19", Roll::kNext, "2026-06-22"},
      {"2026-05-12", Roll::kNext, "2026-05-12"},
      {"2026-05-02", Roll::kPrevious, "NO_CALENDAR_DATA"},
      {"2026-07-04", Roll::kPrevious, "NO_CALENDAR_DATA"},
  };
  for (const auto& one : cases)
    EXPECT_EQ(text_of_date(calendar->roll(date(one.from), one.how)), one.to) << one.from;
}

TEST(Calendar, FindsTheNthBusinessDayOfAPeriod) {
  const auto calendar = made(may_and_june());
  const struct {
    Period period;
    const char* of;
    int n;
    const char* found;
  } cases[] = {
      {Period::kMonth, "2026-05-20", 1, "2026-05-06"},
      {Period::kMonth, "2026-05-20", 4, "2026-05-09"},
      {Period::kMonth, "2026-05-20", -1, "2026-05-29"},
      {Period::kMonth, "2026-06-30", -1, "2026-06-30"},
      {Period::kMonth, "2026-06-30", 23, "none"},
      {Period::kWeek, "2026-05-09", 1, "2026-05-06"},
      {Period::kWeek, "2026-05-09", -1, "2026-05-09"},
      {Period::kWeek, "2026-05-09", 5, "none"},
      {Period::kWeek, "2026-05-01", 1, "NO_CALENDAR_DATA"},   // the week begins in April
      {Period::kWeek, "2026-06-30", -1, "NO_CALENDAR_DATA"},  // and this ends in July
      {Period::kWeek, "2026-06-30", 1, "2026-06-29"},
      {Period::kMonth, "2026-07-01", 1, "NO_CALENDAR_DATA"},
  };
  for (const auto& one : cases)
    EXPECT_EQ(text_of_date(calendar->nth_business_day(one.period, date(one.of), one.n)), one.found)
        << one.of << " " << one.n;
}

TEST(Calendar, GivesInstantsTheirBusinessDate) {
  const auto calendar = made(with_nights());
  const struct {
    const char* at;
    const char* date;
  } cases[] = {
      {"2026-05-12T10:00:00+08:00", "2026-05-12"},
      {"2026-05-12T20:59:59+08:00", "2026-05-12"},
      {"2026-05-12T21:00:00+08:00", "2026-05-13"},  // its night session
      {"2026-05-13T02:29:59+08:00", "2026-05-13"},
      {"2026-05-15T22:00:00+08:00", "2026-05-18"},  // of Friday evening: Monday
      {"2026-05-16T01:00:00+08:00", "2026-05-18"},
      {"2026-05-16T12:00:00+08:00", "2026-05-18"},  // no session on a Saturday
      {"2026-06-18T22:00:00+08:00", "2026-06-22"},  // before a holiday
      {"2026-06-30T12:00:00+08:00", "2026-06-30"},
      {"2026-06-30T22:00:00+08:00", "NO_CALENDAR_DATA"},  // of a July that nobody knows
      {"2026-07-01T10:00:00+08:00", "NO_CALENDAR_DATA"},
  };
  for (const auto& one : cases)
    EXPECT_EQ(text_of_date(calendar->business_date_of(instant(one.at))), one.date) << one.at;
  const auto nights = calendar->sessions(date("2026-05-18")).value();
  ASSERT_EQ(nights.size(), 2U);
  EXPECT_EQ(nights[0].name, "night");
  EXPECT_EQ(nights[0].open(), instant("2026-05-15T21:00:00+08:00"));
  EXPECT_EQ(nights[0].close(), instant("2026-05-16T02:30:00+08:00"));
}

TEST(Calendar, FollowsTheWallThroughClockChanges) {
  CalendarRules rules;
  rules.zone = Zone::find("America/New_York").value();
  rules.first = date("2026-03-01");
  rules.last = date("2026-03-31");
  rules.weeks = {working_week({session("-1d 18:00-17:00")})};
  const auto calendar = made(rules);
  EXPECT_EQ(calendar->sessions(date("2026-03-06"))->at(0).open(), instant("2026-03-05T23:00:00Z"));
  EXPECT_EQ(calendar->sessions(date("2026-03-09"))->at(0).open(), instant("2026-03-08T22:00:00Z"));
}

TEST(Calendar, NamesTheFaultsOfItsRules) {
  const auto fault = [](CalendarRules rules) {
    const auto faults = Calendar::faults_in(rules);
    EXPECT_FALSE(Calendar::make(rules));
    return faults.empty() ? "" : iso_date(faults[0].date) + " " + faults[0].message;
  };
  CalendarRules overlap = may_and_june();
  overlap.weeks = {working_week({session("-1d 15:00-14:00"), session("14:30-15:30", "late")})};
  EXPECT_THAT(fault(overlap), HasSubstr("2026-05-07 the sessions of 2026-05-07 begin before"));
  CalendarRules nothing = may_and_june();
  nothing.days[date("2026-05-10")] = parse_day_entry("close 12:00").value();
  EXPECT_THAT(fault(nothing), HasSubstr("2026-05-10"));
  CalendarRules first = with_nights();
  first.days.erase(date("2026-05-06"));
  EXPECT_THAT(fault(first), HasSubstr("cover an earlier business day"));
  CalendarRules gap = may_and_june();
  gap.weeks[0].first = date("2026-05-11");
  EXPECT_THAT(fault(gap), HasSubstr("no week says anything of 2026-05-01"));
}

// Which weekday a week begins on, by its open days: bit 0 = Sunday.
TEST(Calendar, AWeekBeginsAfterItsLongestWeekend) {
  const auto begins = [](const char* open) {
    WeekHours week;
    const unsigned mask = parse_weekdays(open).value();
    for (unsigned day = 0; day < 7; ++day)
      if ((mask >> day & 1U) != 0) week.days[day] = DayHours{};
    return day_after_weekend(week);
  };
  EXPECT_EQ(begins("MON-FRI"), 1U);
  EXPECT_EQ(begins("MON-SAT"), 1U);
  EXPECT_EQ(begins("SUN-THU"), 0U);
  EXPECT_EQ(begins("SAT-WED"), 6U);
  EXPECT_EQ(begins("SUN-SAT"), 1U);      // no weekend
  EXPECT_EQ(begins("MON,WED,FRI"), 1U);  // Saturday and Sunday
  EXPECT_EQ(begins("TUE"), 2U);
  EXPECT_EQ(begins("MON-TUE,THU-SAT"), 1U);  // Wednesday and Sunday: as long
}

// Riyadh: Saturday to Wednesday until 2013-06-28, then Sunday to Thursday.
TEST(Calendar, WeeksAreOneAfterAnotherAlsoWhereTheWeekendMoves) {
  CalendarRules rules = may_and_june();
  rules.first = date("2013-01-01");
  rules.last = date("2013-12-31");
  rules.days.clear();
  WeekHours before;
  WeekHours after;
  for (const unsigned day : {6U, 0U, 1U, 2U, 3U})
    before.days[day] = DayHours{};
  for (const unsigned day : {0U, 1U, 2U, 3U, 4U})
    after.days[day] = DayHours{};
  after.first = date("2013-06-29");
  rules.weeks = {before, after};
  const auto calendar = made(rules);
  Date next = calendar->span_of(Period::kWeek, date("2012-12-01")).first;
  EXPECT_EQ(iso_date(next), "2012-12-01");  // a Saturday, and not covered
  while (next < date("2014-02-01")) {
    const DateSpan week = calendar->span_of(Period::kWeek, next);
    ASSERT_EQ(week.first, next);
    for (Date day = week.first; day <= week.last; day += std::chrono::days{1})
      ASSERT_EQ(calendar->span_of(Period::kWeek, day).last, week.last);
    next = week.last + std::chrono::days{1};
  }
  EXPECT_EQ(iso_date(calendar->span_of(Period::kWeek, date("2013-06-28")).first), "2013-06-22");
  EXPECT_EQ(iso_date(calendar->span_of(Period::kWeek, date("2013-06-28")).last), "2013-06-29");
  EXPECT_EQ(iso_date(calendar->span_of(Period::kWeek, date("2013-07-01")).first), "2013-06-30");
}

TEST(Calendar, OfTheWeeksThatHoldTheLastCounts) {
  CalendarRules rules = may_and_june();
  WeekHours later = working_week({session("10:00-14:00")});
  later.first = date("2026-06-01");
  later.last = date("2026-06-05");
  rules.weeks.push_back(later);
  const auto calendar = made(rules);
  EXPECT_EQ(calendar->sessions(date("2026-05-28"))->at(0).open(), instant("2026-05-28T01:30:00Z"));
  EXPECT_EQ(calendar->sessions(date("2026-06-05"))->at(0).open(), instant("2026-06-05T02:00:00Z"));
  EXPECT_EQ(calendar->sessions(date("2026-06-08"))->at(0).open(), instant("2026-06-08T01:30:00Z"));
}

TEST(Calendar, SaysThatItEndsFrom60DaysBefore) {
  const auto calendar = made(may_and_june());
  EXPECT_FALSE(calendar->ends_soon(instant("2026-04-30T23:59:59+08:00")));
  EXPECT_THAT(calendar->ends_soon(instant("2026-05-01T00:00:00+08:00")).value(),
              HasSubstr("ends on 2026-06-30, in 60 days"));
  EXPECT_THAT(calendar->ends_soon(instant("2026-07-01T00:00:00+08:00")).value(),
              HasSubstr("ended on 2026-06-30"));
}

TEST(Calendar, WithoutTheSessionsFromOutsideKnowsItsDaysOnly) {
  CalendarRules rules = may_and_june();
  rules.weeks = {working_week({})};
  rules.days.erase(date("2026-05-29"));
  rules.sessions_from_outside = true;
  rules.why_unknown = "nobody has said";
  const auto unknown = made(rules);
  EXPECT_TRUE(unknown->is_business_day(date("2026-05-09")).value());
  EXPECT_EQ(unknown->sessions(date("2026-05-09")).error().message, "nobody has said");
  EXPECT_FALSE(unknown->business_date_of(instant("2026-05-12T10:00:00+08:00")));
  rules.why_unknown.clear();
  rules.outside = parse_hours("09:00-12:00").value();
  EXPECT_EQ(made(rules)->sessions(date("2026-05-09"))->at(0).close(),
            instant("2026-05-09T12:00:00+08:00"));
}

}  // namespace
}  // namespace systask
