#include "base/posix_zone.h"

#include <gtest/gtest.h>

namespace systask {
namespace {

using namespace std::chrono_literals;

constexpr TimePoint kBegin = std::chrono::sys_days{std::chrono::year{2038} / 1 / 1};
constexpr TimePoint kEnd = std::chrono::sys_days{std::chrono::year{2200} / 1 / 1};
constexpr Zone::Span kTail{kBegin, kEnd, 0s};

TimePoint instant(std::string_view text) { return from_rfc3339(text).value(); }

// The part of the tail around an instant, as "begin end offset-in-minutes".
std::string part(std::string_view rule, std::string_view at) {
  const Zone::Span span = PosixZone::parse(rule).value().part_of(kTail, instant(at));
  return to_rfc3339(span.begin) + " " + to_rfc3339(span.end) + " " +
         std::to_string(span.offset / 1min);
}

constexpr std::string_view kWholeTail = "2038-01-01T00:00:00Z 2200-01-01T00:00:00Z ";

TEST(PosixZone, ReadsEveryFormOfTheRule) {
  struct Case {
    std::string_view rule;
    std::string_view at;
    std::string_view part;
  };
  // What python's zoneinfo says of the zones with these footers.
  const Case cases[] = {
      {"EST5EDT,M3.2.0,M11.1.0", "2060-07-01T00:00:00Z",
       "2060-03-14T07:00:00Z 2060-11-07T06:00:00Z -240"},
      {"<+1030>-10:30<+11>-11,M10.1.0,M4.1.0", "2050-07-01T00:00:00Z",
       "2050-04-02T15:00:00Z 2050-10-01T15:30:00Z 630"},
      {"<-04>4<-03>,M9.1.6/24,M4.1.6/24", "2045-07-01T00:00:00Z",
       "2045-04-02T03:00:00Z 2045-09-03T04:00:00Z -240"},
      {"IST-2IDT,M3.4.4/26,M10.5.0", "2060-07-01T00:00:00Z",
       "2060-03-26T00:00:00Z 2060-10-30T23:00:00Z 180"},
      {"IST-1GMT0,M10.5.0,M3.5.0/1", "2060-07-01T00:00:00Z",
       "2060-03-28T01:00:00Z 2060-10-31T01:00:00Z 60"},
      {"<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "2060-07-01T00:00:00Z",
       "2060-03-28T01:00:00Z 2060-10-31T01:00:00Z -60"},
      {"<+1245>-12:45<+1345>,M9.5.0/2:45,M4.1.0/3:45", "2060-07-01T00:00:00Z",
       "2060-04-03T14:00:00Z 2060-09-25T14:00:00Z 765"},
      {"EET-2EEST,M3.4.4/50,M10.4.4/50", "2060-07-01T00:00:00Z",
       "2060-03-27T00:00:00Z 2060-10-29T23:00:00Z 180"},
  };
  for (const Case& one : cases)
    EXPECT_EQ(part(one.rule, one.at), one.part) << one.rule;
}

TEST(PosixZone, CountsTheLeapDayOrNot) {
  // 2044 is a leap year, 2045 is not: J60 is the 1st of March in both, 59 in the second only.
  EXPECT_EQ(part("AAA0BBB,J60/0,J300/0", "2044-06-01T00:00:00Z"),
            "2044-03-01T00:00:00Z 2044-10-26T23:00:00Z 60");
  EXPECT_EQ(part("AAA0BBB,J60/0,J300/0", "2045-06-01T00:00:00Z"),
            "2045-03-01T00:00:00Z 2045-10-26T23:00:00Z 60");
  EXPECT_EQ(part("AAA0BBB,J59/0,J300/0", "2044-06-01T00:00:00Z"),
            "2044-02-28T00:00:00Z 2044-10-26T23:00:00Z 60");
  EXPECT_EQ(part("AAA0BBB,59/0,299/0", "2044-06-01T00:00:00Z"),
            "2044-02-29T00:00:00Z 2044-10-25T23:00:00Z 60");
  EXPECT_EQ(part("AAA0BBB,59/0,299/0", "2045-06-01T00:00:00Z"),
            "2045-03-01T00:00:00Z 2045-10-26T23:00:00Z 60");
}

TEST(PosixZone, TakesTimesUpToAWeekFromTheirDay) {
  EXPECT_EQ(part("AAA0BBB,J10/-167,J200/+167:00:30", "2044-03-01T00:00:00Z"),
            "2044-01-03T01:00:00Z 2044-07-25T22:00:30Z 60");
  // The change of 2044 comes in 2045, so that 2045 has two.
  EXPECT_EQ(part("AAA0BBB,J100,J365/100", "2045-01-02T00:00:00Z"),
            "2044-04-10T02:00:00Z 2045-01-04T03:00:00Z 60");
}

TEST(PosixZone, NeverChangesWhereItsDaylightTimeNeverEnds) {
  EXPECT_EQ(part("CST-8", "2060-07-01T00:00:00Z"), std::string{kWholeTail} + "480");
  EXPECT_EQ(part("EST5EDT,0/0,J365/25", "2060-07-01T00:00:00Z"), std::string{kWholeTail} + "-240");
  EXPECT_EQ(part("AAA3BBB4,0/0,J365/23", "2060-07-01T00:00:00Z"), std::string{kWholeTail} + "-240");
  EXPECT_EQ(part("AAA3BBB3,M3.2.0,M11.1.0", "2060-07-01T00:00:00Z"),
            std::string{kWholeTail} + "-180");
}

TEST(PosixZone, CutsToTheTailAndTakesInstantsOutsideItAsItsEnds) {
  constexpr std::string_view kRule = "EST5EDT,M3.2.0,M11.1.0";
  EXPECT_EQ(part(kRule, "2038-02-01T00:00:00Z"), "2038-01-01T00:00:00Z 2038-03-14T07:00:00Z -300");
  EXPECT_EQ(part(kRule, "2000-07-01T00:00:00Z"), "2038-01-01T00:00:00Z 2038-03-14T07:00:00Z -300");
  EXPECT_EQ(part(kRule, "2300-07-01T00:00:00Z"), "2199-11-03T06:00:00Z 2200-01-01T00:00:00Z -300");
}

TEST(PosixZone, RefusesATextThatIsNoRule) {
  for (const std::string_view text : {"",
                                      "E",
                                      "EST",
                                      "EST5x",
                                      "EST25",
                                      "5EST",
                                      "<+05-5",
                                      "EST5EDT",
                                      "EST5EDT,",
                                      "EST5EDT,M3.2.0",
                                      "EST5EDT,M13.2.0,M11.1.0",
                                      "EST5EDT,M3.6.0,M11.1.0",
                                      "EST5EDT,M3.2.7,M11.1.0",
                                      "EST5EDT,M3.0.0,M11.1.0",
                                      "EST5EDT,J0,J300",
                                      "EST5EDT,366,1",
                                      "EST5EDT,M3.2.0/168,M11.1.0",
                                      "EST5EDT,M3.2.0/,M11.1.0",
                                      "EST5:60",
                                      "EST99999999999",
                                      "EST5EDT,M3.2.0,M11.1.0,",
                                      "EST5EDT,M3.2.0/--1,M11.1.0"})
    EXPECT_FALSE(PosixZone::parse(text).has_value()) << text;
}

}  // namespace
}  // namespace systask
