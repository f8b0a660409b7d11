#include "scheduler/when/schedule.h"

#include <gtest/gtest.h>

#include "scheduler/when/duration.h"

namespace systask::scheduler {
namespace {

using namespace std::chrono_literals;

TimePoint at(std::string_view text) { return from_rfc3339(text).value(); }

TEST(Duration, ReadsUnitsAndWritesThemBack) {
  struct Case {
    const char* text;
    Micros length;
  };
  for (const Case& c :
       {Case{"250ms", 250ms}, Case{"1s", 1s}, Case{"5m", 5min}, Case{"1h30m", 90min},
        Case{"14d", 24h * 14}, Case{"10us", 10us}, Case{"1m500ms", 60500ms}}) {
    ASSERT_TRUE(parse_duration(c.text)) << c.text;
    EXPECT_EQ(*parse_duration(c.text), c.length);
    EXPECT_EQ(format_duration(c.length), c.text);
  }
  EXPECT_EQ(*parse_duration("2w1d"), 24h * 15);
  EXPECT_EQ(*parse_duration("0s"), 0us);
  EXPECT_EQ(format_duration(0us), "0s");
  EXPECT_EQ(format_duration(-90s), "-1m30s");
}

TEST(Duration, RefusesWhatIsNone) {
  for (const char* text : {"", "5", "s", "-5s", "1.5s", "5 s", "5x", "1s1h", "1s1s",
                           "99999999999999999999s", "9999999999999999d", "+5s"}) {
    const auto length = parse_duration(text);
    ASSERT_TRUE(length.has_error()) << text;
    EXPECT_EQ(length.error().code, "BAD_DURATION");
  }
}

TEST(Every, IsAlignedAndKeepsItsRate) {
  const Every every = Every::parse("5m").value();
  EXPECT_EQ(every.next(at("2026-05-22T09:31:07Z")), at("2026-05-22T09:35:00Z"));
  EXPECT_EQ(every.next(at("2026-05-22T09:35:00Z")), at("2026-05-22T09:40:00Z"));
  EXPECT_EQ(every.next(at("1969-12-31T23:58:00Z")), at("1970-01-01T00:00:00Z"));
  EXPECT_EQ(every.next(at("1969-12-31T23:55:00Z")), at("1970-01-01T00:00:00Z"));
  EXPECT_EQ(Every::parse("250ms")->next(at("2026-05-22T09:31:07.3Z")),
            at("2026-05-22T09:31:07.5Z"));
  EXPECT_EQ(Every::parse("0s").error().code, "BAD_DURATION");
  EXPECT_EQ(Every::parse("400d").error().code, "BAD_DURATION");
}

TEST(FixedTimes, FiresAtEachTimeOnTheClockOfItsZone) {
  const Zone shanghai = Zone::find("Asia/Shanghai").value();
  const FixedTimes times = FixedTimes::parse("14:57:30, 09:25", shanghai).value();
  EXPECT_EQ(times.next(at("2026-05-22T00:00:00+08:00")), at("2026-05-22T09:25:00+08:00"));
  EXPECT_EQ(times.next(at("2026-05-22T09:25:00+08:00")), at("2026-05-22T14:57:30+08:00"));
  EXPECT_EQ(times.next(at("2026-05-22T14:57:30+08:00")), at("2026-05-23T09:25:00+08:00"));
}

TEST(FixedTimes, FollowsClockChanges) {
  const Zone zone = Zone::find("America/New_York").value();
  const TimePoint before = at("2026-03-08T01:00:00-05:00");
  EXPECT_EQ(FixedTimes::parse("02:30", zone)->next(before), at("2026-03-08T03:00:00-04:00"));
  EXPECT_EQ(FixedTimes::parse("02:30", zone, {Gap::kShift})->next(before),
            at("2026-03-08T03:30:00-04:00"));
  EXPECT_EQ(FixedTimes::parse("02:30", zone, {Gap::kSkip})->next(before),
            at("2026-03-09T02:30:00-04:00"));
}

TEST(FixedTimes, RefusesWhatIsNoTimeOfDay) {
  for (const char* text : {"", "24:00", "9:25", "09:60", "09:25:60", "09-25", "09:25:", "noon"}) {
    const auto times = FixedTimes::parse(text, Zone::utc());
    ASSERT_TRUE(times.has_error()) << text;
    EXPECT_EQ(times.error().code, "BAD_TIME_OF_DAY");
  }
}

TEST(Every, LooksBack) {
  const Every every = Every::parse("5m").value();
  EXPECT_EQ(every.previous(at("2026-05-22T09:35:00Z")), at("2026-05-22T09:30:00Z"));
  EXPECT_EQ(every.previous(at("2026-05-22T09:35:00.000001Z")), at("2026-05-22T09:35:00Z"));
  EXPECT_EQ(every.previous(at("1969-12-31T23:55:00Z")), at("1969-12-31T23:50:00Z"));
  EXPECT_EQ(every.previous(at("1969-12-31T23:57:00Z")), at("1969-12-31T23:55:00Z"));
  EXPECT_EQ(every.next(kNever), kNever);
  EXPECT_EQ(every.previous(kNeverBefore), kNeverBefore);
}

TEST(Once, FiresAtEachInstantAndNoMore) {
  const Zone shanghai = Zone::find("Asia/Shanghai").value();
  const Schedule once =
      parse_once_schedule("2026-05-22T09:25:00Z, 2026-05-22 09:25,2026-05-22T09:25:00.5+08:00",
                          shanghai)
          .value();
  const TimePoint first = at("2026-05-22T09:25:00+08:00");
  EXPECT_EQ(next_due(once, first - 1us), first);
  EXPECT_EQ(next_due(once, first), first + 500ms);
  EXPECT_EQ(next_due(once, first + 1s), at("2026-05-22T17:25:00+08:00"));
  EXPECT_EQ(next_due(once, at("2026-05-22T17:25:00+08:00")), kNever);
  EXPECT_EQ(previous_due(once, first), kNeverBefore);
  EXPECT_EQ(previous_due(once, kNever), at("2026-05-22T17:25:00+08:00"));
  EXPECT_EQ(previous_due(once, first + 1us), first);
  EXPECT_EQ(occurrences_in(once, kNeverBefore, kNever).count, 3);
}

TEST(Once, FollowsClockChanges) {
  const Zone zone = Zone::find("America/New_York").value();
  const auto instants = [&](const char* text, DstPolicy dst) {
    return Once::parse(text, zone, dst).value().instants();
  };
  using Instants = std::vector<TimePoint>;
  EXPECT_EQ(instants("2026-03-08T02:30", {}), Instants{at("2026-03-08T03:00:00-04:00")});
  EXPECT_EQ(instants("2026-03-08T02:30", {.gap = Gap::kShift}),
            Instants{at("2026-03-08T03:30:00-04:00")});
  EXPECT_EQ(instants("2026-11-01T01:30", {}), Instants{at("2026-11-01T01:30:00-04:00")});
  EXPECT_EQ(instants("2026-11-01T01:30", {.overlap = DstOverlap::kBoth}),
            (Instants{at("2026-11-01T01:30:00-04:00"), at("2026-11-01T01:30:00-05:00")}));
  EXPECT_EQ(Once::parse("2026-03-08T02:30", zone, {.gap = Gap::kSkip}).error().code,
            "BAD_TIMESTAMP");
}

TEST(Once, RefusesWhatIsNoTimestamp) {
  for (const char* text : {"", " ", "today", "2026-05-22", "2026-05-22T24:00", "2026-02-30T09:00",
                           "2026-05-22T09:25,", "2026-05-22T9:25", "09:25"}) {
    const auto once = parse_once_schedule(text, Zone::utc());
    ASSERT_TRUE(once.has_error()) << text;
    EXPECT_EQ(once.error().code, "BAD_TIMESTAMP");
  }
}

TEST(Delay, HasAPeriodAndNoOccurrences) {
  const Schedule delay = parse_delay_schedule("1m30s").value();
  EXPECT_EQ(std::get<Delay>(delay).period(), 90s);
  EXPECT_EQ(next_due(delay, at("2026-05-22T09:25:00Z")), kNever);
  EXPECT_EQ(previous_due(delay, at("2026-05-22T09:25:00Z")), kNeverBefore);
  for (const char* text : {"0s", "999us", "367d", "soon", ""})
    EXPECT_EQ(parse_delay_schedule(text).error().code, "BAD_DURATION") << text;
}

TEST(Schedule, LooksBackFromTheEndsOfTime) {
  const Zone zone = Zone::find("Europe/London").value();
  for (const Schedule& schedule :
       {parse_cron_schedule("0 0 8 * * ?", zone).value(), parse_at_schedule("08:00", zone).value(),
        parse_every_schedule("1h").value(), Schedule{OnDemand{}}}) {
    EXPECT_EQ(previous_due(schedule, kNeverBefore), kNeverBefore);
    EXPECT_EQ(next_due(schedule, kNever), kNever);
    const TimePoint first = next_due(schedule, kNeverBefore);
    EXPECT_GT(first, kNeverBefore);
    const TimePoint last = previous_due(schedule, kNever);
    EXPECT_LT(last, kNever);
    EXPECT_GE(next_due(schedule, last), last);
  }
  const Schedule cron = parse_cron_schedule("0 0 8 * * ?", zone).value();
  EXPECT_EQ(next_due(cron, kNeverBefore), at("1970-01-01T08:00:00+01:00"));
  EXPECT_EQ(previous_due(cron, kNever), at("2199-12-31T08:00:00Z"));
  EXPECT_EQ(previous_due(cron, at("1970-01-01T08:00:00+01:00")), kNeverBefore);
}

TEST(Schedule, CountsOccurrencesWithoutWalkingIntervals) {
  const Schedule every = parse_every_schedule("1ms").value();
  const Occurrences found =
      occurrences_in(every, at("2026-01-01T00:00:00Z"), at("2027-01-01T00:00:00Z"));
  EXPECT_EQ(found.count, 365LL * 86'400'000);
  EXPECT_EQ(found.last, at("2027-01-01T00:00:00Z"));
  const Schedule cron = parse_cron_schedule("0 0 8 * * ?", Zone::utc()).value();
  const Occurrences mornings =
      occurrences_in(cron, at("2026-01-01T08:00:00Z"), at("2026-01-04T07:59:59Z"));
  EXPECT_EQ(mornings.count, 2);
  EXPECT_EQ(mornings.first, at("2026-01-02T08:00:00Z"));
  EXPECT_EQ(mornings.last, at("2026-01-03T08:00:00Z"));
  EXPECT_EQ(next_due(OnDemand{}, at("2026-01-01T00:00:00Z")), kNever);
}

TEST(Dst, RefusesUnknownPolicies) {
  EXPECT_EQ(*parse_gap("shift"), Gap::kShift);
  EXPECT_EQ(parse_gap("later").error().code, "BAD_DST");
  EXPECT_EQ(*parse_dst_overlap("both"), DstOverlap::kBoth);
  EXPECT_EQ(parse_dst_overlap("second").error().code, "BAD_DST");
}

}  // namespace
}  // namespace systask::scheduler
