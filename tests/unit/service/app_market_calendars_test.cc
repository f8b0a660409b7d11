// The calendars that the configuration gives to markets, and what trading makes of them.
#include "service/app/part_options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "service/cli/check.h"
#include "tests/support/scratch_folder.h"

namespace systask::service {
namespace {

using testing::HasSubstr;

const SessionTexts kDay{{Market{1}, "093000-113000;130000-150000"},
                        {Market{2}, "093000-120000;130000-160000"}};

void write_file(const std::string& file, const std::string& text) { std::ofstream{file} << text; }

TimePoint at(const std::string& text) { return from_rfc3339(text).value(); }

// As the shipped calendars, read from the top of the repository, are given to two markets.
Config shipped() {
  const auto config = read_config(
      "service: {time_zone: Asia/Shanghai, markets: {1: xshg, 2: xhkg, 3: none}}\n"
      "calendars: {xshg: {file: calendars/xshg.yaml}, xhkg: {file: calendars/xhkg.yaml}}\n"
      "tasks: []\n",
      "t.yaml", {});
  return config.value();
}

// The business dates of Shanghai as they were recorded; none where they are not there.
std::vector<std::string> recorded_dates() {
  const char* const given = std::getenv("SYSTASK_DATA");
  const std::string file = (given == nullptr ? std::string{"../shared/data"} : given) +
                           std::string{"/calendars/xshg.csv.gz"};
  std::string text;
  std::array<char, 65536> block{};
  gzFile in = std::filesystem::exists(file) ? ::gzopen(file.c_str(), "rb") : nullptr;
  for (int got = 0; in != nullptr && (got = ::gzread(in, block.data(), block.size())) > 0;)
    text.append(block.data(), static_cast<std::size_t>(got));
  if (in != nullptr) ::gzclose(in);
  std::istringstream lines{text};
  std::vector<std::string> dates;
  std::string line;
  std::getline(lines, line);  // the names of the columns
  while (std::getline(lines, line))
    dates.push_back(line.substr(0, 10));
  return dates;
}

int number_of(const std::string& date) {
  return std::stoi(date.substr(0, 4) + date.substr(5, 2) + date.substr(8, 2));
}

TEST(MarketCalendars, APlanBeforeAHolidayIsOfTheDateThatTheExchangeOpensNext) {
  const std::vector<std::string> dates = recorded_dates();
  if (dates.empty()) GTEST_SKIP() << "there are no recorded sessions (../shared/data/calendars)";
  const Config config = shipped();
  const auto kept = market_hours(config.service, config.calendars);
  const MarketHours& hours = *kept;
  for (std::size_t i = 0; i + 1 < dates.size(); ++i) {
    const BusinessDate open{number_of(dates[i])};
    const auto dated = hours.date_for(open, Market{1}, at(dates[i] + "T16:00:00+08:00"), kDay);
    ASSERT_TRUE(dated.has_value()) << dates[i] << dated.error().message;
    ASSERT_EQ(dated->value(), number_of(dates[i + 1])) << "after " << dates[i];
    ASSERT_EQ(hours.date_for(open, Market{1}, at(dates[i] + "T10:00:00+08:00"), kDay).value(),
              open);
  }
}

TEST(MarketCalendars, KnowHolidaysHalfDaysAndTheirEnd) {
  const Config config = shipped();
  const auto kept = market_hours(config.service, config.calendars);
  const MarketHours& hours = *kept;
  const auto dated = [&](int open, int market, const std::string& when) {
    const auto found = hours.date_for(BusinessDate{open}, Market{market}, at(when), kDay);
    return found.has_value() ? found->value() : 0;
  };
  EXPECT_EQ(dated(20260930, 1, "2026-09-30T16:00:00+08:00"), 20261008);
  EXPECT_EQ(dated(20260930, 3, "2026-10-01T00:00:00+08:00"), 20261001) << "it has no calendar";
  EXPECT_EQ(dated(20261231, 1, "2026-12-31T16:00:00+08:00"), 0);
  // Hong Kong closes at noon on the day before Christmas, and the table does not know.
  EXPECT_EQ(hours.last_end(BusinessDate{20241224}, Market{2}, kDay),
            at("2024-12-24T12:00:00+08:00"));
  EXPECT_EQ(hours.last_end(BusinessDate{20241223}, Market{2}, kDay),
            at("2024-12-23T16:00:00+08:00"));
  EXPECT_EQ(dated(20241224, 2, "2024-12-24T13:00:00+08:00"), 20241227);
  EXPECT_EQ(hours.calendar(Market{1}), "calendar xshg, 1990-12-03 to 2026-12-31");
  EXPECT_EQ(hours.calendar(Market{3}), "no calendar");
}

TEST(MarketCalendars, AConfigurationTakenAnewCounts) {
  const Config with = shipped();
  const Config without =
      read_config("service: {markets: [1, 2]}\ntasks: []\n", "t.yaml", {}).value();
  const auto hours = market_hours(without.service, without.calendars);
  EXPECT_TRUE(hours->markets().empty());
  EXPECT_EQ(hours->day(Market{1}, BusinessDate{20261001}), MarketHours::Day::kOpen);
  hours->take(with.service.markets, market_calendars(with.service, with.calendars));
  EXPECT_EQ(hours->markets(), (std::vector{Market{1}, Market{2}, Market{3}}));
  EXPECT_EQ(hours->day(Market{1}, BusinessDate{20261001}), MarketHours::Day::kClosed);
}

TEST(MarketCalendars, AreReadFromAMapAndCheckedByName) {
  const Config config = shipped();
  EXPECT_EQ(config.service.markets, (std::vector{1, 2, 3}));
  EXPECT_EQ(config.service.market_calendars,
            (std::map<int, std::string>{{1, "xshg"}, {2, "xhkg"}}));
  const auto wrong = read_config(
      "service:\n  markets: {1: xshq, 0: none, 2: [a], 2: none}\n"
      "calendars: {xshg: {file: calendars/xshg.yaml}}\ntasks: []\n",
      "t.yaml", {});
  ASSERT_FALSE(wrong);
  const std::string said = to_text(wrong.error());
  EXPECT_THAT(said, HasSubstr("t.yaml:2:16: service.markets.1: found 'xshq', expected none, or a "
                              "calendar below `calendars:` (xshg)"));
  EXPECT_THAT(said, HasSubstr("service.markets: found '0'"));
  EXPECT_THAT(said,
              HasSubstr("service.markets.2: found 'a list', expected the name of a calendar"));
  EXPECT_THAT(said, HasSubstr("service.markets: found '2'"));
}

TEST(MarketCalendars, CheckSaysWhichMarketsHaveNone) {
  const ScratchFolder folder;
  const auto checked = [&](const std::string& service) {
    write_file(folder.file("t.yaml"),
               service +
                   "\ncalendars: {c: {from: 2001-01-01, to: 2099-12-31, week: {MON-FRI: "
                   "open}}}\ntasks: []\n");
    std::ostringstream out;
    std::ostringstream err;
    EXPECT_EQ(
        check({.file = folder.file("t.yaml"), .strict = true, .now = at("2026-05-22T09:30:00Z")},
              out, err),
        0)
        << err.str();
    return out.str();
  };
  EXPECT_THAT(
      checked("service: {markets: [1, 2]}"),
      HasSubstr("service.markets: market 1, 2 without a calendar: plans are dated on Monday "
                "to Friday, on holidays too"));
  EXPECT_THAT(checked("service: {markets: {1: c, 7: none}}"), HasSubstr("market 7 without"));
  EXPECT_THAT(checked("service: {markets: {1: c}}"), testing::Not(HasSubstr("without a calendar")));
}

}  // namespace
}  // namespace systask::service
