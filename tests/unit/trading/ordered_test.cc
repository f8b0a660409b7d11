#include <gtest/gtest.h>

#include <mutex>

#include "tests/support/trading_world.h"

namespace systask::trading {
namespace {

// Orders whose quantities do not add up in 64 bits: the one too many is refused, not counted.
TEST(Ordered, StaysWithin64Bits) {
  support::TradingWorld world;
  ASSERT_TRUE(world.login(support::login_of("A")).has_value());
  const auto made = world.create(support::plan_to_buy(100));
  ASSERT_TRUE(made.has_value());
  {
    support::MemoryTables& tables = world.stores.tables();
    const std::scoped_lock lock{tables.mutex};
    tables.plans.at(made->plan).details.at(0).ordered = INT64_MAX - 100;
  }
  world.restart(true);
  const auto place = [&](const std::string& number) {
    return world.report(402213, {{"scheme_id", std::to_string(made->plan.value())},
                                 {"entrust_no", number},
                                 {"entrust_amount", "100"}});
  };
  EXPECT_EQ(place("1"), "applied");
  EXPECT_EQ(place("2"), "quarantined");
  EXPECT_EQ(world.plan(made->plan).details.at(0).ordered, INT64_MAX);
}

}  // namespace
}  // namespace systask::trading
