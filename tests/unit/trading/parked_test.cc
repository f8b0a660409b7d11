#include <gtest/gtest.h>

#include "tests/support/trading_world.h"
#include "trading/parked.h"
#include "trading/ports/message_store.h"

namespace systask::trading {
namespace {

using support::TradingWorld;

// Puts a parked fill into the table behind the platform's back.
void park_by_hand(TradingWorld& world, const std::string& number) {
  const Stores stores = world.stores.stores();
  const auto work = stores.transactions.begin();
  MessageRow row;
  row.no = MessageNo{1'000};
  row.message_id = "by hand";
  row.function_no = 402206;
  row.date = BusinessDate{20260522};
  row.disposition = Disposition::kParked;
  row.market = Market{1};
  row.order_number = number;
  row.topic = "asset.algo.realdeal";
  row.body = support::body_of(402206, {{"message_id", "by hand"},
                                       {"entrust_no", number},
                                       {"deal_no", "D1"},
                                       {"deal_price", "10"},
                                       {"deal_amount", "100"}});
  row.received_at = world.clock.now();
  ASSERT_TRUE(stores.messages.add(*work, row));
  work->commit();
}

TEST(ApplyParked, LetsGoWhatWaitsForAnOrderThatIsKnownAndNothingElse) {
  TradingWorld world;
  ASSERT_TRUE(world.login(support::login_of("A")));
  const auto plan = world.create(support::plan_to_buy(1'000));
  ASSERT_TRUE(plan) << plan.error().message;
  ASSERT_EQ(world.report(402213, {{"scheme_id", std::to_string(plan->plan.value())},
                                  {"entrust_no", "E1"},
                                  {"stock_code", "600570"},
                                  {"entrust_direction", "1"},
                                  {"entrust_price", "10"},
                                  {"entrust_amount", "300"}}),
            "applied");
  park_by_hand(world, "E1");
  world.restart(true);
  ASSERT_EQ(world.report(402206, {{"entrust_no", "E2"}, {"deal_no", "D1"}, {"deal_amount", "5"}}),
            "parked");

  EXPECT_EQ(world.platform().apply_parked().detail,
            "messages of 1 orders that are known now let go, 0 parked messages whose order never "
            "came quarantined");
  EXPECT_EQ(world.plan(plan->plan).details[0].filled, 100);
  for (const MessageRow& row : world.messages())
    EXPECT_EQ(row.disposition == Disposition::kParked, row.order_number == "E2");
}

TEST(Parked, CountsTheMessagesOfEachNumber) {
  const NumberKey one{BusinessDate{20260522}, Market{1}, NumberSpace::kOrder, "E1"};
  const NumberKey other{BusinessDate{20260522}, Market{1}, NumberSpace::kCombined, "E1"};
  Parked parked;
  parked.add(MessageNo{1}, {one, MonotonicPoint{Micros{10}}, 100});
  parked.add(MessageNo{2}, {one, MonotonicPoint{Micros{30}}, 20});
  parked.add(MessageNo{3}, {other, MonotonicPoint{Micros{20}}, 7});
  parked.add(MessageNo{3}, {other, MonotonicPoint{Micros{20}}, 3});  // parked again
  parked.keep();
  parked.commit();
  EXPECT_EQ(parked.size(), 3);
  EXPECT_EQ(parked.bytes(), 123);
  EXPECT_EQ(parked.waiting_since(MonotonicPoint{Micros{20}}, 9),
            (std::vector{MessageNo{1}, MessageNo{3}}));
  EXPECT_EQ(parked.waiting_since(MonotonicPoint{Micros{99}}, 2),
            (std::vector{MessageNo{1}, MessageNo{2}}));
  parked.remove(MessageNo{1});
  parked.remove(MessageNo{1});
  EXPECT_TRUE(parked.any_for(one)) << "another message waits for it";
  parked.remove(MessageNo{2});
  EXPECT_FALSE(parked.any_for(one));
  EXPECT_TRUE(parked.any_for(other));
  EXPECT_EQ(parked.size(), 1);
  EXPECT_EQ(parked.bytes(), 3);
  parked.abandon();  // the batch was lost
  EXPECT_EQ(parked.size(), 3);
  EXPECT_EQ(parked.bytes(), 123);
  EXPECT_TRUE(parked.any_for(one));
}

TEST(Parking, EndsWhereTheBodiesHaveManyBytes) {
  TradingWorld world{{.park_most_mib = 1}};
  const std::string note(60'000, 'x');
  const auto fill = [&](int deal) {
    return world.report(402206, {{"entrust_no", "E1"},
                                 {"deal_no", std::to_string(deal)},
                                 {"deal_amount", "5"},
                                 {"note", note}});
  };
  for (int deal = 0; deal < 17; ++deal)
    ASSERT_EQ(fill(deal), "parked") << deal;
  EXPECT_EQ(fill(17), "quarantined");
  EXPECT_NE(world.messages().back().reason.find("park_most_mib"), std::string::npos)
      << world.messages().back().reason;
  world.clock.advance(std::chrono::minutes{11});
  EXPECT_EQ(world.platform().apply_parked().rows, 17);
  EXPECT_EQ(fill(18), "parked") << "room again";
}

TEST(ApplyParked, GivesUpOneAndStillLetsTheOtherGo) {
  TradingWorld world;
  ASSERT_TRUE(world.login(support::login_of("A")));
  const auto plan = world.create(support::plan_to_buy(1'000));
  ASSERT_TRUE(plan) << plan.error().message;
  const auto fill = [&](const std::string& deal) {
    return world.report(402206, {{"entrust_no", "E1"}, {"deal_no", deal}, {"deal_amount", "5"}});
  };
  ASSERT_EQ(fill("D1"), "parked");
  world.clock.advance(std::chrono::minutes{9});
  ASSERT_EQ(fill("D2"), "parked");
  world.clock.advance(std::chrono::minutes{2});
  EXPECT_EQ(world.platform().apply_parked().rows, 1);
  ASSERT_EQ(world.report(402213, {{"scheme_id", std::to_string(plan->plan.value())},
                                  {"entrust_no", "E1"},
                                  {"stock_code", "600570"},
                                  {"entrust_direction", "1"},
                                  {"entrust_price", "10"},
                                  {"entrust_amount", "300"}}),
            "applied");
  EXPECT_EQ(world.plan(plan->plan).details[0].filled, 5) << "the younger fill waits still";
}

TEST(ParkedSince, StoredAgesAreBoundedOnBothSides) {
  using std::chrono::minutes;
  const MonotonicPoint now{std::chrono::hours{100}};
  const TimePoint wall = from_micros(1'800'000'000'000'000);
  const auto waits_for = [&](Micros ago) {
    return now - parked_since(wall - ago, wall, now, minutes{10});
  };
  EXPECT_EQ(waits_for(minutes{3}), minutes{3});
  EXPECT_EQ(waits_for(minutes{5}), minutes{5});
  EXPECT_EQ(waits_for(minutes{6}), minutes{5}) << "its order has time to come after a start";
  EXPECT_EQ(waits_for(std::chrono::hours{8}), minutes{5}) << "the clock was set ahead";
  EXPECT_EQ(waits_for(-std::chrono::hours{1}), minutes{0}) << "the clock was set back";
}

}  // namespace
}  // namespace systask::trading
