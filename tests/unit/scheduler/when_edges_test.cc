// The edges of the words that choose times and days: the last that is taken, and the first that is
// not.
#include <gmock/gmock.h>

#include "scheduler/when/day_rule.h"
#include "scheduler/when/duration.h"
#include "scheduler/when/session_time.h"
#include "tests/support/calendars.h"

namespace systask::scheduler {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

TEST(WhenEdges, ASessionTimeIsAtMostExactlyADayAway) {
  const auto offset = [](const char* text) {
    const auto times = parse_session_times(text);
    return times ? times->at(0).offset : Micros{-1};
  };
  EXPECT_EQ(offset("open-1d"), Micros{-24h});
  EXPECT_EQ(offset("close+24h"), Micros{24h});
  EXPECT_FALSE(parse_session_times("open-1d1us"));
  EXPECT_FALSE(parse_session_times("close+24h1us"));
  EXPECT_FALSE(parse_session_times("open,"));
  EXPECT_EQ(parse_session_times("open, close")->size(), 2U);
}

TEST(WhenEdges, BreaksAreBetweenPartsOnly) {
  CalendarRules rules = may_and_june();
  rules.weeks = {working_week({session("09:00-10:00, 11:00-12:00, 13:00-14:00")})};
  rules.days.erase(date("2026-05-29"));
  const auto calendar = made(rules);
  const auto hours = [&](const char* text) {
    std::string all;
    for (const TimePoint at : times_of_day(*calendar, 0, parse_session_times(text).value()))
      all += std::to_string((at - instant("2026-05-06T00:00:00+08:00")) / 1h) + " ";
    return all;
  };
  EXPECT_EQ(hours("open"), "9 ");
  EXPECT_EQ(hours("close"), "14 ");
  EXPECT_EQ(hours("break_start"), "10 12 ");
  EXPECT_EQ(hours("break_end"), "11 13 ");
  EXPECT_EQ(hours("close, open, open"), "9 14 ") << "in order, each once";
}

TEST(WhenEdges, ADayRuleUpToItsLastNumbers) {
  for (const char* text :
       {"T+366", "T-366", "31st business-day of month", "7th business-day of week"})
    EXPECT_TRUE(parse_day_rule(text)) << text;
  for (const char* text : {"T+367", "32nd business-day of month", "8th business-day of week",
                           "T+-1", "1xx business-day of month"})
    EXPECT_FALSE(parse_day_rule(text)) << text;
  EXPECT_EQ(parse_day_rule("T-1 of last business-day of month")->shift, -1);
  EXPECT_EQ(parse_day_rule("last business-day of month")->ordinal->n, -1);
}

TEST(WhenEdges, ADurationUpToTheLastMicrosecond) {
  EXPECT_EQ(parse_duration("9223372036854775807us").value(), Micros::max());
  EXPECT_FALSE(parse_duration("9223372036854775808us"));
  EXPECT_EQ(parse_duration("106751991d").value(), Micros{24h} * 106'751'991);
  EXPECT_FALSE(parse_duration("106751992d"));
  EXPECT_FALSE(parse_duration("106751991d24h"));
  EXPECT_FALSE(parse_duration("1s-1us"));
}

}  // namespace
}  // namespace systask::scheduler
