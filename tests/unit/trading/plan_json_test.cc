#include "trading/plan_json.h"

#include <gtest/gtest.h>

#include "trading/decimal.h"
#include "trading/text_hash.h"

namespace systask::trading {
namespace {

Order order_of(std::int64_t id, const std::string& number, const std::string& algo) {
  Order order;
  order.id = OrderId{id};
  order.plan = PlanId{31};
  order.market = Market{1};
  order.security = "600570";
  order.price = PriceTicks{48 * kTicksPerUnit};
  order.quantity = 100;
  order.number = number;
  order.algo_ordid = algo;
  return order;
}

// Plan 31 with two details, three open orders, a closed one and a combined order.
Plan fill(Book& book) {
  Plan plan;
  plan.id = PlanId{31};
  plan.status = PlanStatus::kAbnormal;
  plan.saved_status = PlanStatus::kRunning;
  plan.parameters = Parameters{{"window", "60"}, {"slices", "6"}};
  plan.details = {{Market{1}, "600570", Side::kSell, 0, 5, 0, AmountTicks{}},
                  {Market{1}, "600570", Side::kBuy, 9'000, 400, 40, AmountTicks{192'050'000'000}}};
  book.plans.put(plan.id, plan);
  Order partly = order_of(1, "E2", "3-9");
  partly.filled = 40;
  Order reported = order_of(2, "E10", "3-10");
  reported.confirmed = true;
  Order closed = order_of(4, "E4", "3-8");
  closed.filled = 100;
  for (const Order& order : {partly, reported, order_of(3, "", "3-11"), closed})
    book.orders.put(order.id, order);
  CombinedOrder pair;
  pair.id = OrderId{5};
  pair.plan = plan.id;
  pair.market = Market{1};
  pair.number = "C7";
  pair.buy = OrderId{1};
  pair.sell = OrderId{2};
  pair.cancel_pending = true;
  book.combined.put(pair.id, pair);
  return plan;
}

TEST(PlanJson, TheDigestIsOfTheseLines) {
  Book book;
  const Plan plan = fill(book);
  const std::string lines =
      "plan 31\n"
      "status 2\n"
      "parameter slices=6\n"
      "parameter window=60\n"
      "total 1 600570 1 400 40 1920.5\n"
      "total 1 600570 2 5 0 0\n"
      "open 1 - 3-11 1 100 0 1\n"
      "open 1 E10 3-10 1 100 0 4\n"
      "open 1 E2 3-9 1 100 40 6\n"
      "combined 1 C7 a\n";
  EXPECT_EQ(digest_text(book, plan), lines);
  EXPECT_EQ(digest(book, plan), sha256_hex(lines));
}

TEST(PlanJson, TheHashIsSha256) {
  EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256_hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(PlanJson, PagesOfOpenOrdersAreOfOneSnapshot) {
  Book book;
  Plan plan = fill(book);
  plan.applied = LineNumber{117};
  const std::string first = open_orders_page(book, plan, OrderId{}, 2).json;
  EXPECT_TRUE(first.starts_with(R"({"snapshot":117,"orders":[{"order":1,)")) << first;
  EXPECT_TRUE(first.ends_with(R"("combined":[],"next":2})")) << first;
  const std::string last = open_orders_page(book, plan, OrderId{2}, 2).json;
  EXPECT_TRUE(last.starts_with(R"({"snapshot":117,"orders":[{"order":3,)")) << last;
  EXPECT_NE(last.find(R"("combined":[{"order":5,)"), std::string::npos) << last;
  EXPECT_NE(last.find(R"("entrust_state":"a","confirmed":false,"cancel_pending":true}])"),
            std::string::npos)
      << last;
  EXPECT_TRUE(last.ends_with(R"("next":null})")) << last;
}

TEST(PlanJson, ParametersAreAnObjectOfStrings) {
  const Parameters parameters{{"price", "10"}, {"say", "\"hi\""}};
  EXPECT_EQ(parameters_of(parameters_json(parameters)).value(), parameters);
  for (const char* const text :
       {"", "{}", "[]", R"({"parameters":[]})", R"({"parameters":{"a":1}})"})
    EXPECT_EQ(parameters_of(text).error().code, "BAD_REQUEST") << text;
  EXPECT_EQ(parameters_of(R"({"parameters":{"a":1}})").error().message,
            "parameters.a: found 1, expected a string");
}

TEST(PlanJson, AnAbnormalPlanShowsWhatItWas) {
  Book book;
  Plan plan = fill(book);
  plan.tolerance_percent = 5;
  const std::string text = plan_json(plan);
  EXPECT_NE(text.find(R"("tolerance_percent":5)"), std::string::npos) << text;
  EXPECT_NE(text.find(R"("status":"2")"), std::string::npos) << text;
  EXPECT_NE(text.find(R"("amount":"1920.5")"), std::string::npos) << text;
}

}  // namespace
}  // namespace systask::trading
