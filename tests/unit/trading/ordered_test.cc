#include <gtest/gtest.h>

#include "tests/support/trading_world.h"
#include "trading/limits.h"

namespace systask::trading {
namespace {

// Orders whose quantities do not add up in 64 bits: the one too many is refused, not counted.
TEST(Ordered, StaysWithin64Bits) {
  support::TradingWorld world;
  ASSERT_TRUE(world.login(support::login_of("A")).has_value());
  const auto made = world.create(support::plan_to_buy(100));
  ASSERT_TRUE(made.has_value());
  const std::string plan = std::to_string(made->plan.value());
  const auto place = [&](Quantity number) {
    return world.report(402213, {{"scheme_id", plan},
                                 {"entrust_no", std::to_string(number)},
                                 {"entrust_price", "0"},
                                 {"entrust_amount", std::to_string(kMostQuantity)}});
  };
  constexpr Quantity kFits = INT64_MAX / kMostQuantity;
  for (Quantity number = 1; number <= kFits; ++number)
    ASSERT_EQ(place(number), "applied") << number;
  EXPECT_EQ(place(kFits + 1), "quarantined");
  EXPECT_EQ(world.plan(made->plan).details.at(0).ordered, kFits * kMostQuantity);
  EXPECT_EQ(world.breach(), "");
}

}  // namespace
}  // namespace systask::trading
