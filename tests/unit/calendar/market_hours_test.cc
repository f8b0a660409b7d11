#include "calendar/market_hours.h"

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/calendars.h"

namespace systask {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

const MarketHours kHours{Zone::find("Asia/Shanghai").value()};

TimePoint at(const char* text) { return from_rfc3339(text).value(); }

TEST(MarketHours, ReadsSessions) {
  const auto day = parse_sessions("093000-113000;130000-150000");
  ASSERT_TRUE(day.has_value());
  EXPECT_EQ(*day, parse_hours("09:30-11:30, 13:00-15:00").value());
  EXPECT_TRUE(parse_sessions("")->empty());
  EXPECT_EQ(parse_sessions("000000-240000")->front().end.offset, hours{24});
  EXPECT_EQ(parse_sessions("210000-023000")->front().end.offset, hours{26} + minutes{30});
}

TEST(MarketHours, AnEveningBeforeTheMorningIsOfTheDayBefore) {
  const auto evenings = [](const char* text) {
    std::string found;
    for (const HoursPart& part : *parse_sessions(text))
      found += part.begin.previous_business_day ? 'e' : 'd';
    return found;
  };
  EXPECT_EQ(evenings("210000-023000;090000-113000;133000-150000"), "edd");
  EXPECT_EQ(evenings("180000-190000;200000-210000;090000-150000"), "eed");
  EXPECT_EQ(evenings("090000-150000;210000-023000"), "dd");
  EXPECT_EQ(evenings("175959-190000;090000-150000"), "dd");
  EXPECT_EQ(evenings("210000-023000"), "d");
  EXPECT_EQ(kHours.last_end(BusinessDate{20260522}, "210000-023000;090000-150000"),
            at("2026-05-22T15:00:00+08:00"));
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
    return kHours.date_for(friday, Market{market}, at(when), texts).value();
  };
  EXPECT_EQ(date(1, "2026-05-22T14:59:59+08:00"), friday);
  EXPECT_EQ(date(1, "2026-05-22T15:00:00+08:00"), BusinessDate{20260525});
  EXPECT_EQ(date(2, "2026-05-23T02:29:59+08:00"), friday);  // the night belongs to Friday
  EXPECT_EQ(date(2, "2026-05-23T02:30:00+08:00"), BusinessDate{20260525});
  EXPECT_EQ(date(3, "2026-05-22T23:59:59+08:00"), friday);                  // no text: open all day
  EXPECT_EQ(date(1, "2026-05-27T10:00:00+08:00"), BusinessDate{20260527});  // and none that is over
  EXPECT_EQ(date(1, "2026-05-27T15:00:00+08:00"), BusinessDate{20260528});
}

// Market 1 has holidays on the first seven days of October 2026, and a half day on the eighth;
// market 2 has no calendar. Of 2027 nobody knows. Those of `markets` count.
std::shared_ptr<const MarketHours> with_holidays(const std::vector<int>& markets) {
  CalendarRules rules;
  rules.name = "test";
  rules.zone = Zone::find("Asia/Shanghai").value();
  rules.first = date("2026-01-01");
  rules.last = date("2026-12-31");
  rules.weeks = {working_week({session("09:30-15:00")})};
  for (int day = 0; day < 7; ++day)
    rules.days[date("2026-10-01") + std::chrono::days{day}] = parse_day_entry("closed").value();
  rules.days[date("2026-10-08")] = parse_day_entry("close 11:30").value();
  auto of_markets = std::make_shared<MarketHours>(rules.zone);
  of_markets->take(markets, {{Market{1}, live(rules)}});
  return of_markets;
}

const SessionTexts kDayOnly{{Market{1}, "093000-150000"}, {Market{2}, "093000-150000"}};
const SessionTexts kNightFirst{{Market{1}, "210000-023000;090000-150000"}};

TEST(MarketCalendar, APlanAfterTheLastSessionIsOfTheMarketsNextBusinessDate) {
  const auto kept = with_holidays({1, 2});
  const MarketHours& hours_of = *kept;
  const auto date = [&](int open, int market, const char* when) {
    const auto found = hours_of.date_for(BusinessDate{open}, Market{market}, at(when), kDayOnly);
    return found.has_value() ? found->value() : 0;
  };
  EXPECT_EQ(date(20260930, 1, "2026-09-30T14:59:59+08:00"), 20260930);
  EXPECT_EQ(date(20260930, 1, "2026-09-30T16:00:00+08:00"), 20261008);
  EXPECT_EQ(date(20260930, 2, "2026-09-30T16:00:00+08:00"), 20261001);
  EXPECT_EQ(date(20260930, 1, "2026-10-04T10:00:00+08:00"), 20261008);
  // The other market's date is open: this one is closed on it.
  EXPECT_EQ(date(20261002, 1, "2026-10-02T10:00:00+08:00"), 20261008);
  EXPECT_EQ(date(20261002, 2, "2026-10-02T10:00:00+08:00"), 20261002);
  // A half day ends when the calendar says.
  EXPECT_EQ(date(20261008, 1, "2026-10-08T11:29:59+08:00"), 20261008);
  EXPECT_EQ(date(20261008, 1, "2026-10-08T11:30:00+08:00"), 20261009);
  EXPECT_EQ(hours_of.last_end(BusinessDate{20261008}, Market{1}, kDayOnly),
            at("2026-10-08T11:30:00+08:00"));
}

TEST(MarketCalendar, NobodyGuessesADateThatTheCalendarDoesNotKnow) {
  const auto kept = with_holidays({1, 2});
  const MarketHours& hours_of = *kept;
  const auto refused = hours_of.date_for(BusinessDate{20261231}, Market{1},
                                         at("2026-12-31T16:00:00+08:00"), kDayOnly);
  ASSERT_TRUE(refused.has_error());
  EXPECT_EQ(refused.error().code, "NO_CALENDAR_DATA");
  EXPECT_EQ(refused.error().message,
            "nobody knows whether 20270101 is a business date of market 1 (calendar test, "
            "2026-01-01 to 2026-12-31): extend the calendar, then send the service SIGHUP");
}

TEST(MarketCalendar, AStartOfDayOpensBusinessDatesOnly) {
  const auto kept = with_holidays({1});
  const MarketHours& one = *kept;
  const auto opens = [](const MarketHours& of, const char* when, const auto& texts) {
    return of.coming(at(when), texts).value();
  };
  EXPECT_EQ(opens(one, "2026-09-30T08:00:00+08:00", kDayOnly), 20260930);
  EXPECT_EQ(opens(one, "2026-10-01T08:00:00+08:00", kDayOnly), 20260930);
  EXPECT_EQ(opens(one, "2026-10-07T23:59:59+08:00", kDayOnly), 20260930);
  EXPECT_EQ(opens(one, "2026-10-08T00:00:00+08:00", kDayOnly), 20261008);
  EXPECT_EQ(opens(one, "2026-10-10T08:00:00+08:00", kDayOnly), 20261009) << "a Saturday";
  // A market without a calendar is open on the holiday: so the date opens.
  const auto also = with_holidays({1, 2});
  const MarketHours& two = *also;
  EXPECT_EQ(opens(two, "2026-10-01T08:00:00+08:00", kDayOnly), 20261001);
  // Nobody has one: any date may be opened, as ever.
  EXPECT_EQ(opens(kHours, "2026-10-10T08:00:00+08:00", kDayOnly), 20261010);
  // Of 2027 the calendar says nothing: weekdays count, aloud.
  EXPECT_EQ(opens(one, "2027-01-03T08:00:00+08:00", kDayOnly), 20270101);
  EXPECT_EQ(one.why_not_today(at("2026-10-01T08:00:00+08:00"), BusinessDate{20260930}),
            "20261001 is no business date of market 1 (calendar test, 2026-01-01 to 2026-12-31)");
  EXPECT_EQ(one.why_not_today(at("2026-10-08T08:00:00+08:00"), BusinessDate{20261008}), "");
}

TEST(MarketCalendar, AnEveningSessionOpensTheNextBusinessDateAlsoOverAHoliday) {
  const auto kept = with_holidays({1});
  const MarketHours& one = *kept;
  const auto opens = [&](const char* when) { return one.coming(at(when), kNightFirst).value(); };
  EXPECT_EQ(opens("2026-09-28T19:59:59+08:00"), 20260928);
  EXPECT_EQ(opens("2026-09-28T20:00:00+08:00"), 20260929);  // an hour before it begins
  EXPECT_EQ(opens("2026-09-29T01:00:00+08:00"), 20260929);
  EXPECT_EQ(opens("2026-09-25T20:00:00+08:00"), 20260928);  // Friday's night is Monday's
  EXPECT_EQ(opens("2026-09-30T20:00:00+08:00"), 20261008);
  EXPECT_EQ(opens("2026-10-03T12:00:00+08:00"), 20261008);
  const auto dated =
      one.date_for(BusinessDate{20260930}, Market{1}, at("2026-09-30T21:30:00+08:00"), kNightFirst);
  EXPECT_EQ(dated.value(), BusinessDate{20261008});
}

TEST(MarketHours, DatesAreOfTheZone) {
  EXPECT_EQ(kHours.date_of(at("2026-05-21T16:00:00Z")), BusinessDate{20260522});
  EXPECT_EQ(kHours.date_of(at("2026-05-21T15:59:59Z")), BusinessDate{20260521});
  const auto next = [](int date) { return kHours.first_from(Market{1}, BusinessDate{date}); };
  EXPECT_EQ(next(20270101).value(), BusinessDate{20270101});
  EXPECT_EQ(next(20270102).value(), BusinessDate{20270104});
  EXPECT_EQ(next(20280229).value(), BusinessDate{20280229});
}

}  // namespace
}  // namespace systask
