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
        Case{"1d", 24h}, Case{"10us", 10us}, Case{"1m500ms", 60500ms}}) {
    ASSERT_TRUE(parse_duration(c.text)) << c.text;
    EXPECT_EQ(*parse_duration(c.text), c.length);
    EXPECT_EQ(format_duration(c.length), c.text);
  }
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
