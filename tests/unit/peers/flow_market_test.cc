#include "peers/flow/market.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "peers/flow/fold.h"
#include "peers/flow/orders_out.h"

namespace systask::peers::flow {
namespace {

using namespace std::chrono_literals;
namespace json = boost::json;

const MonotonicPoint kNow{1h};

OrderFacts order_of(const std::string& algo_ordid, std::int64_t quantity = 100) {
  return {.plan = 31,
          .business_date = 20260522,
          .market = 1,
          .number = 0,
          .algo_ordid = algo_ordid,
          .security = "600570",
          .direction = 1,
          .price = 4'800'000'000,
          .quantity = quantity};
}

std::vector<Report> all_until(Market& market, MonotonicPoint end) {
  std::vector<Report> reports;
  while (auto report = market.next(end))
    reports.push_back(*report);
  return reports;
}

std::vector<int> functions_of(const std::vector<Report>& reports) {
  std::vector<int> functions;
  for (const Report& report : reports)
    functions.push_back(number_of(report.function));
  return functions;
}

TEST(Market, TakesOneOrderForOnePlanAndAlgoOrdid) {
  Market market{{}};
  const auto number = market.place(order_of("4-17"), kNow);
  ASSERT_TRUE(number);
  EXPECT_FALSE(market.place(order_of("4-17"), kNow));
  EXPECT_NE(market.place(order_of("4-18"), kNow), number);
}

TEST(Market, ReportsPlacedConfirmedAndFillsThatAddUp) {
  Market market{{.partial = 1}};
  market.place(order_of("4-17"), kNow);
  EXPECT_FALSE(market.next(kNow));
  const auto reports = all_until(market, kNow + 1min);
  ASSERT_GE(reports.size(), 4U);
  EXPECT_EQ(reports[0].function, Function::kPlaced);
  EXPECT_EQ(reports[1].function, Function::kConfirmed);
  std::int64_t filled = 0;
  for (std::size_t i = 2; i < reports.size(); ++i) {
    EXPECT_EQ(reports[i].function, Function::kFilled);
    filled += reports[i].deal_quantity;
    EXPECT_EQ(reports[i].total_filled, filled);
    EXPECT_EQ(reports[i].deal, static_cast<std::int64_t>(i - 1));
  }
  EXPECT_EQ(filled, 100);
  EXPECT_EQ(reports.back().state, '7');
  EXPECT_FALSE(market.next_at());
}

TEST(Market, RejectsByChance) {
  Market market{{.reject = 1}};
  market.place(order_of("4-17"), kNow);
  EXPECT_THAT(functions_of(all_until(market, kNow + 1min)), ::testing::ElementsAre(402213, 402207));
}

TEST(Market, CancelsTheRestOfAnOrderOnceWhoeverRepeatsIt) {
  Market market{{.no_fill = 1}};
  const auto number = market.place(order_of("4-17"), kNow);
  const CancelRequest cancel{31, "", std::to_string(*number), "82"};
  EXPECT_EQ(market.cancel(cancel, kNow), Taken::kNew);
  EXPECT_EQ(market.cancel(cancel, kNow), Taken::kRepeat);
  EXPECT_EQ(market.cancel({32, "4-17", "", "83"}, kNow), Taken::kUnknown);
  const auto reports = all_until(market, kNow + 1min);
  EXPECT_THAT(functions_of(reports), ::testing::ElementsAre(402213, 402208, 402210, 402212));
  EXPECT_EQ(reports.back().cancelled, 100);
}

TEST(Market, FillsNothingOfAnOrderThatWasCancelled) {
  Market market{{.partial = 0, .fill = {10s, 10s}}};
  market.place(order_of("4-17"), kNow);
  market.cancel({31, "4-17", "", "82"}, kNow);
  const auto reports = all_until(market, kNow + 1min);
  EXPECT_THAT(functions_of(reports), ::testing::ElementsAre(402213, 402208, 402210, 402212));
  EXPECT_EQ(reports.back().cancelled, 100);
}

TEST(Market, RejectsTheCancelOfAnOrderThatHasEnded) {
  Market market{{.partial = 0}};
  market.place(order_of("4-17"), kNow);
  all_until(market, kNow + 1min);
  market.cancel({31, "4-17", "", "82"}, kNow + 1min);
  EXPECT_THAT(functions_of(all_until(market, kNow + 2min)), ::testing::ElementsAre(402210, 402211));
}

TEST(Market, FoldsToWhatItReported) {
  Market market{{.reject = 0.2, .partial = 0.5, .no_fill = 0.2, .seed = 5}};
  Fold fold;
  for (int i = 0; i < 200; ++i) {
    auto facts = order_of("1-" + std::to_string(i));
    facts.number = *market.place(facts, kNow);
    fold.take_order(facts);
    if (i % 3 == 0) market.cancel({31, facts.algo_ordid, "", std::to_string(i)}, kNow + 10ms);
  }
  std::int64_t filled = 0;
  std::int64_t count = 0;
  for (const Report& report : all_until(market, kNow + 1min)) {
    fold.apply(report);
    filled += report.deal_quantity;
    ++count;
  }
  const auto plan = json::parse(fold.to_json()).at("plans").at(0);
  EXPECT_EQ(fold.unique(31), count);
  EXPECT_EQ(plan.at("totals").at(0).at("ordered"), 20'000);
  EXPECT_EQ(plan.at("totals").at(0).at("filled"), filled);
  EXPECT_EQ(plan.at("totals").at(0).at("amount").as_string(), std::to_string(filled * 48));
  for (const auto& open : plan.at("open").as_array()) {
    EXPECT_EQ(open.at("state").as_string(), "4");  // those that nobody cancelled
    EXPECT_EQ(open.at("quantity"), 100);
  }
}

TEST(Fold, KeepsAnOrderOpenWhileAFillOfItIsHeldBack) {
  Fold fold;
  Report report{.order = order_of("", 5)};
  report.order.number = 9;
  fold.apply(report);
  report.function = Function::kCancelRequested;
  fold.apply(report);
  EXPECT_THAT(fold.to_json(), ::testing::HasSubstr("\"state\":\"a\""));
  report.function = Function::kCancelled;
  report.cancelled = 3;
  fold.apply(report);
  EXPECT_THAT(fold.to_json(), ::testing::HasSubstr("\"number\":\"9\",\"algo\":\"-\""));
  report.function = Function::kFilled;
  report.deal_price = report.order.price;
  report.deal_quantity = 2;
  fold.apply(report);
  EXPECT_THAT(fold.to_json(), ::testing::HasSubstr("\"open\":[]"));
  EXPECT_EQ(fold.unique(31), 4);
}

TEST(OrdersOut, ReadsAnOrderAndNamesWhatIsMissing) {
  auto body = json::parse(R"({"scheme_id":31,"algo_ordid":"4-17","business_date":20260522,
      "market_no":1,"stock_code":"600570","entrust_direction":1,"entrust_price":"48",
      "entrust_amount":"100"})")
                  .as_object();
  const auto order = parse_order(body);
  ASSERT_TRUE(order.has_value());
  EXPECT_EQ(order->price, 4'800'000'000);
  EXPECT_EQ(order->quantity, 100);
  body.erase("entrust_price");
  EXPECT_THAT(parse_order(body).error().message, ::testing::HasSubstr("entrust_price"));
}

TEST(Report, SaysItsFieldsAsTheProtocolNamesThem) {
  Report report{.function = Function::kFilled, .order = order_of("4-\"17"), .names_plan = false};
  report.order.number = 88;
  report.deal = 2;
  report.deal_price = 4'850'000'000;
  report.deal_quantity = 40;
  report.total_filled = 60;
  const auto body = json::parse(body_of(report, "m-1")).as_object();
  EXPECT_EQ(body.at("message_id"), "m-1");
  EXPECT_FALSE(body.contains("scheme_id"));
  EXPECT_EQ(body.at("algo_ordid"), "4-\"17");
  EXPECT_EQ(body.at("deal_no"), "88-2");
  EXPECT_EQ(body.at("deal_price"), "48.5");
  EXPECT_EQ(body.at("total_deal_amount"), 60);
  report.function = Function::kCancelled;
  report.cancelled = 40;
  const auto cancel = json::parse(body_of(report, "m-2")).as_object();
  EXPECT_EQ(cancel.at("cancel_entrust_no"), "88");
  EXPECT_EQ(cancel.at("cancel_amount"), 40);
}

}  // namespace
}  // namespace systask::peers::flow
