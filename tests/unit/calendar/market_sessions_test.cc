#include "calendar/market_sessions.h"

#include <gmock/gmock.h>

#include <string>
#include <vector>

namespace systask {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

std::string hours_of(const SessionTexts& texts, const std::vector<int>& markets) {
  const auto parts = hours_of_markets(texts, markets);
  if (!parts) return parts.error().message;
  std::string all;
  for (const HoursPart& part : *parts)
    all += std::to_string(part.begin.offset / 1min) + ".." +
           std::to_string(part.end.offset / 1min) + " ";
  return all;
}

TEST(MarketHoursOfTheDatabase, AreThoseOfAnyMarketWithoutSeams) {
  const SessionTexts texts{{Market{1}, "093000-113000;130000-150000"},
                           {Market{2}, "113000-120000"},
                           {Market{3}, "100000-140000"},
                           {Market{4}, ""},
                           {Market{5}, "soon"}};
  EXPECT_EQ(hours_of(texts, {1}), "570..690 780..900 ");
  EXPECT_EQ(hours_of(texts, {1, 2}), "570..720 780..900 ") << "they touch";
  EXPECT_EQ(hours_of(texts, {2, 1}), "570..720 780..900 ");
  EXPECT_EQ(hours_of(texts, {1, 3}), "570..900 ") << "they overlap";
  EXPECT_THAT(hours_of(texts, {1, 9}), HasSubstr("market 9: it has no row"));
  EXPECT_THAT(hours_of(texts, {4}), HasSubstr("its row is empty"));
  EXPECT_THAT(hours_of(texts, {5}), HasSubstr("market 5"));
}

TEST(MarketHoursOfTheDatabase, TheLaterEndOfAnOverlapCounts) {
  const SessionTexts texts{{Market{1}, "090000-150000"}, {Market{2}, "100000-110000"}};
  EXPECT_EQ(hours_of(texts, {1, 2}), "540..900 ");
}

}  // namespace
}  // namespace systask
