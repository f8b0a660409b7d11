#include "trading/market_hours.h"

#include <gtest/gtest.h>

namespace systask::trading {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

const MarketHours kHours{Zone::find("Asia/Shanghai").value()};

TimePoint at(const char* text) { return from_rfc3339(text).value(); }

TEST(MarketHours, ReadsSessions) {
  const auto day = parse_sessions("093000-113000;130000-150000");
  ASSERT_TRUE(day.has_value());
  EXPECT_EQ(*day, (std::vector<Session>{{hours{9} + minutes{30}, hours{11} + minutes{30}},
                                        {hours{13}, hours{15}}}));
  EXPECT_TRUE(parse_sessions("")->empty());
  EXPECT_EQ(parse_sessions("000000-240000")->front().end, hours{24});
  EXPECT_EQ(parse_sessions("210000-023000")->front().end, hours{26} + minutes{30});
}

TEST(MarketHours, NamesThePartThatIsNoSession) {
  for (const char* const text :
       {"930-1130", "093000", "093000-", "093000-113060", "096000-113000", "250000-260000",
        "093000-113000;;130000-150000", "09:30-11:30", "-93000-113000", "093000-093000"}) {
    const auto refused = parse_sessions(text);
    ASSERT_TRUE(refused.has_error()) << text;
    EXPECT_EQ(refused.error().code, "BAD_SESSIONS");
    EXPECT_NE(refused.error().message.find("expected HHMMSS-HHMMSS"), std::string::npos);
  }
}

TEST(MarketHours, TheLastSessionEndsTheDay) {
  const BusinessDate day{20260522};
  EXPECT_EQ(kHours.last_end(day, "093000-113000;130000-150000"), at("2026-05-22T15:00:00+08:00"));
  EXPECT_EQ(kHours.last_end(day, "130000-150000;093000-113000"), at("2026-05-22T15:00:00+08:00"));
  EXPECT_EQ(kHours.last_end(day, "093000-113000;210000-023000"), at("2026-05-23T02:30:00+08:00"));
  EXPECT_EQ(kHours.last_end(day, "000000-240000"), at("2026-05-23T00:00:00+08:00"));
}

TEST(MarketHours, AnUnreadableTextKeepsTheMarketOpenAllDay) {
  for (const char* const text : {"", "soon", "093000-113000;oops"})
    EXPECT_EQ(kHours.last_end(BusinessDate{20260522}, text), at("2026-05-23T00:00:00+08:00"))
        << text;
}

TEST(MarketHours, APlanAfterTheLastSessionIsOfTheNextWeekday) {
  const BusinessDate friday{20260522};
  const std::map<Market, std::string> texts{{Market{1}, "093000-150000"},
                                            {Market{2}, "210000-023000"}};
  const auto date = [&](int market, const char* when) {
    return kHours.date_for(friday, Market{market}, at(when), texts);
  };
  EXPECT_EQ(date(1, "2026-05-22T14:59:59+08:00"), friday);
  EXPECT_EQ(date(1, "2026-05-22T15:00:00+08:00"), BusinessDate{20260525});
  EXPECT_EQ(date(2, "2026-05-23T02:29:59+08:00"), friday);  // the night belongs to Friday
  EXPECT_EQ(date(2, "2026-05-23T02:30:00+08:00"), BusinessDate{20260525});
  EXPECT_EQ(date(3, "2026-05-22T23:59:59+08:00"), friday);  // no text: open all day
}

TEST(MarketHours, DatesAreOfTheZone) {
  EXPECT_EQ(kHours.date_of(at("2026-05-21T16:00:00Z")), BusinessDate{20260522});
  EXPECT_EQ(kHours.date_of(at("2026-05-21T15:59:59Z")), BusinessDate{20260521});
  EXPECT_EQ(next_weekday(BusinessDate{20261231}), BusinessDate{20270101});
  EXPECT_EQ(next_weekday(BusinessDate{20280228}), BusinessDate{20280229});
}

}  // namespace
}  // namespace systask::trading
