#include "peers/site/strategy.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "base/clock.h"
#include "peers/site/twap.h"

namespace systask::peers {
namespace {

namespace json = boost::json;
using std::chrono::seconds;

const TimePoint kStart = from_micros(1'779'413'400'000'000);

// A plan of 1000 in 5 slices over 50 s, and what a test does to it.
class TwapTest : public ::testing::Test {
 protected:
  TwapTest() { make(""); }

  void make(const std::string& more) {
    const std::string text = R"({"plan":31,"status":"1","strategy":"twap",
      "parameters":{"window_seconds":"50","slices":"5","price":"48")" +
                             more + R"(},
      "details":[{"market_no":1,"stock_code":"600570","entrust_direction":1,"quantity":1000}]})";
    state_ = PlanState::from_plan(json::parse(text).as_object()).value();
  }
  void apply(const std::string& event, const json::object& body) {
    state_.apply("asset.algo." + event, body);
  }
  Actions at(int second, Strategy& twap) {
    return twap.on_timer({state_, unanswered_}, kStart + seconds{second});
  }
  Actions at(int second) { return at(second, twap_); }
  // The one order that is placed then, accepted at once; 0: none.
  std::int64_t placed_at(int second, Strategy& twap) {
    const Actions actions = at(second, twap);
    if (actions.empty()) return 0;
    EXPECT_EQ(actions.size(), 1U);
    const Place& place = std::get<Place>(actions.front());
    Order order;
    order.market = place.market;
    order.algo_ordid = "1-" + std::to_string(++placed_);
    order.number = "N" + std::to_string(placed_);
    order.security = place.security;
    order.quantity = place.quantity;
    state_.accepted(order);
    return place.quantity;
  }
  std::int64_t placed_at(int second) { return placed_at(second, twap_); }
  void fill(int order, std::int64_t quantity) {
    apply("realdeal", {{"market_no", 1},
                       {"entrust_no", "N" + std::to_string(order)},
                       {"deal_price", "48"},
                       {"deal_amount", quantity}});
  }
  void reject(int order) {
    apply("entrust_waste", {{"market_no", 1}, {"entrust_no", "N" + std::to_string(order)}});
  }

  PlanState state_;
  std::vector<Place> unanswered_;
  Twap twap_;
  int placed_ = 0;
};

TEST_F(TwapTest, SaysThatItHasStarted) {
  const Actions actions = at(0);
  ASSERT_EQ(actions.size(), 1U);
  EXPECT_EQ(std::get<Done>(actions.front()).request, "start");
}

TEST_F(TwapTest, SlicesTheQuantityOverTheWindow) {
  state_.set_status('2');
  const std::vector<std::pair<int, std::int64_t>> table{{0, 200}, {1, 0},    {9, 0},    {10, 200},
                                                        {11, 0},  {20, 200}, {30, 200}, {40, 200},
                                                        {50, 0},  {90, 0}};
  for (const auto& [second, quantity] : table)
    EXPECT_EQ(placed_at(second), quantity) << second;
}

TEST_F(TwapTest, PlacesRejectedQuantityAgainInLaterSlicesAndAfterTheWindow) {
  state_.set_status('2');
  EXPECT_EQ(placed_at(0), 200);
  reject(1);
  EXPECT_EQ(placed_at(5), 0);
  EXPECT_EQ(placed_at(10), 400);
  EXPECT_EQ(placed_at(40), 600);
  reject(3);
  EXPECT_EQ(placed_at(41), 0);
  EXPECT_EQ(placed_at(50), 600);
}

TEST_F(TwapTest, CountsWhatIsNotAnsweredYet) {
  state_.set_status('2');
  unanswered_.push_back({1, "600570", 1, "48", 150});
  EXPECT_EQ(placed_at(0), 50);
}

TEST_F(TwapTest, WaitsForItsStartAndCatchesUpWithIt) {
  make(R"(,"start":")" + to_rfc3339(kStart + seconds{60}) + "\"");
  state_.set_status('2');
  EXPECT_EQ(placed_at(59), 0);
  EXPECT_EQ(placed_at(60), 200);
  EXPECT_EQ(placed_at(85), 400);
}

TEST_F(TwapTest, ASiteThatTakesOverOrdersNothingTwice) {
  state_.set_status('2');
  EXPECT_EQ(placed_at(0), 200);
  EXPECT_EQ(placed_at(10), 200);
  fill(1, 200);
  fill(2, 70);
  Twap rebuilt;
  EXPECT_EQ(placed_at(17, rebuilt), 0);
  EXPECT_EQ(placed_at(18, rebuilt), 0);
  EXPECT_EQ(placed_at(27, rebuilt), 200);
  EXPECT_EQ(placed_at(37, rebuilt), 200);
  EXPECT_EQ(placed_at(47, rebuilt), 200);
  EXPECT_EQ(placed_at(99, rebuilt), 0);
}

TEST_F(TwapTest, ASiteThatTakesOverKeepsToAGivenStart) {
  make(R"(,"start":")" + to_rfc3339(kStart) + "\"");
  state_.set_status('2');
  EXPECT_EQ(placed_at(0), 200);
  Twap rebuilt;
  EXPECT_EQ(placed_at(25, rebuilt), 400);
}

TEST_F(TwapTest, AModifiedPlanIsSlicedAnewAtOnce) {
  state_.set_status('2');
  EXPECT_EQ(placed_at(0), 200);
  apply("scheme_modify", {{"parameters", json::object{{"slices", "2"}, {"price", "49.5"}}}});
  const Actions actions =
      twap_.on_event({state_, {}}, "asset.algo.scheme_modify", kStart + seconds{1});
  ASSERT_EQ(actions.size(), 1U);
  EXPECT_EQ(std::get<Place>(actions.front()).quantity, 300);
  EXPECT_EQ(std::get<Place>(actions.front()).price, "49.5");
}

TEST_F(TwapTest, PlacesNothingWhilePaused) {
  state_.set_status('2');
  EXPECT_EQ(placed_at(0), 200);
  apply("scheme_pause", {});
  const Actions paused = twap_.on_event({state_, {}}, "asset.algo.scheme_pause", kStart);
  ASSERT_EQ(paused.size(), 1U);
  EXPECT_EQ(std::get<Done>(paused.front()).request, "pause");
  state_.set_status('5');
  EXPECT_EQ(placed_at(20), 0);
  apply("scheme_resume", {});
  EXPECT_EQ(std::get<Done>(at(30).front()).request, "resume");
  state_.set_status('2');
  EXPECT_EQ(placed_at(30), 600);
}

TEST_F(TwapTest, CancelsItsOpenOrdersBeforeItIsCancelled) {
  state_.set_status('2');
  placed_at(0);
  placed_at(10);
  fill(1, 200);
  for (const auto& [event, request] :
       {std::pair{"scheme_cancel", "cancel"}, {"scheme_expire", "expire"}}) {
    apply(event, {});
    Actions actions = at(11);
    ASSERT_EQ(actions.size(), 1U);
    EXPECT_EQ(std::get<Cancel>(actions.front()).algo_ordid, "1-2");
    state_.find_by_algo("1-2")->cancel_asked = true;
    EXPECT_TRUE(at(12).empty());
    state_.find_by_algo("1-2")->cancel_asked = false;
    EXPECT_EQ(request_of(state_.status()), request);
  }
  apply("withdraw_success", {{"market_no", 1}, {"cancel_entrust_no", "N2"}});
  const Actions actions = at(13);
  ASSERT_EQ(actions.size(), 1U);
  EXPECT_EQ(std::get<Done>(actions.front()).request, "expire");
}

TEST_F(TwapTest, WaitsForAnUnansweredOrderBeforeItIsCancelled) {
  state_.set_status('9');
  unanswered_.push_back({1, "600570", 1, "48", 150});
  EXPECT_TRUE(at(0).empty());
  unanswered_.clear();
  EXPECT_EQ(std::get<Done>(at(0).front()).request, "cancel");
}

TEST_F(TwapTest, FailsOnParametersThatItCannotRun) {
  for (const char* bad :
       {R"(,"slices":"0")", R"(,"slices":"x")", R"(,"price":"cheap")", R"(,"window_seconds":"-1")",
        R"(,"start":"noon")", R"(,"slices":"99999")"}) {
    make(bad);
    const Actions actions = at(0);
    ASSERT_EQ(actions.size(), 1U) << bad;
    EXPECT_TRUE(std::holds_alternative<Fail>(actions.front())) << bad;
    state_.set_status('2');
    EXPECT_TRUE(at(1).empty()) << bad;
  }
}

TEST(Follow, DoesWhatItIsAskedAtOnce) {
  const auto follow = make_strategy("follow");
  for (const auto& [status, request] : {std::pair{'1', "start"},
                                        {'4', "pause"},
                                        {'7', "resume"},
                                        {'9', "cancel"},
                                        {'g', "expire"}}) {
    PlanState state;
    state.set_status(status);
    const Actions actions = follow->on_event({state, {}}, "asset.algo.scheme_pause", kStart);
    ASSERT_EQ(actions.size(), 1U);
    EXPECT_EQ(std::get<Done>(actions.front()).request, request);
  }
  PlanState running;
  running.set_status('2');
  EXPECT_TRUE(follow->on_timer({running, {}}, kStart).empty());
  EXPECT_EQ(make_strategy("vwap"), nullptr);
}

}  // namespace
}  // namespace systask::peers
