#include "peers/flow/csv_recording.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>
#include <tuple>

#include "peers/flow/decimal.h"
#include "peers/flow/replay.h"
#include "tests/unit/peers/flow_recording.h"

namespace systask::peers::flow {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr const char* kHeading = "t_us,order,event,side,price,qty\n";

std::vector<Recorded> told(const std::string& text, ReplayOptions options = {}) {
  const RecordingFile file{text, ""};
  options.path = file.path();
  options.shown = "a.csv";
  if (options.plans.empty()) options.plans = {7};
  std::vector<Recorded> all;
  const auto recording = open_recording(options);
  while (auto one = recording->next())
    all.push_back(std::move(*one));
  return all;
}

// What is said of a file; "taken" where nothing is.
std::string complaint(const std::string& text, const ReplayOptions& options = {}) {
  try {
    told(text, options);
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "taken";
}

std::vector<std::string> texts_of(const std::vector<Recorded>& all) {
  std::vector<std::string> texts;
  for (const auto& [at_us, report] : all) {
    std::string text = std::to_string(number_of(report.function));
    if (report.function == Function::kPlaced)
      text +=
          " " + std::to_string(report.order.quantity) + "@" + format_decimal(report.order.price);
    if (report.function == Function::kFilled) text += " " + std::to_string(report.deal_quantity);
    if (report.function == Function::kCancelled) text += " " + std::to_string(report.cancelled);
    texts.push_back(std::move(text));
  }
  return texts;
}

TEST(CsvRecording, EveryMistakeHasFileLineAndColumn) {
  const std::string rows = kHeading;
  const std::string open = rows + "0,1,A,A,10,5\n";
  const std::vector<std::pair<std::string, std::string>> cases{
      {rows + "0,1,A,S,10,5\n", "a.csv:2:7: side: found 'S', expected B (bids, buys) or A (asks"},
      {rows + "0,1,A,b,10,5\n", "a.csv:2:7: side: found 'b'"},
      {rows + "0,1,A,N,10,5\n", "a.csv:2:7: side: found 'N'"},
      {open + "1,1,F,X,10,5\n", "a.csv:3:7: side: found 'X', expected B (bids, buys), A"},
      {open + "1,1,F,B,10,5\n", "a.csv:3:7: side: found 'B' of order 1, which was added as 'A'"},
      {open + "1,1,C,B,10,5\n", "a.csv:3:7: side: found 'B' of order 1"},
      {open + "1,1,R,B,10,5\n", "a.csv:3:7: side: found 'B' of order 1"},
      {rows + "-1,1,A,B,10,5\n", "a.csv:2:1: t_us: found '-1', expected whole microseconds"},
      {rows + "0,x,A,B,10,5\n", "a.csv:2:3: order: found 'x', expected a number, 0 or more"},
      {rows + "0,1,Z,B,10,5\n", "a.csv:2:5: event: found 'Z', expected A (added)"},
      {rows + "0,1,A,B,1e3,5\n", "a.csv:2:9: price: found '1e3', expected a decimal of at most 8"},
      {rows + "0,1,A,B,-10,5\n",
       "a.csv:2:9: price: found '-10', expected a decimal of at most 8 "
       "places, 0 or more and at most 10000000000"},
      {rows + "0,1,A,B,10000000000.1,5\n", "a.csv:2:9: price: found '10000000000.1'"},
      {open + "1,1,F,A,0,5\n",
       "a.csv:3:9: price: found '0', expected a decimal of at most 8 "
       "places, above 0"},
      {"", "a.csv is no recording that can be replayed: it is empty"},
      {std::string{"t\0_\0", 4}, "it begins \"t?_?\"; expected a CSV file"},
      {rows + "0,1,A,B,10,0\n", "a.csv:2:12: qty: found '0', expected a quantity above 0"},
      {rows + "0,1,A,B,10,9223372036854775807\n", "a.csv:2:12: qty: found '9223372036854775807'"},
      {rows + "0,1,A,B,10,0.015\n",
       "a.csv:2:12: qty: 0.015 has 3 places behind the point: with --quantity-scale 3"},
      {rows + "0,1,A,B,10\n", "a.csv:2:11: there are 5 values, and the first line names 6 columns"},
      {rows + "0,1,A,B,10,5,6\n", "a.csv:2:14: there are 7 values"},
      {open + "1,1,A,A,10,5\n", "a.csv:3:3: order: order 1 is added a second time"},
      {open + "1,2,F,A,10,5\n", "a.csv:3:3: order: event F of order 2, which is not open"},
      {open + "1,1,F,A,10,6\n",
       "a.csv:3:12: qty: 6 are filled of order 1, of which only 5 are left"},
      {open + "1,1,C,A,10,6\n", "a.csv:3:12: qty: 6 are cancelled of order 1, of which only 5"},
      {"t_us,order,event,side,price\n", "a.csv:1:28: the column qty is missing"},
      {"t_us,order,event,side,price,qty,fee\n", "a.csv:1:33: 'fee' is no column of a recorded"},
      {"t_us,order,order,event,side,price,qty\n", "a.csv:1:12: the column order is there twice"},
      {rows + std::string(2000, '1') + "\n", "a.csv:2:1024: the line is longer than"}};
  for (const auto& [text, says] : cases)
    EXPECT_THAT(complaint(text), HasSubstr(says)) << text;
}

TEST(CsvRecording, WhatMeansTheSameIsTaken) {
  const auto plain = texts_of(told(std::string{kHeading} + "0,1,A,B,0.5,5\n1,1,F,B,12,5\n"));
  ASSERT_THAT(plain, ElementsAre("402213 5@0.5", "402208", "402206 5"));
  for (const char* const text :
       {"\xEF\xBB\xBFt_us,order,event,side,price,qty\r\n0,1,A,B,.5,5\r\n1,1,F,N,12.,5\r\n",
        "\nt_us,order,event,side,price,qty\n\n \t\n0,1,A,B,0.50,5.000\n\n1,1,F,B,+12,5\n\n",
        "t_us, order, event, side, price, qty\n0, 1, A, B, .5, 5\n1, 1, F, B, 12, 5",
        "qty,price,side,event,order,t_us\n5,.5,B,A,1,0\n5,12,B,F,1,1\n",
        "t_us,order,event,side,price,qty\n0,1,\"A\",\"B\",\".5\",\"5\"\n1,1,F,B,12,5\n"})
    EXPECT_EQ(texts_of(told(text)), plain) << text;
}

TEST(CsvRecording, ACancelOfAPartGoesOnWithWhatIsLeft) {
  const auto all = told(std::string{kHeading} + "0,1,A,B,10,5\n1,1,C,B,10,2\n2,1,F,B,10,3\n");
  EXPECT_THAT(texts_of(all), ElementsAre("402213 5@10", "402208", "402210", "402212 5",
                                         "402213 3@10", "402208", "402206 3"));
  EXPECT_NE(all.front().report.order.number, all.back().report.order.number);
}

TEST(CsvRecording, PlansAndSecuritiesAreThoseThatItNames) {
  const auto all = told(
      "t_us,order,event,side,price,qty,plan,security\n"
      "0,1,A,B,10,5,alpha,600570\n0,2,A,B,10,5,beta,000001\n0,3,A,A,10,5,alpha,\n"
      "1,1,F,B,10,5,,\n",
      {.plans = {11, 12}});
  std::vector<std::tuple<std::int64_t, std::string>> placed;
  for (const auto& [at_us, report] : all)
    if (report.function != Function::kConfirmed)
      placed.emplace_back(report.order.plan, report.order.security);
  using Of = std::tuple<std::int64_t, std::string>;
  EXPECT_THAT(placed,
              ElementsAre(Of{11, "600570"}, Of{12, "000001"}, Of{11, "ESH4"}, Of{11, "600570"}));
  const std::string named = "t_us,order,event,side,price,qty,plan,security\n0,1,A,B,10,5,a,X\n";
  EXPECT_THAT(complaint(named + "1,1,F,B,10,5,b,X\n"), HasSubstr("a.csv:3:14: plan: found 'b'"));
  EXPECT_THAT(complaint(named + "1,1,F,B,10,5,a,Y\n"), HasSubstr("a.csv:3:16: security: found"));
}

TEST(CsvRecording, QuantitiesAreCountedInTheUnitOfTheScale) {
  const std::string rows = std::string{kHeading} + "0,1,A,B,27000.5,0.015\n1,1,F,B,27000.5,0.005\n";
  EXPECT_THAT(texts_of(told(rows, {.quantity_scale = 3})),
              ElementsAre("402213 15@27000.5", "402208", "402206 5"));
  EXPECT_THAT(complaint(rows, {.quantity_scale = 2}), HasSubstr("with --quantity-scale 3"));
}

// No process ends, and no sum overflows, whatever a file says.
TEST(CsvRecording, WhatAPlanCannotCountIsAMistake) {
  std::string rows = kHeading;
  for (int order = 0; order < 9300; ++order)
    rows += std::to_string(order) + "," + std::to_string(order) + ",A,B,1,1000000000000000\n";
  EXPECT_THAT(complaint(rows), HasSubstr("qty: with it the orders of its plan are more than"));
  EXPECT_THAT(complaint(std::string{kHeading} +
                        "0,1,A,B,27000.50,150000000\n1000,1,F,B,27000.50,150000000\n"),
              HasSubstr("a.csv:3:21: qty: with it the fills of its plan are worth more"));
}

TEST(CsvRecording, TheSurveySaysWhatWasReadAndWhatCameOfIt) {
  const RecordingFile file{"5,1,A,B,10,5\n\n3,1,F,B,10,2\n9,1,C,B,10,1\n9,2,A,A,10,5\n"};
  const Survey all = survey({.path = file.path()});
  EXPECT_EQ(all.reports, 9);
  EXPECT_EQ(all.last_us, 4) << "since the first row";
  for (const char* const line :
       {"4  rows about orders", "2  A, added, first on line 2", "1  F, filled, first on line 4",
        "1  lines without anything", "1  rows of an earlier time than the one before them",
        "1  cancels of a part, replayed as a replacement", "2  orders that were open at the end",
        "3  402213 placed, first on line 2"})
    EXPECT_THAT(all.account, HasSubstr(line));
}

TEST(CsvRecording, ASecurityIsOneThatThePlatformTakes) {
  const auto said = [](const std::string& security) {
    return complaint("t_us,order,event,side,price,qty,security\n0,1,A,B,10,5," + security + "\n");
  };
  for (const std::string& good : {std::string{"600570"}, std::string(128, 'x')})
    EXPECT_EQ(said(good), "taken") << good;
  for (const std::string& bad : {std::string{"BRK A"}, std::string{"-"}, std::string(129, 'x')})
    EXPECT_THAT(said(bad), HasSubstr("a.csv:2:14: security: found '" + bad +
                                     "', expected 1 to 128 bytes without blanks"))
        << bad;
}

TEST(CsvRecording, ALongGapIsCutWhereThatIsAskedFor) {
  const RecordingFile file{"100,1,A,B,10,5\n50000100,2,A,B,10,5\n50000200,3,A,B,10,5\n"};
  Replay straight{{.path = file.path(), .plans = {1}}};
  Replay cut{{.path = file.path(), .plans = {1}, .longest_gap_us = 1'000}};
  for (Replay* const replay : {&straight, &cut})
    for (int i = 0; i < 2; ++i)
      ASSERT_TRUE(replay->next(0));
  EXPECT_EQ(straight.next_at_us(), 50'000'000);
  EXPECT_EQ(cut.next_at_us(), 1'000);
  ASSERT_TRUE(cut.next(1'000));
  ASSERT_TRUE(cut.next(1'000));
  EXPECT_EQ(cut.next_at_us(), 1'100);
  EXPECT_EQ(survey({.path = file.path(), .longest_gap_us = 1'000}).last_us, 1'100);
  const Survey of_two = survey({.path = file.path(), .limit = 2});
  EXPECT_EQ(of_two.reports, 2);
  EXPECT_EQ(of_two.last_us, 0);
  EXPECT_THAT(of_two.account, HasSubstr("3  rows about orders"));
}

}  // namespace
}  // namespace systask::peers::flow
