#include "peers/site/plan_state.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json.hpp>

#include "peers/site/line.h"

namespace systask::peers {
namespace {

namespace json = boost::json;

json::object object_of(const std::string& text) { return json::parse(text).as_object(); }

constexpr const char* kPlan = R"({"plan":31,"status":"2","strategy":"twap",
  "parameters":{"slices":"6","price":"48.00"},
  "details":[
    {"market_no":2,"stock_code":"000001","entrust_direction":2,"quantity":0,"ordered":0,
     "filled":0,"amount":"0"},
    {"market_no":1,"stock_code":"600570","entrust_direction":1,"quantity":1000,"ordered":300,
     "filled":200,"amount":"9600.5"}]})";

PlanState plan() { return PlanState::from_plan(object_of(kPlan)).value(); }

Order order_of_ours(const std::string& algo_ordid, std::int64_t quantity) {
  Order order;
  order.market = 1;
  order.algo_ordid = algo_ordid;
  order.security = "600570";
  order.quantity = quantity;
  return order;
}

void apply(PlanState& state, const std::string& event, const std::string& body) {
  state.apply("asset.algo." + event, object_of(body));
}

TEST(Line, TakesTheNextNumberOnly) {
  Line line{4, 117};
  EXPECT_EQ(line.judge(4, 118), Line::Verdict::kNext);
  EXPECT_EQ(line.judge(4, 117), Line::Verdict::kRepeat);
  EXPECT_EQ(line.judge(3, 118), Line::Verdict::kRepeat);
  EXPECT_EQ(line.judge(4, 119), Line::Verdict::kBroken);
  EXPECT_EQ(line.judge(5, 118), Line::Verdict::kBroken);
  line.advance();
  EXPECT_EQ(line.judge(4, 118), Line::Verdict::kRepeat);
}

TEST(Amount, IsExactAndShort) {
  const std::vector<std::pair<std::string, std::string>> cases{
      {"57600", "57600"},
      {"12.50000000", "12.5"},
      {"0.00000001", "0.00000001"},
      {"0", "0"},
      {"-3.10", "-3.1"},
      {"92233720368547.75808", "92233720368547.75808"},
      {"7.", "7"},
      {"900000000000000.1", "900000000000000.1"}};
  for (const auto& [text, expected] : cases) {
    ASSERT_TRUE(parse_amount(text)) << text;
    EXPECT_EQ(to_text(*parse_amount(text)), expected);
  }
  for (const char* bad : {"", ".", "1e5", "1.123456789", "--1", "1,5", "12 "})
    EXPECT_FALSE(parse_amount(bad)) << bad;
  EXPECT_FALSE(parse_price("92233720368547.76"));
  Amount amount;
  amount.add(*parse_price("48.02"), 1'000'000'000'000);
  EXPECT_EQ(to_text(amount), "48020000000000");
}

// The hexadecimal is that of sha256sum over the text below, made with
// printf 'plan 31\nstatus 2\nparameter price=48.00\n…open 1 88231 4-1 1 100 40 6\ncombined 1 C7
// 4\n'
TEST(PlanState, HasTheDigestOfTheProtocol) {
  PlanState state = plan();
  state.accepted(order_of_ours("4-1", 100));
  state.accepted(order_of_ours("4-2", 100));
  apply(state, "entrust_confirm", R"({"market_no":1,"entrust_no":"88231","algo_ordid":"4-1"})");
  apply(state, "realdeal",
        R"({"market_no":1,"entrust_no":"88231","deal_price":"48.00","deal_amount":40})");
  state.restore_combined(
      object_of(R"({"market_no":1,"entrust_no":"C7","entrust_state":"4","confirmed":true})"));
  state.restore_combined(object_of(R"({"market_no":1,"entrust_no":"C8","entrust_state":"9"})"));
  apply(state, "cbentrust_waste", R"({"market_no":1,"entrust_no":"C8"})");
  EXPECT_EQ(digest_text(state),
            "plan 31\nstatus 2\nparameter price=48.00\nparameter slices=6\n"
            "total 1 600570 1 500 240 11520.5\ntotal 2 000001 2 0 0 0\n"
            "open 1 - 4-2 1 100 0 1\nopen 1 88231 4-1 1 100 40 6\ncombined 1 C7 4\n");
  EXPECT_EQ(digest_of(state), "1da5e84649e7d1d103504b72722a4a1447049f9ec4c3ab322f41973ab410f304");
}

TEST(PlanState, AValueStaysInItsLineOfTheDigestAndANameIsAsItIs) {
  const auto state = PlanState::from_plan(
      json::object{{"plan", 31},
                   {"status", "2"},
                   {"strategy", "follow"},
                   {"parameters", json::object{{"a", "1\nparameter b=2"}, {"c\\d", "e\\n"}}}});
  ASSERT_TRUE(state.has_value());
  EXPECT_EQ(digest_text(*state),
            "plan 31\nstatus 2\nparameter a=1\\nparameter b=2\nparameter c\\d=e\\\\n\n");
}

TEST(PlanState, ARejectedCancelUncoversWhatARestoredPairWas) {
  for (const bool confirmed : {true, false}) {
    PlanState state = plan();
    state.restore_combined(json::object{{"market_no", 1},
                                        {"entrust_no", "C7"},
                                        {"entrust_state", "a"},
                                        {"confirmed", confirmed},
                                        {"cancel_pending", true}});
    EXPECT_NE(digest_text(state).find("combined 1 C7 a\n"), std::string::npos);
    apply(state, "cbwthdrw_waste", R"({"market_no":1,"entrust_no":"x","cancel_entrust_no":"C7"})");
    EXPECT_NE(digest_text(state).find(confirmed ? "combined 1 C7 4\n" : "combined 1 C7 1\n"),
              std::string::npos)
        << digest_text(state);
  }
}

TEST(PlanState, IsTheSameInWhateverOrderTheFactsCome) {
  std::vector<std::pair<std::string, std::string>> events{
      {"entrust", R"({"algo_ordid":"4-1"})"},
      {"entrust_confirm", R"({"algo_ordid":"4-1"})"},
      {"realdeal", R"({"algo_ordid":"4-1","deal_price":"48","deal_amount":"30"})"},
      {"realdeal", R"({"algo_ordid":"4-1","deal_price":"48.5","deal_amount":20})"},
      {"withdraw_success", R"({"algo_ordid":"4-1","cancel_amount":50})"}};
  std::vector<std::size_t> way{0, 1, 2, 3, 4};
  int ways = 0;
  do {
    PlanState state = plan();
    state.accepted(order_of_ours("4-1", 100));
    for (const auto index : way) {
      json::object body = object_of(events[index].second);
      body["market_no"] = 1;
      body["entrust_no"] = "88231";
      state.apply("asset.algo." + events[index].first, body);
    }
    ASSERT_EQ(state.find_by_algo("4-1")->state(), '8');
    ASSERT_EQ(state.details().at(1).filled, 250);
    ASSERT_EQ(to_text(state.details().at(1).amount), "12010.5");
    ++ways;
  } while (std::ranges::next_permutation(way).found);
  EXPECT_EQ(ways, 120);
}

TEST(PlanState, DerivesTheStateOfAnOrder) {
  struct Row {
    Order order;
    char expected;
  };
  Order base;
  base.quantity = 100;
  const auto with = [&base](auto change) {
    Order order = base;
    change(order);
    return order;
  };
  const std::vector<Row> rows{
      {base, '1'},
      {with([](Order& o) { o.confirmed = true; }), '4'},
      {with([](Order& o) { o.rejected = true; }), '5'},
      {with([](Order& o) { o.filled = 1; }), '6'},
      {with([](Order& o) { o.filled = 100, o.cancel_pending = true; }), '7'},
      {with([](Order& o) { o.filled = 40, o.taken_off = 60; }), '8'},
      {with([](Order& o) { o.taken_off = 100; }), '9'},
      {with([](Order& o) { o.filled = 40, o.cancel_pending = true; }), 'a'},
      {with([](Order& o) { o.taken_off = 40, o.confirmed = true; }), '4'}};
  for (const Row& row : rows)
    EXPECT_EQ(row.order.state(), row.expected);
}

TEST(PlanState, ACancelRequestIsPendingUntilItsEnd) {
  PlanState state = plan();
  state.accepted(order_of_ours("4-1", 100));
  Order* order = state.find_by_algo("4-1");
  order->cancel_asked = true;
  apply(state, "entrust_confirm", R"({"market_no":1,"entrust_no":7,"algo_ordid":"4-1"})");
  apply(state, "withdraw", R"({"market_no":1,"entrust_no":"x","cancel_entrust_no":"7"})");
  EXPECT_EQ(order->state(), 'a');
  apply(state, "withdraw_waste", R"({"market_no":1,"cancel_entrust_no":7})");
  EXPECT_EQ(order->state(), '4');
  EXPECT_FALSE(order->cancel_asked);
  apply(state, "withdraw_success", R"({"market_no":1,"cancel_entrust_no":7})");
  EXPECT_EQ(order->state(), '9');
  apply(state, "withdraw", R"({"market_no":1,"cancel_entrust_no":7})");
  EXPECT_EQ(order->state(), '9');
}

TEST(PlanState, AnOrderPlacedElsewhereIsCreatedByItsPlacedEventOnce) {
  PlanState state = plan();
  const std::string body = R"({"market_no":2,"entrust_no":"9","stock_code":"000001",
    "entrust_direction":2,"entrust_amount":70})";
  apply(state, "entrust", body);
  apply(state, "entrust", body);
  apply(state, "bank_entrust_confirm", R"({"market_no":2,"entrust_no":"9"})");
  EXPECT_EQ(state.details().at(0).ordered, 70);
  ASSERT_EQ(state.orders().size(), 1U);
  EXPECT_EQ(state.orders().front().state(), '4');
}

TEST(PlanState, AFillOfAnOrderThatEndedBeforeTheSnapshotStillCounts) {
  PlanState state = plan();
  apply(state, "realdeal",
        R"({"market_no":1,"entrust_no":"1","stock_code":"600570","entrust_direction":1,
            "deal_price":"50","deal_amount":10})");
  EXPECT_EQ(state.details().at(1).filled, 210);
  EXPECT_EQ(to_text(state.details().at(1).amount), "10100.5");
}

TEST(PlanState, RestoresAnOrderOfThePages) {
  PlanState state = plan();
  state.restore_order(object_of(R"({"market_no":1,"stock_code":"600570","entrust_no":"88231",
    "algo_ordid":"3-9","entrust_direction":1,"entrust_amount":100,"filled":40,"cancelled":0,
    "entrust_state":"a"})"));
  state.restore_order(object_of(R"({"market_no":1,"stock_code":"600570","entrust_no":"7",
    "entrust_direction":1,"entrust_amount":100,"entrust_state":"a","confirmed":false})"));
  apply(state, "withdraw_waste", R"({"market_no":1,"cancel_entrust_no":"7"})");
  EXPECT_EQ(state.find(1, "7")->state(), '1');
  EXPECT_EQ(state.find_by_algo("3-9")->state(), 'a');
  apply(state, "withdraw_waste", R"({"market_no":1,"cancel_entrust_no":"88231"})");
  EXPECT_EQ(state.find(1, "88231")->state(), '6');
  EXPECT_EQ(state.details().at(1).ordered, 300);
}

TEST(PlanState, ACombinedOrderHasLegsOfItsOwn) {
  PlanState state = plan();
  apply(state, "cbentrust", R"({"market_no":1,"entrust_no":"C1","stock_code":"600570",
    "buy_entrust_no":"B1","sell_entrust_no":"S1","buy_entrust_amount":10,
    "sell_entrust_amount":20})");
  EXPECT_EQ(state.details().at(1).ordered, 310);
  ASSERT_EQ(state.details().size(), 3U);
  EXPECT_EQ(state.details().at(2).ordered, 20);
  apply(state, "cbentrust_ack", R"({"market_no":1,"entrust_no":"C1"})");
  apply(state, "realdeal",
        R"({"market_no":1,"entrust_no":"B1","deal_price":"1","deal_amount":10})");
  apply(state, "cbwthdrw", R"({"market_no":1,"cancel_entrust_no":"C1"})");
  EXPECT_EQ(state.combined().front().state(), 'a');
  EXPECT_EQ(state.find(1, "B1")->state(), '7');
  EXPECT_EQ(state.find(1, "S1")->state(), 'a');
  apply(state, "cbwthdrwok", R"({"market_no":1,"cancel_entrust_no":"C1","sell_cancel_amount":5})");
  EXPECT_EQ(state.combined().front().state(), '4');
  apply(state, "cbwthdrwok", R"({"market_no":1,"cancel_entrust_no":"C1"})");
  EXPECT_EQ(state.combined().front().state(), '9');
  EXPECT_EQ(state.find(1, "S1")->state(), '9');
}

TEST(PlanState, IsChangedByClientsAndCompletedByItsFills) {
  PlanState state =
      PlanState::from_plan(object_of(R"({"plan":1,"status":"2","strategy":"twap","parameters":{},
        "details":[{"market_no":1,"stock_code":"S","entrust_direction":1,"quantity":10}]})"))
          .value();
  apply(state, "scheme_modify", R"({"parameters":{"price":"9"}})");
  EXPECT_EQ(state.parameters().at("price"), "9");
  for (const auto& [event, status] : {std::pair{"scheme_pause", '4'},
                                      {"scheme_resume", '7'},
                                      {"scheme_expire", 'g'},
                                      {"scheme_cancel", '9'}}) {
    apply(state, event, "{}");
    EXPECT_EQ(state.status(), status);
  }
  state.set_status('2');
  apply(state, "realdeal",
        R"({"market_no":1,"stock_code":"S","entrust_direction":1,
                        "deal_price":"1","deal_amount":10})");
  EXPECT_EQ(state.status(), 'b');
  apply(state, "scheme_pause", "{}");
  EXPECT_EQ(state.status(), 'b');
}

}  // namespace
}  // namespace systask::peers
