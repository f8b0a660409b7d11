#include <gtest/gtest.h>

#include "tests/support/trading_world.h"

namespace systask::trading {
namespace {

// Two orders whose quantities do not add up in 64 bits: the second is refused, not counted.
TEST(Ordered, StaysWithin64Bits) {
  support::TradingWorld world;
  ASSERT_TRUE(world.login(support::login_of("A")).has_value());
  const auto made = world.create(support::plan_to_buy(100));
  ASSERT_TRUE(made.has_value());
  const std::string plan = std::to_string(made->plan.value());
  const auto place = [&](const std::string& number) {
    return world.report(
        402213,
        {{"scheme_id", plan}, {"entrust_no", number}, {"entrust_amount", "9223372036854775807"}});
  };
  EXPECT_EQ(place("1"), "applied");
  EXPECT_EQ(place("2"), "quarantined");
  EXPECT_EQ(world.plan(made->plan).details.at(0).ordered, 9'223'372'036'854'775'807);
  EXPECT_EQ(world.breach(), "");
}

}  // namespace
}  // namespace systask::trading
