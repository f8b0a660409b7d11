#include "scheduler/when/cron.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "scheduler/when/cron_parser.h"

namespace systask::scheduler {
namespace {

TimePoint at(std::string_view text) { return from_rfc3339(text).value(); }

// The next `count` occurrences, in the zone's own time, joined by spaces.
std::string next_texts(const Cron& cron, const Zone& zone, std::string_view from, int count) {
  std::string all;
  TimePoint time = at(from);
  for (int i = 0; i < count; ++i) {
    time = cron.next(time);
    if (!all.empty()) all += ' ';
    if (time == TimePoint::max()) return all + "never";
    all += zone.to_rfc3339(time);
  }
  return all;
}

struct Case {
  std::string expression;
  std::string from;  // in UTC
  std::string expected;
};

class CronNext : public testing::TestWithParam<Case> {};

TEST_P(CronNext, InUtc) {
  const Case& c = GetParam();
  const auto cron = Cron::parse(c.expression, Zone::utc());
  ASSERT_TRUE(cron) << cron.error().message;
  const int count = static_cast<int>(std::ranges::count(c.expected, ' ')) + 1;
  EXPECT_EQ(next_texts(*cron, Zone::utc(), c.from, count), c.expected) << c.expression;
}

INSTANTIATE_TEST_SUITE_P(
    Quartz, CronNext,
    testing::Values(
        Case{"*/2 * * * * ?", "2026-05-22T09:30:00Z", "2026-05-22T09:30:02Z 2026-05-22T09:30:04Z"},
        Case{"*/2 * * * * ?", "2026-05-22T09:30:00.5Z", "2026-05-22T09:30:02Z"},
        Case{"0 0/1 *,0-9 * * ?", "2026-05-22T23:59:30Z",
             "2026-05-23T00:00:00Z 2026-05-23T00:01:00Z"},
        Case{"0 0 8 * * ?", "2026-05-22T08:00:00Z", "2026-05-23T08:00:00Z"},
        Case{"15 10/20 3,5 * * ?", "2026-05-22T03:50:16Z",
             "2026-05-22T05:10:15Z 2026-05-22T05:30:15Z"},
        Case{"0 0 22-2 * * ?", "2026-05-22T21:00:00Z",
             "2026-05-22T22:00:00Z 2026-05-22T23:00:00Z 2026-05-23T00:00:00Z "
             "2026-05-23T01:00:00Z 2026-05-23T02:00:00Z 2026-05-23T22:00:00Z"},
        Case{"0 0 0 20-5/5 * ?", "2026-05-01T00:00:00Z",
             "2026-05-04T00:00:00Z 2026-05-20T00:00:00Z 2026-05-25T00:00:00Z "
             "2026-05-30T00:00:00Z 2026-06-04T00:00:00Z"},
        Case{"0 0 12 ? * FRI-MON", "2026-05-20T00:00:00Z",
             "2026-05-22T12:00:00Z 2026-05-23T12:00:00Z 2026-05-24T12:00:00Z "
             "2026-05-25T12:00:00Z 2026-05-29T12:00:00Z"},
        Case{"0 0 12 ? * 1", "2026-05-20T00:00:00Z", "2026-05-24T12:00:00Z"},
        Case{"0 0 12 L * ?", "2028-02-01T00:00:00Z", "2028-02-29T12:00:00Z 2028-03-31T12:00:00Z"},
        Case{"0 0 12 L-2 * ?", "2026-02-01T00:00:00Z", "2026-02-26T12:00:00Z"},
        Case{"0 0 12 LW * ?", "2026-05-01T00:00:00Z", "2026-05-29T12:00:00Z 2026-06-30T12:00:00Z"},
        Case{"0 0 12 LW-1 * ?", "2026-05-01T00:00:00Z", "2026-05-28T12:00:00Z"},
        Case{"0 0 12 LW-30 2 ?", "2026-01-01T00:00:00Z", "2026-02-01T12:00:00Z"},
        Case{"0 0 12 L-3W * ?", "2026-06-01T00:00:00Z", "2026-06-26T12:00:00Z"},
        Case{"0 0 12 1W * ?", "2026-08-01T00:00:00Z", "2026-08-03T12:00:00Z 2026-09-01T12:00:00Z"},
        Case{"0 0 12 15W * ?", "2026-08-01T00:00:00Z", "2026-08-14T12:00:00Z"},
        Case{"0 0 12 31W * ?", "2026-05-01T00:00:00Z", "2026-05-29T12:00:00Z 2026-07-31T12:00:00Z"},
        Case{"0 0 12 6,15,LW * ?", "2026-05-10T00:00:00Z",
             "2026-05-15T12:00:00Z 2026-05-29T12:00:00Z 2026-06-06T12:00:00Z"},
        Case{"0 0 12 ? * 6#3", "2026-05-01T00:00:00Z", "2026-05-15T12:00:00Z"},
        Case{"0 0 12 ? * FRI#5", "2026-05-01T00:00:00Z",
             "2026-05-29T12:00:00Z 2026-07-31T12:00:00Z"},
        Case{"0 0 12 ? * FRIL", "2026-05-01T00:00:00Z",
             "2026-05-29T12:00:00Z 2026-06-26T12:00:00Z"},
        Case{"0 0 12 ? * L", "2026-05-20T00:00:00Z", "2026-05-23T12:00:00Z"},
        Case{"0 0 12 ? * MON#1,WEDL", "2026-05-01T00:00:00Z",
             "2026-05-04T12:00:00Z 2026-05-27T12:00:00Z"},
        // Both day fields restricted: either matches.
        Case{"0 0 0 13 * FRI", "2026-02-01T00:00:00Z",
             "2026-02-06T00:00:00Z 2026-02-13T00:00:00Z 2026-02-20T00:00:00Z "
             "2026-02-27T00:00:00Z 2026-03-06T00:00:00Z 2026-03-13T00:00:00Z"},
        Case{"0 0 0 1 JAN ? 2030-2034/2", "2026-01-01T00:00:00Z",
             "2030-01-01T00:00:00Z 2032-01-01T00:00:00Z 2034-01-01T00:00:00Z never"},
        Case{"0 0 0 1 NOV-FEB/2 ?", "2026-02-01T00:00:00Z",
             "2026-11-01T00:00:00Z 2027-01-01T00:00:00Z"},
        Case{"0 0 0 29 2 ? 2028", "2026-01-01T00:00:00Z", "2028-02-29T00:00:00Z never"},
        // The fifth Monday of a February: 29 February on a Monday.
        Case{"0 0 0 ? 2 MON#5 *", "2026-01-01T00:00:00Z",
             "2044-02-29T00:00:00Z 2072-02-29T00:00:00Z 2112-02-29T00:00:00Z"},
        Case{"/20 0 0 * * ?", "2026-01-01T00:00:00Z",
             "2026-01-01T00:00:20Z 2026-01-01T00:00:40Z 2026-01-02T00:00:00Z"},
        // A star with a step of one restricts nothing.
        Case{"0 0 0 */1 * mon", "2026-05-20T00:00:00Z", "2026-05-25T00:00:00Z"},
        Case{"\t0  0 12\t? * mon-fri/2 ", "2026-05-24T00:00:00Z",
             "2026-05-25T12:00:00Z 2026-05-27T12:00:00Z 2026-05-29T12:00:00Z 2026-06-01T12:00:00Z"},
        Case{"0 0 12 L,1W * ?", "2026-05-20T00:00:00Z",
             "2026-05-31T12:00:00Z 2026-06-01T12:00:00Z 2026-06-30T12:00:00Z"},
        Case{"0 0 12 30W 5 ?", "2026-01-01T00:00:00Z", "2026-05-29T12:00:00Z"},
        Case{"50-10/10 0 0 1 1 ?", "2026-01-01T00:00:00Z",
             "2026-01-01T00:00:10Z 2026-01-01T00:00:50Z 2027-01-01T00:00:00Z"}));

INSTANTIATE_TEST_SUITE_P(
    Unix, CronNext,
    testing::Values(
        Case{"*/15 * * * *", "2026-05-22T09:30:00Z", "2026-05-22T09:45:00Z"},
        Case{"0 0 * * 0", "2026-05-20T00:00:00Z", "2026-05-24T00:00:00Z"},
        Case{"0 0 * * 7", "2026-05-20T00:00:00Z", "2026-05-24T00:00:00Z"},
        Case{"0 0 * * 5-7", "2026-05-20T00:00:00Z",
             "2026-05-22T00:00:00Z 2026-05-23T00:00:00Z 2026-05-24T00:00:00Z 2026-05-29T00:00:00Z"},
        Case{"0 0 * * 1-5", "2026-05-22T00:00:00Z", "2026-05-25T00:00:00Z"},
        // Both restricted: either; one that starts with a star: both.
        Case{"0 0 13 * 5", "2026-02-01T00:00:00Z", "2026-02-06T00:00:00Z 2026-02-13T00:00:00Z"},
        Case{"0 0 */2 * 1", "2026-05-01T00:00:00Z", "2026-05-11T00:00:00Z 2026-05-25T00:00:00Z"},
        Case{"0 0 29 2 *", "2026-05-01T00:00:00Z", "2028-02-29T00:00:00Z"},
        Case{"30 9 L * *", "2026-05-01T00:00:00Z", "2026-05-31T09:30:00Z"},
        Case{"30 9 * * 5#2", "2026-05-01T00:00:00Z", "2026-05-08T09:30:00Z"},
        Case{"0 0 * * 4/3", "2026-05-20T00:00:00Z", "2026-05-21T00:00:00Z 2026-05-24T00:00:00Z"},
        Case{"0 0 * * sat-sun", "2026-05-20T00:00:00Z",
             "2026-05-23T00:00:00Z 2026-05-24T00:00:00Z 2026-05-30T00:00:00Z"},
        Case{"0 0 */1 * 1", "2026-05-20T00:00:00Z", "2026-05-25T00:00:00Z"},
        Case{"0 0 1-31 * 1", "2026-05-20T00:00:00Z", "2026-05-21T00:00:00Z"},
        Case{"0 0 ? * 1", "2026-05-20T00:00:00Z", "2026-05-25T00:00:00Z"},
        Case{"0 0 29 2 */7", "2026-05-20T00:00:00Z", "2032-02-29T00:00:00Z 2060-02-29T00:00:00Z"},
        Case{" @Yearly ", "2026-05-01T00:00:00Z", "2027-01-01T00:00:00Z"},
        Case{"@every_minute", "2026-05-01T00:00:00Z", "2026-05-01T00:01:00Z"},
        Case{"@daily", "2026-05-01T00:00:00Z", "2026-05-02T00:00:00Z"},
        Case{"@hourly", "2026-05-01T00:10:00Z", "2026-05-01T01:00:00Z"},
        Case{"0 12 * jan,Mar mon", "2026-01-27T00:00:00Z", "2026-03-02T12:00:00Z"}));

struct Mistake {
  std::string expression;
  std::string says;  // what the message must name
};

class CronMistake : public testing::TestWithParam<Mistake> {};

TEST_P(CronMistake, NamesFieldTextAndWhatIsAllowed) {
  const auto fields = parse_cron(GetParam().expression);
  ASSERT_TRUE(fields.has_error()) << GetParam().expression;
  EXPECT_EQ(fields.error().code, "BAD_CRON");
  EXPECT_NE(fields.error().message.find(GetParam().says), std::string::npos)
      << fields.error().message;
}

INSTANTIATE_TEST_SUITE_P(
    All, CronMistake,
    testing::Values(
        Mistake{"", "has 0 fields"}, Mistake{"* * * *", "has 4 fields"},
        Mistake{"* * * * * ? 2026 1", "has 8 fields"},
        Mistake{"60 * * * * ?", "'60' is not allowed in the second field"},
        Mistake{"0 60 * * * ?", "in the minute field"}, Mistake{"0 0 24 * * ?", "expected 0-23"},
        Mistake{"0 0 0 0 * ?", "in the day of month field"}, Mistake{"0 0 0 32 * ?", "'32'"},
        Mistake{"0 0 0 1 13 ?", "JAN-DEC"}, Mistake{"0 0 0 1 FOO ?", "'FOO'"},
        Mistake{"0 0 0 ? * 0", "1 = Sunday"}, Mistake{"0 0 0 ? * 8", "'8'"},
        Mistake{"0 0 * * 8", "0 and 7 = Sunday"}, Mistake{"0 0 0 1 1 ? 1969", "1970-2199"},
        Mistake{"0 0 0 1 1 ? 2030-2020", "'2030-2020'"}, Mistake{"*/0 * * * * ?", "'*/0'"},
        Mistake{"*/60 * * * * ?", "'*/60'"}, Mistake{"1,,2 * * * * ?", "''"},
        Mistake{"1, * * * * ?", "''"}, Mistake{"? * * * * ?", "'?'"},
        Mistake{"1- * * * * ?", "'1-'"}, Mistake{"0 0 0 L-31 * ?", "'L-31'"},
        Mistake{"0 0 0 32W * ?", "'32W'"}, Mistake{"0 0 0 ? * 6#6", "'6#6'"},
        Mistake{"0 0 0 ? * 6#", "'6#'"}, Mistake{"0 0 0 W * ?", "'W'"},
        Mistake{"0 0 0 ? * LW", "'LW'"}, Mistake{"99999999999 * * * * ?", "'99999999999'"},
        Mistake{"a * * * * ?", "'a'"}, Mistake{"0 0 0 1,? * ?", "'?'"},
        Mistake{"0 0 0 ?/2 * ?", "'?/2'"}, Mistake{"0 0/ * * * ?", "steps of 1-59"},
        Mistake{"0/60 * * * * ?", "'0/60'"}, Mistake{"0 0 0/24 * * ?", "steps of 1-23"},
        Mistake{"/5 * * * *", "'/5'"}, Mistake{"0 0 0 ? * Mon-", "'Mon-'"},
        Mistake{"0 0 0 1W-3 * ?", "'1W-3'"}, Mistake{"H(5) * * * * ?", "'H(5)'"},
        Mistake{"H(0-9)/11 * * * * ?", "'H(0-9)/11'"}, Mistake{"H(0-9 * * * * ?", "'H(0-9'"},
        Mistake{"0 0 0 1 1 ? H", "in the year field"}, Mistake{"HH * * * *", "'HH'"},
        Mistake{"@every 5m", "every: 5m"}, Mistake{"@reboot", "@midnight"},
        Mistake{"@daily 5", "@daily"}));

TEST(Cron, RefusesWhatCanNeverFire) {
  for (const char* text : {"0 0 0 30 2 ?", "0 0 0 31 4,6,9,11 ?", "0 0 0 29 2 ? 2027",
                           "0 0 0 31W 2 ?", "0 0 31 2 *"}) {
    const auto cron = Cron::parse(text, Zone::utc());
    ASSERT_TRUE(cron.has_error()) << text;
    EXPECT_EQ(cron.error().code, "NEVER_FIRES");
  }
}

struct Change {
  std::string name;
  std::string zone;
  std::string expression;
  DstPolicy dst;
  std::string from;
  std::string expected;
};

class CronClockChange : public testing::TestWithParam<Change> {};

TEST_P(CronClockChange, FollowsThePolicy) {
  const Change& c = GetParam();
  const Zone zone = Zone::find(c.zone).value();
  const auto cron = Cron::parse(c.expression, zone, c.dst);
  ASSERT_TRUE(cron) << cron.error().message;
  const int count = static_cast<int>(std::ranges::count(c.expected, ' ')) + 1;
  EXPECT_EQ(next_texts(*cron, zone, c.from, count), c.expected);
}

constexpr DstPolicy kDefault{};
constexpr DstPolicy kShift{Gap::kShift, DstOverlap::kFirst};
constexpr DstPolicy kSkip{Gap::kSkip, DstOverlap::kBoth};

INSTANTIATE_TEST_SUITE_P(
    All, CronClockChange,
    testing::Values(
        Change{"GapTransition", "America/New_York", "0 30 2 * * ?", kDefault,
               "2026-03-07T12:00:00Z", "2026-03-08T03:00:00-04:00 2026-03-09T02:30:00-04:00"},
        Change{"GapTransitionOnce", "America/New_York", "0 */20 2,3 * * ?", kDefault,
               "2026-03-08T06:00:00Z",
               "2026-03-08T03:00:00-04:00 2026-03-08T03:20:00-04:00 2026-03-08T03:40:00-04:00 "
               "2026-03-09T02:00:00-04:00"},
        Change{"GapShift", "America/New_York", "0 30 2 * * ?", kShift, "2026-03-07T12:00:00Z",
               "2026-03-08T03:30:00-04:00 2026-03-09T02:30:00-04:00"},
        Change{"GapShiftMixed", "America/New_York", "0 15,45 2,3 * * ?", kShift,
               "2026-03-08T06:00:00Z",
               "2026-03-08T03:15:00-04:00 2026-03-08T03:45:00-04:00 2026-03-09T02:15:00-04:00"},
        Change{"GapSkip", "America/New_York", "0 30 2 * * ?", kSkip, "2026-03-07T12:00:00Z",
               "2026-03-09T02:30:00-04:00"},
        Change{"OverlapAutoFixed", "America/New_York", "0 30 1 * * ?", kDefault,
               "2026-10-31T12:00:00Z", "2026-11-01T01:30:00-04:00 2026-11-02T01:30:00-05:00"},
        Change{"OverlapAutoInterval", "America/New_York", "0 */30 1 * * ?", kDefault,
               "2026-10-31T12:00:00Z",
               "2026-11-01T01:00:00-04:00 2026-11-01T01:30:00-04:00 2026-11-01T01:00:00-05:00 "
               "2026-11-01T01:30:00-05:00 2026-11-02T01:00:00-05:00"},
        Change{"OverlapFirst", "America/New_York", "0 */30 1 * * ?", kShift, "2026-10-31T12:00:00Z",
               "2026-11-01T01:00:00-04:00 2026-11-01T01:30:00-04:00 2026-11-02T01:00:00-05:00"},
        Change{"OverlapBoth", "America/New_York", "0 30 1 * * ?", kSkip, "2026-10-31T12:00:00Z",
               "2026-11-01T01:30:00-04:00 2026-11-01T01:30:00-05:00 2026-11-02T01:30:00-05:00"},
        Change{"OverlapBothLastOfAll", "America/New_York", "0 30 1 1 11 ? 2026", kSkip,
               "2026-10-31T12:00:00Z", "2026-11-01T01:30:00-04:00 2026-11-01T01:30:00-05:00 never"},
        Change{"LordHoweHalfHourGap", "Australia/Lord_Howe", "0 15 2 * * ?", kDefault,
               "2026-10-03T00:00:00Z", "2026-10-04T02:30:00+11:00 2026-10-05T02:15:00+11:00"},
        Change{"LordHoweShift", "Australia/Lord_Howe", "0 15 2 * * ?", kShift,
               "2026-10-03T00:00:00Z", "2026-10-04T02:45:00+11:00 2026-10-05T02:15:00+11:00"},
        Change{"LordHoweOverlap", "Australia/Lord_Howe", "0 45 1 * * ?", kSkip,
               "2026-04-04T00:00:00Z",
               "2026-04-05T01:45:00+11:00 2026-04-05T01:45:00+10:30 2026-04-06T01:45:00+10:30"},
        Change{"SantiagoMidnightGap", "America/Santiago", "0 0 0 * * ?", kDefault,
               "2026-09-05T12:00:00Z", "2026-09-06T01:00:00-03:00 2026-09-07T00:00:00-03:00"},
        Change{"SantiagoMidnightGapSkip", "America/Santiago", "0 0 0 * * ?", kSkip,
               "2026-09-05T12:00:00Z", "2026-09-07T00:00:00-03:00"},
        Change{"ApiaSkipsADay", "Pacific/Apia", "0 0 12 * * ?", kDefault,
               "2011-12-29T12:00:00-10:00", "2011-12-31T00:00:00+14:00 2011-12-31T12:00:00+14:00"},
        Change{"ApiaSkipsADayShift", "Pacific/Apia", "0 0 12 30 12 ? 2011", kShift,
               "2011-12-29T12:00:00-10:00", "2011-12-31T12:00:00+14:00 never"},
        Change{"ApiaSkipsADaySkip", "Pacific/Apia", "0 0 12 30 12 ?", kSkip,
               "2011-12-29T12:00:00-10:00", "2012-12-30T12:00:00+14:00"},
        Change{"BeirutMidnightGap", "Asia/Beirut", "0 15 0 * * ?", kShift,
               "2024-03-30T12:00:00+02:00", "2024-03-31T01:15:00+03:00 2024-04-01T00:15:00+03:00"},
        Change{"CasablancaNegativeDst", "Africa/Casablanca", "0 30 2 * * ?", kDefault,
               "2025-02-22T12:00:00+01:00", "2025-02-23T02:30:00+01:00 2025-02-24T02:30:00Z"},
        Change{"Shanghai", "Asia/Shanghai", "0 30 2 * * ?", kDefault, "2026-03-08T00:00:00Z",
               "2026-03-09T02:30:00+08:00"}),
    [](const auto& param) { return param.param.name; });

}  // namespace
}  // namespace systask::scheduler
