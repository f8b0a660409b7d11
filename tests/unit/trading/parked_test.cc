#include <gtest/gtest.h>

#include "tests/support/trading_world.h"
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

}  // namespace
}  // namespace systask::trading
