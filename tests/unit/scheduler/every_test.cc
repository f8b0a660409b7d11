// Intervals on the wall of a zone, and what clock changes do to them.
#include "scheduler/when/every.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <vector>

#include "scheduler/when/schedule.h"

namespace systask::scheduler {
namespace {

using namespace std::chrono_literals;

TimePoint rfc(std::string_view text) { return from_rfc3339(text).value(); }

struct EveryCase {
  const char* zone;
  const char* every;
  DstPolicy dst;
  const char* from;      // times after this
  const char* expected;  // civil times and offsets, without the date of `from`'s year
  const char* anchor = "";
};

constexpr DstPolicy kSkips{Gap::kSkip, DstOverlap::kAuto};
constexpr DstPolicy kShifts{Gap::kShift, DstOverlap::kAuto};
constexpr DstPolicy kFirstOnly{Gap::kTransition, DstOverlap::kFirst};
constexpr DstPolicy kBothTimes{Gap::kTransition, DstOverlap::kBoth};

// NOLINTNEXTLINE(readability-function-size): a table
const std::vector<EveryCase>& every_cases() {
  static const std::vector<EveryCase> all{
      // A zone's midnight, its full hour, its half hour.
      {"America/New_York",
       "24h",
       {},
       "2026-05-21T21:00:00-04:00",
       "05-22T00:00-04:00 05-23T00:00-04:00"},
      {"Asia/Kolkata",
       "1h",
       {},
       "2026-05-22T09:10:00+05:30",
       "05-22T10:00+05:30 05-22T11:00+05:30"},
      {"Asia/Kathmandu", "30m", {}, "2026-05-22T09:10:00+05:45", "05-22T09:30+05:45"},
      {"Asia/Shanghai",
       "12h",
       {},
       "2026-05-22T00:00:00+08:00",
       "05-22T12:00+08:00 05-23T00:00+08:00"},
      // The year's end, and whole days from 1970-01-01.
      {"America/New_York", "24h", {}, "2026-12-31T00:00:00-05:00", "01-01T00:00-05:00"},
      {"America/New_York",
       "2d",
       {},
       "2025-12-31T12:00:00-05:00",
       "01-01T00:00-05:00 01-03T00:00-05:00"},
      {"Europe/Berlin",
       "1w",
       {},
       "2026-05-22T09:00:00+02:00",
       "05-28T00:00+02:00 06-04T00:00+02:00"},
      // Spring in New York: 02:00 to 03:00 does not exist on 8 March.
      {"America/New_York",
       "24h",
       {},
       "2026-03-07T12:00:00-05:00",
       "03-08T00:00-05:00 03-09T00:00-04:00"},
      {"America/New_York",
       "12h",
       {},
       "2026-03-07T18:00:00-05:00",
       "03-08T00:00-05:00 03-08T12:00-04:00 03-09T00:00-04:00"},
      {"America/New_York",
       "1h",
       {},
       "2026-03-08T00:30:00-05:00",
       "03-08T01:00-05:00 03-08T03:00-04:00 03-08T04:00-04:00"},
      {"America/New_York",
       "2h",
       {},
       "2026-03-07T23:00:00-05:00",
       "03-08T00:00-05:00 03-08T03:00-04:00 03-08T04:00-04:00"},
      {"America/New_York", "2h", kSkips, "2026-03-07T23:00:00-05:00",
       "03-08T00:00-05:00 03-08T04:00-04:00"},
      {"America/New_York",
       "40m",
       {},
       "2026-03-08T01:10:00-05:00",
       "03-08T01:20-05:00 03-08T03:00-04:00 03-08T03:20-04:00 03-08T04:00-04:00"},
      {"America/New_York", "40m", kShifts, "2026-03-08T01:10:00-05:00",
       "03-08T01:20-05:00 03-08T03:00-04:00 03-08T03:20-04:00 03-08T03:40-04:00 "
       "03-08T04:00-04:00"},
      // Autumn: 01:00 to 02:00 comes twice on 1 November.
      {"America/New_York",
       "24h",
       {},
       "2026-10-31T12:00:00-04:00",
       "11-01T00:00-04:00 11-02T00:00-05:00"},
      {"America/New_York",
       "1h",
       {},
       "2026-11-01T00:30:00-04:00",
       "11-01T01:00-04:00 11-01T01:00-05:00 11-01T02:00-05:00"},
      {"America/New_York",
       "2h",
       {},
       "2026-10-31T23:00:00-04:00",
       "11-01T00:00-04:00 11-01T02:00-05:00"},
      {"America/New_York",
       "20m",
       {},
       "2026-11-01T01:30:00-04:00",
       "11-01T01:40-04:00 11-01T01:00-05:00 11-01T01:20-05:00"},
      {"America/New_York", "20m", kFirstOnly, "2026-11-01T01:30:00-04:00",
       "11-01T01:40-04:00 11-01T02:00-05:00"},
      {"America/New_York",
       "90m",
       {},
       "2026-11-01T00:30:00-04:00",
       "11-01T01:30-04:00 11-01T03:00-05:00"},
      {"America/New_York", "90m", kBothTimes, "2026-11-01T00:30:00-04:00",
       "11-01T01:30-04:00 11-01T01:30-05:00 11-01T03:00-05:00"},
      // Lord Howe moves by half an hour: 02:00 to 02:30, and back to 01:30.
      {"Australia/Lord_Howe",
       "1h",
       {},
       "2026-10-04T00:30:00+10:30",
       "10-04T01:00+10:30 10-04T02:30+11:00 10-04T03:00+11:00"},
      {"Australia/Lord_Howe",
       "30m",
       {},
       "2026-10-04T01:15:00+10:30",
       "10-04T01:30+10:30 10-04T02:30+11:00 10-04T03:00+11:00"},
      {"Australia/Lord_Howe",
       "1h",
       {},
       "2026-04-05T00:30:00+11:00",
       "04-05T01:00+11:00 04-05T02:00+10:30"},
      {"Australia/Lord_Howe",
       "30m",
       {},
       "2026-04-05T00:45:00+11:00",
       "04-05T01:00+11:00 04-05T01:30+11:00 04-05T01:30+10:30 04-05T02:00+10:30"},
      // Midnight itself does not exist in Santiago, and comes twice in Havana.
      {"America/Santiago",
       "24h",
       {},
       "2026-09-05T12:00:00-04:00",
       "09-06T01:00-03:00 09-07T00:00-03:00"},
      {"America/Havana",
       "24h",
       {},
       "2026-10-31T12:00:00-04:00",
       "11-01T00:00-04:00 11-02T00:00-05:00"},
      {"America/Havana",
       "1h",
       {},
       "2026-10-31T23:30:00-04:00",
       "11-01T00:00-04:00 11-01T00:00-05:00 11-01T01:00-05:00"},
      // Every second Friday at 17:00, in winter and in summer, and none before the first.
      {"America/New_York",
       "2w",
       {},
       "2025-12-01T00:00:00-05:00",
       "01-02T17:00-05:00 01-16T17:00-05:00",
       "2026-01-02T17:00"},
      {"America/New_York",
       "2w",
       {},
       "2026-02-28T00:00:00-05:00",
       "03-13T17:00-04:00 03-27T17:00-04:00",
       "2026-01-02T17:00"},
      {"Asia/Shanghai",
       "1h",
       {},
       "2026-05-22T09:00:00+08:00",
       "05-22T09:15+08:00 05-22T10:15+08:00",
       "2026-01-02T00:15"},
      {"Asia/Shanghai", "2w", {}, "2026-05-22T09:00:00+08:00", "05-29T00:00+08:00", "2026-05-29"},
      // Real time, where a day is not divided.
      {"America/New_York", "7m", {}, "1970-01-01T00:00:00Z", "12-31T19:07-05:00 12-31T19:14-05:00"},
      {"America/New_York",
       "36h",
       {},
       "2026-03-07T00:00:00-05:00",
       "03-07T09:00-05:00 03-08T22:00-04:00",
       "2026-03-07T09:00:00-05:00"},
  };
  return all;
}

Every made_every(const EveryCase& one) {
  return Every::parse(one.every, Zone::find(one.zone).value(), one.dst, one.anchor).value();
}

TEST(Every, LiesOnTheWallOfItsZone) {
  for (const EveryCase& one : every_cases()) {
    const Every every = made_every(one);
    const Zone zone = Zone::find(one.zone).value();
    std::string found;
    TimePoint at = rfc(one.from);
    const auto times = std::ranges::count(std::string_view{one.expected}, ' ') + 1;
    for (int i = 0; i < times; ++i) {
      at = every.next(at);
      const std::string text = zone.to_rfc3339(at);
      found += (i == 0 ? "" : " ") + text.substr(5, 11) + text.substr(19);
    }
    EXPECT_EQ(found, one.expected) << one.zone << " " << one.every << " " << one.from;
  }
}

// next(), previous() and count() tell one story, over the changes of a year.
TEST(Every, CountsAndGoesBackAsItGoesForward) {
  for (const EveryCase& one : every_cases()) {
    const Every every = made_every(one);
    for (const char* around :
         {"2026-03-08T07:00:00Z", "2026-11-01T06:00:00Z", "2026-10-03T15:30:00Z",
          "2026-04-04T15:00:00Z", "2026-09-06T04:00:00Z", "2026-11-01T05:00:00Z"}) {
      const TimePoint begin = rfc(around) - 30h;
      const TimePoint end = rfc(around) + 30h;
      std::int64_t steps = 0;
      TimePoint last = begin;
      for (TimePoint at = every.next(begin); at <= end; at = every.next(at)) {
        ASSERT_GT(at, last) << one.zone << " " << one.every;
        if (steps++ > 0) {
          ASSERT_EQ(every.previous(at), last) << one.zone << " " << one.every;
        }
        last = at;
        ASSERT_EQ(every.count(begin, at), steps) << one.zone << " " << one.every;
        ASSERT_EQ(every.count(begin, at - 1us), steps - 1) << one.zone << " " << one.every;
      }
      ASSERT_EQ(every.count(begin, end), steps) << one.zone << " " << one.every;
      if (steps > 0) {
        ASSERT_EQ(every.previous(end + 1us), last) << one.zone << " " << one.every;
      }
    }
  }
}

// A day of the clock change has 25 hours, and walking their milliseconds would take minutes.
TEST(Every, CountsMillisecondsOverAClockChange) {
  const Zone zone = Zone::find("America/New_York").value();
  const Schedule every = parse_every_schedule("1ms", zone).value();
  const Occurrences day =
      occurrences_in(every, rfc("2026-11-01T00:00:00-04:00"), rfc("2026-11-02T00:00:00-05:00"));
  EXPECT_EQ(day.count, 25LL * 3'600'000);
  EXPECT_EQ(day.last, rfc("2026-11-02T00:00:00-05:00"));
  const Schedule first = parse_every_schedule("1ms", zone, kFirstOnly).value();
  EXPECT_EQ(
      occurrences_in(first, rfc("2026-11-01T00:00:00-04:00"), rfc("2026-11-02T00:00:00-05:00"))
          .count,
      24LL * 3'600'000);
  EXPECT_EQ(occurrences_in(every, rfc("1970-01-01T00:00:00Z"), rfc("2026-01-01T00:00:00Z")).count,
            20'454LL * 86'400'000);
}

TEST(Every, HasNoOccurrenceBeforeItsFirst) {
  const Every every =
      Every::parse("2w", Zone::find("Asia/Shanghai").value(), {}, "2026-01-02").value();
  const TimePoint first = rfc("2026-01-02T00:00:00+08:00");
  EXPECT_EQ(every.next(TimePoint::min()), first);
  EXPECT_EQ(every.next(first - 1us), first);
  EXPECT_EQ(every.previous(first), TimePoint::min());
  EXPECT_EQ(every.previous(first + 1us), first);
  EXPECT_EQ(every.count(TimePoint::min(), first - 1us), 0);
  EXPECT_EQ(every.count(TimePoint::min(), first + 28 * 24h), 3);
}

TEST(Every, RefusesWhatItCannotCountFrom) {
  for (const char* from : {"today", "2026-13-01", "2026-01-02T9:00", "01-02", "2026-02-30"})
    EXPECT_EQ(Every::parse("2w", Zone::utc(), {}, from).error().code, "BAD_TIMESTAMP") << from;
  EXPECT_EQ(Every::parse("53w").error().code, "BAD_DURATION");
}

}  // namespace
}  // namespace systask::scheduler
