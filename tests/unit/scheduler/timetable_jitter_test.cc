// How far a jitter moves a start, and from when on a run is late.
#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "scheduler/run.h"
#include "tests/unit/scheduler/timetable_fixture.h"

namespace systask::scheduler {
namespace {

using namespace std::chrono_literals;

TEST(Timetable, JitterIsStableAndNeverReachesTheNext) {
  TimetableOptions options;
  options.jitter = 1h;  // longer than the interval
  options.seed = 42;
  const Timetable table{interval("10m"), options};
  const Timetable again{interval("10m"), options};
  options.seed = 43;
  const Timetable other{interval("10m"), options};
  TimePoint after = instant("2026-05-08T00:00:00Z");
  int different = 0;
  Micros most{0};
  for (int i = 0; i < 1000; ++i) {
    const Occurrence next = table.next(after);
    EXPECT_EQ(next.start, again.next(after).start);
    EXPECT_GE(next.start, next.nominal);
    EXPECT_LT(next.start, table.next(next.nominal).nominal);
    different += next.start != other.next(after).start ? 1 : 0;
    most = std::max(most, next.start - next.nominal);
    after = next.nominal;
  }
  EXPECT_GT(different, 990);
  EXPECT_GT(most, 9min);
  // Not before its start, and then with its nominal time.
  const Occurrence one = table.next(after);
  EXPECT_EQ(table.due_in(after, one.start - 1us).runnable.count, 0);
  EXPECT_EQ(table.due_in(after, one.start).runnable.last, one.nominal);
}

struct JitterCase {
  std::string what;
  Schedule schedule;
  GivenOptions given;
  std::string_view from;
  std::string_view before;  // no start of the first occurrence after `from` is here or later
};

// NOLINTNEXTLINE(readability-function-size): a table
const std::vector<JitterCase>& jitter_cases() {
  static const std::vector<JitterCase> all{
      {"the last before lunch",
       interval("10m"),
       {.during = true, .jitter = 30min},
       "2026-05-08T11:10:00+08:00",
       "2026-05-08T11:29:59+08:00"},
      {"the last before the close",
       interval("1h"),
       {.during = true, .jitter = 24h},
       "2026-05-08T13:00:00+08:00",
       "2026-05-08T14:59:59+08:00"},
      {"the very last second",
       parse_at_schedule("11:29:59", shanghai()).value(),
       {.during = true, .jitter = 1h},
       "2026-05-08T11:00:00+08:00",
       "2026-05-08T11:30:00+08:00"},
      {"before the opening",
       OnDemand{},
       {.session_times = "open-30m", .jitter = 24h},
       "2026-05-08T08:00:00+08:00",
       "2026-05-08T09:29:59+08:00"},
      {"before the close",
       OnDemand{},
       {.session_times = "close-5m", .jitter = 24h},
       "2026-05-08T14:00:00+08:00",
       "2026-05-08T14:59:59+08:00"},
      {"at the exact close, which is after the session",
       OnDemand{},
       {.session_times = "close", .jitter = 24h},
       "2026-05-08T14:00:00+08:00",
       "2026-05-08T23:59:59+08:00"},
      {"a night that goes on into the next date",
       OnDemand{},
       {.session_times = "open[night]+1h", .jitter = 24h, .nights = true},
       "2026-05-08T20:00:00+08:00",
       "2026-05-09T02:29:59+08:00"},
      {"on its date",
       daily("23:50"),
       {.jitter = 1h},
       "2026-05-08T12:00:00+08:00",
       "2026-05-08T23:59:59+08:00"},
      {"on its business date, which the night session ends",
       daily("20:50"),
       {.jitter = 1h, .nights = true},
       "2026-05-08T12:00:00+08:00",
       "2026-05-08T20:59:59+08:00"},
      {"moved to another day",
       by_cron("0 50 23 16 * ?"),
       {.roll = Roll::kNext, .jitter = 1h},
       "2026-05-15T12:00:00+08:00",
       "2026-05-18T23:59:59+08:00"},
      {"on the last business day of a month",
       daily("23:50"),
       {.on = "last business-day of month", .jitter = 1h},
       kMay8,
       "2026-05-29T23:59:59+08:00"},
      {"before its not_after",
       daily("09:00"),
       {.jitter = 1h, .not_after = 9h + 10min},
       kMay8,
       "2026-05-09T09:09:59+08:00"},
  };
  return all;
}

// Whatever is drawn: a thousand tasks draw differently.
TEST(Timetable, JitterStaysInTheWindowOfItsOccurrence) {
  for (const JitterCase& one : jitter_cases()) {
    const TimePoint end = instant(one.before);
    Micros most{0};
    TimePoint nominal{};
    for (std::uint64_t seed = 0; seed < 1'000; ++seed) {
      GivenOptions given = one.given;
      given.seed = seed;
      const Occurrence next = timetable(one.schedule, given).next(instant(one.from));
      nominal = next.nominal;
      ASSERT_GE(next.start, next.nominal) << one.what;
      ASSERT_LT(next.start, end) << one.what << " " << to_rfc3339(next.start);
      most = std::max(most, next.start - next.nominal);
    }
    EXPECT_GT(most, (end - nominal) * 4 / 10) << one.what;  // and uses what there is
  }
}

TEST(Timetable, JitterOfAPauseStaysInTheSession) {
  const Schedule pause = parse_delay_schedule("10m").value();
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    const Timetable table = timetable(pause, {.during = true, .jitter = 1h, .seed = seed});
    EXPECT_LT(table.first_from(instant("2026-05-08T11:20:00+08:00")).start,
              instant("2026-05-08T11:30:00+08:00"));
  }
}

TEST(Timetable, ARunIsLateFromItsPlannedStart) {
  const Timetable table = timetable(interval("10m"), {.during = true, .jitter = 5min});
  const Occurrence next = table.next(instant("2026-05-08T10:00:00+08:00"));
  ASSERT_GT(next.start, next.nominal);
  RunRow row{.key = {next.nominal, TaskId{7}}};
  EXPECT_EQ(lateness_of(table, row), 0us);
  row.started_at = next.start + 3ms;
  EXPECT_EQ(planned_start(table, row), next.start);
  EXPECT_EQ(lateness_of(table, row), 3ms);
  row.trigger = Trigger::kManual;  // it was asked for then, and has no jitter
  EXPECT_EQ(lateness_of(table, row), next.start - next.nominal + 3ms);
}

}  // namespace
}  // namespace systask::scheduler
