#include "scheduler/when/timetable.h"

#include <gmock/gmock.h>

#include "tests/unit/scheduler/timetable_fixture.h"

namespace systask::scheduler {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

struct DueCase {
  std::string what;
  Schedule schedule;
  GivenOptions given;
  std::string_view from;
  std::string expected;
};

// NOLINTNEXTLINE(readability-function-size): a table
const std::vector<DueCase>& due_cases() {
  static const std::vector<DueCase> all{
      {"business days only", daily("09:00"), {}, kMay8, "05-09 09:00, 05-11 09:00, 05-12 09:00"},
      {"by cron", by_cron("0 0 9 ? * SAT"), {}, kMay8, "05-09 09:00, 07-04 09:00!, 07-11 09:00!"},
      {"beyond the end", daily("09:00"), {}, kJune29, "06-30 09:00, 07-01 09:00!, 07-02 09:00!"},
      {"before the beginning",
       daily("09:00"),
       {},
       "2026-04-29T12:00:00+08:00",
       "04-30 09:00!, 05-06 09:00"},
      {"an interval",
       interval("12h"),
       {},
       kMay8,
       "05-08 20:00, 05-09 08:00, 05-09 20:00, 05-11 08:00"},
      {"roll to the next",
       by_cron("0 0 9 16,17,18 * ?"),
       {.roll = Roll::kNext},
       kMay8,
       "05-18 09:00, 06-16 09:00, 06-17 09:00, 06-18 09:00"},
      {"roll keeps the time of day",
       by_cron("0 0 8,9 16 5 ?"),
       {.roll = Roll::kNext},
       kMay8,
       "05-18 08:00, 05-18 09:00, 05-16 08:00!"},
      {"roll to the previous",
       by_cron("0 0 9 10 * ?"),
       {.roll = Roll::kPrevious},
       kMay8,
       "05-09 09:00, 06-10 09:00, 07-10 09:00!"},
      {"modified following",
       by_cron("0 0 9 L * ?"),
       {.roll = Roll::kModifiedFollowing},
       kMay8,
       "05-29 09:00, 06-30 09:00, 07-31 09:00!"},
      {"following",
       by_cron("0 0 9 L * ?"),
       {.roll = Roll::kNext},
       kMay8,
       "06-01 09:00, 06-30 09:00, 07-31 09:00!"},
      {"T+2",
       by_cron("0 0 9 ? * FRI"),
       {.on = "T+2"},
       kMay8,
       "05-11 09:00, 05-19 09:00, 05-26 09:00"},
      {"T-1",
       by_cron("0 0 9 ? * MON"),
       {.on = "T-1"},
       kMay8,
       "05-09 09:00, 05-15 09:00, 05-22 09:00"},
      {"T+2 that nobody knows",
       by_cron("0 0 9 ? * MON,TUE"),
       {.on = "T+2"},
       "2026-06-24T12:00:00+08:00",
       "06-25 09:00, 06-29 09:00!, 06-30 09:00!"},
      {"first of month",
       daily("09:00"),
       {.on = "first business-day of month"},
       "2026-04-28T12:00:00+08:00",
       "05-06 09:00, 06-01 09:00, 07-01 00:00!, 08-01 00:00!"},
      {"last of month",
       daily("09:00"),
       {.on = "last business-day of month"},
       kMay8,
       "05-29 09:00, 06-30 09:00, 07-01 00:00!, 08-01 00:00!"},
      {"third of week",
       daily("09:00"),
       {.on = "3rd business-day of week"},
       kMay8,
       "05-13 09:00, 05-20 09:00, 05-27 09:00"},
      {"T+1 of last of month",
       daily("09:00"),
       {.on = "T+1 of last business-day of month"},
       kMay8,
       "06-01 09:00, 07-01 00:00!"},
      {"T-1 of last of month",
       daily("09:00"),
       {.on = "T-1 of last business-day of month"},
       kMay8,
       "05-28 09:00, 06-29 09:00, 07-01 00:00!"},
      {"before the opening",
       OnDemand{},
       {.session_times = "open-30m"},
       kMay8,
       "05-09 09:00, 05-11 09:00, 05-12 09:00"},
      {"opening and close",
       OnDemand{},
       {.session_times = "open, close+15m"},
       kMay8,
       "05-08 15:15, 05-09 09:30, 05-09 15:15"},
      {"half a day has no break",
       OnDemand{},
       {.session_times = "break_start,break_end-5m"},
       "2026-05-28T11:00:00+08:00",
       "05-28 11:30, 05-28 12:55, 06-01 11:30"},
      {"close of half a day",
       OnDemand{},
       {.session_times = "close"},
       "2026-05-28T16:00:00+08:00",
       "05-29 11:30, 06-01 15:00"},
      {"sessions beyond the end",
       OnDemand{},
       {.session_times = "open-30m"},
       kJune29,
       "06-30 09:00, 07-01 00:00!, 07-02 00:00!"},
      {"close of month",
       OnDemand{},
       {.session_times = "close+15m", .on = "last business-day of month"},
       kMay8,
       "05-29 11:45, 06-30 15:15, 07-01 00:00!, 08-01 00:00!"},
      {"the night",
       OnDemand{},
       {.session_times = "open[night]-5m", .nights = true},
       kMay8,
       "05-08 20:55, 05-09 20:55, 05-11 20:55"},
      {"during sessions",
       interval("30m"),
       {.during = true},
       "2026-05-08T14:00:00+08:00",
       "05-08 14:30, 05-09 09:30, 05-09 10:00"},
      {"not in the break",
       interval("30m"),
       {.during = true},
       "2026-05-08T10:30:00+08:00",
       "05-08 11:00, 05-08 13:00, 05-08 13:30"},
      {"nor at the close",
       interval("1h"),
       {.during = true},
       "2026-06-30T13:00:00+08:00",
       "06-30 14:00, 07-01 00:00!, 07-02 00:00!"},
      {"cron during sessions",
       by_cron("0 0 * * * ?"),
       {.during = true},
       "2026-05-08T10:30:00+08:00",
       "05-08 11:00, 05-08 13:00, 05-08 14:00, 05-09 10:00"},
      {"once",
       parse_once_schedule("2026-05-10T09:00, 2026-05-11T09:00", shanghai()).value(),
       {},
       kMay8,
       "05-11 09:00, never"},
      {"during, on the first of week",
       interval("1h"),
       {.during = true, .on = "first business-day of week"},
       kMay8,
       "05-11 10:00, 05-11 11:00, 05-11 13:00, 05-11 14:00, 05-18 10:00"},
  };
  return all;
}

TEST(Timetable, IsDueAsItsCalendarSays) {
  for (const DueCase& one : due_cases()) {
    const auto count = static_cast<int>(std::ranges::count(one.expected, ',')) + 1;
    EXPECT_EQ(due_times(timetable(one.schedule, one.given), one.from, count), one.expected)
        << one.what;
  }
}

// next(), previous() and due_in() tell one story, of all cases.
TEST(Timetable, CountsAndGoesBackAsItGoesForward) {
  const TimePoint begin = instant("2026-04-25T03:00:00Z");
  const TimePoint end = instant("2026-07-10T03:00:00Z");
  for (const DueCase& one : due_cases())
    for (const Micros jitter : {Micros{0}, Micros{20min}}) {
      GivenOptions given = one.given;
      given.jitter = jitter;
      const Timetable table = timetable(one.schedule, given);
      std::vector<Occurrence> all;
      for (Occurrence next = table.next(begin); next.nominal <= end;
           next = table.next(next.nominal)) {
        if (next.nominal == kNever) break;
        ASSERT_TRUE(all.empty() || next.nominal > all.back().nominal) << one.what;
        all.push_back(next);
      }
      TimePoint before = end + 1us;
      for (auto known = all.rbegin(); known != all.rend(); ++known) {
        const Occurrence found = table.previous(before);
        ASSERT_EQ(found.nominal, known->nominal) << one.what;
        ASSERT_EQ(found.refusal, known->refusal) << one.what;
        ASSERT_EQ(found.start, known->start) << one.what;
        before = found.nominal;
      }
      for (TimePoint from = begin; from < end; from += 53h) {
        const TimePoint until = from + 67h + 13min;
        Occurrences expected;
        std::int64_t refused = 0;
        for (const Occurrence& each : all) {
          if (each.nominal <= from || each.start > until) continue;
          if (!each.refusal.empty()) {
            ++refused;
            continue;
          }
          if (expected.count++ == 0) expected.first = each.nominal;
          expected.last = each.nominal;
        }
        if (until > end) break;
        const DueSpan span = table.due_in(from, until);
        ASSERT_EQ(span.runnable.count, expected.count) << one.what << to_rfc3339(from);
        ASSERT_EQ(span.runnable.first, expected.first) << one.what << to_rfc3339(from);
        ASSERT_EQ(span.runnable.last, expected.last) << one.what << to_rfc3339(from);
        std::int64_t counted = 0;
        for (const RefusedOccurrences& each : span.refused)
          counted += each.which.count;
        ASSERT_EQ(counted, refused) << one.what << to_rfc3339(from);
      }
    }
}

TEST(Timetable, GivesTheBusinessDate) {
  const Timetable night =
      timetable(OnDemand{}, {.session_times = "open[night]-5m", .nights = true});
  EXPECT_EQ(night.next(instant("2026-05-15T12:00:00+08:00")).business_date, 20260518);
  const Timetable during = timetable(interval("1h"), {.during = true, .nights = true});
  EXPECT_EQ(during.next(instant("2026-06-18T20:30:00+08:00")).business_date, 20260622);
  const Timetable evening = timetable(daily("21:30"), {.nights = true});
  EXPECT_EQ(evening.next(instant("2026-05-15T12:00:00+08:00")).business_date, 20260518);
  EXPECT_EQ(Timetable{daily("21:30")}.next(instant("2026-05-15T12:00:00+08:00")).business_date, 0);
}

TEST(Timetable, RefusesOnceForADateThatIsNotCoveredAndSaysWhy) {
  const Timetable table = timetable(interval("1ms"), {.during = true});
  const DueSpan span =
      table.due_in(instant("2026-06-30T14:59:00+08:00"), instant("2026-07-03T12:00:00+08:00"));
  EXPECT_EQ(span.runnable.count, 59'999);
  ASSERT_EQ(span.refused.size(), 1U);
  EXPECT_EQ(span.refused[0].which.count, 3);
  EXPECT_EQ(span.refused[0].which.first, instant("2026-07-01T00:00:00+08:00"));
  EXPECT_THAT(span.refused[0].reason, HasSubstr("calendar 'test' has no data"));
}

// Counted: walking would take 14.4 million steps a day, and this test for ever.
TEST(Timetable, CountsMillisecondsWithoutWalkingThem) {
  const Timetable table = timetable(interval("1ms"), {.during = true});
  const TimePoint from = instant("2026-05-06T00:00:00+08:00");
  const DueSpan days = table.due_in(from, instant("2026-05-30T00:00:00+08:00"));
  // 6 to 8 May, the 9th, three weeks of five days less half of one.
  EXPECT_EQ(days.runnable.count, (3 + 1 + 14) * 14'400'000LL + 7'200'000);
  const Timetable whole_days = timetable(interval("1ms"), {});
  EXPECT_EQ(
      whole_days.due_in(from - 1us, instant("2026-05-08T23:59:59.999999+08:00")).runnable.count,
      3 * 86'400'000LL);
}

TEST(Timetable, PausesEndWhereTheCalendarLetsThem) {
  const Schedule pause = parse_delay_schedule("10m").value();
  const Timetable during = timetable(pause, {.during = true});
  EXPECT_EQ(during.first_from(instant("2026-05-08T10:00:00+08:00")).nominal,
            instant("2026-05-08T10:00:00+08:00"));
  EXPECT_EQ(during.first_from(instant("2026-05-08T15:05:00+08:00")).nominal,
            instant("2026-05-09T09:30:00+08:00"));
  const Timetable days = timetable(pause, {});
  EXPECT_EQ(days.first_from(instant("2026-05-10T15:05:00+08:00")).nominal,
            instant("2026-05-11T00:00:00+08:00"));
  EXPECT_FALSE(days.first_from(instant("2026-07-01T15:05:00+08:00")).refusal.empty());
  EXPECT_EQ(Timetable{pause}.first_from(instant("2026-07-01T15:05:00Z")).nominal,
            instant("2026-07-01T15:05:00Z"));
}

TEST(Timetable, SeesTheLatestEditionOfItsCalendar) {
  const auto calendar = std::make_shared<LiveCalendar>(made(may_and_june()));
  TimetableOptions options;
  options.calendar = calendar;
  options.session_times = parse_session_times("open").value();
  const Timetable table{OnDemand{}, options};
  const TimePoint from = instant("2026-05-11T00:00:00+08:00");
  EXPECT_EQ(table.next(from).nominal, instant("2026-05-11T09:30:00+08:00"));
  CalendarRules later = may_and_june();
  later.weeks = {working_week({session("10:00-14:00")})};
  calendar->replace(made(later));
  EXPECT_EQ(table.next(from).nominal, instant("2026-05-11T10:00:00+08:00"));
}

TEST(Timetable, RefusesEachBusinessDayWhoseSessionsNobodyKnows) {
  CalendarRules rules = may_and_june();
  rules.weeks = {working_week({})};
  rules.days.erase(date("2026-05-29"));
  rules.sessions_from_outside = true;
  rules.why_unknown = "market 1 has no row";
  TimetableOptions options;
  options.calendar = live(rules);
  options.during_sessions = true;
  const Timetable table{interval("1s"), options};
  EXPECT_EQ(due_times(table, kMay8, 3), "05-09 00:00!, 05-11 00:00!, 05-12 00:00!");
  EXPECT_EQ(table.next(instant(kMay8)).refusal, "market 1 has no row");
}

TEST(Timetable, WithoutOptionsIsItsScheduleAndOnePointer) {
  EXPECT_LE(sizeof(Timetable), sizeof(Schedule) + 2 * sizeof(void*));
  const Timetable bare{interval("1s")};
  EXPECT_EQ(bare.calendar(), nullptr);
  EXPECT_FALSE(bare.calendar_ends_soon(instant(kMay8)));
  EXPECT_TRUE(Timetable{}.on_demand());
  EXPECT_FALSE(timetable(OnDemand{}, {.session_times = "open"}).on_demand());
}

TEST(DayRule, IsReadAsPeopleWriteIt) {
  for (const char* text : {"first business-day of month", "last business-day of week",
                           "3rd business-day of month", "T+2", "T-1 of last business-day of month"})
    EXPECT_TRUE(parse_day_rule(text)) << text;
  for (const char* text :
       {"", "first", "first day of month", "0th business-day of month", "8th business-day of week",
        "32nd business-day of month", "T2", "T+", "T+2 first business-day of month",
        "first business-day of year", "T+400"})
    EXPECT_EQ(parse_day_rule(text).error().code, "BAD_DAY_RULE") << text;
}

TEST(SessionTime, IsReadAsPeopleWriteIt) {
  for (const char* text : {"open", "open-30m", "close + 1h30m", "break_start", "open[night]+5s"})
    EXPECT_TRUE(parse_session_times(text)) << text;
  for (const char* text : {"", "open-", "open-30", "opening", "open[]", "close+25h", "open[night",
                           "open 30m", "09:30"})
    EXPECT_EQ(parse_session_times(text).error().code, "BAD_SESSION_TIME") << text;
}

}  // namespace
}  // namespace systask::scheduler
