#include <gtest/gtest.h>

#include <limits>

#include "tests/support/trading_world.h"

namespace systask::trading {
namespace {

using support::TradingWorld;

// What a site says that it has is not to be trusted: no number of it may keep the worker busy.
TEST(Resume, TakesAnyNumberThatASiteSaysItHas) {
  for (const std::int64_t through : {std::numeric_limits<std::int64_t>::max(),
                                     std::numeric_limits<std::int64_t>::min(), std::int64_t{0}}) {
    TradingWorld world;
    const auto first = world.login(support::login_of("A"));
    ASSERT_TRUE(first.has_value());
    const auto made = world.create(support::plan_to_buy(100));
    ASSERT_TRUE(made.has_value());
    const std::size_t before = world.outlet.all().pushes.size();
    auto again = support::login_of("A");
    again.resume = first->session;
    again.held = {{made->plan, world.plan(made->plan).epoch, LineNumber{through}}};
    const auto resumed = world.login(std::move(again));
    ASSERT_TRUE(resumed.has_value());
    EXPECT_TRUE(resumed->resumed);
    // All of the plan's line, which is its start, or nothing.
    EXPECT_EQ(world.outlet.all().pushes.size() - before, through > 0 ? 0U : 1U) << through;
    EXPECT_EQ(world.breach(), "");
  }
}

}  // namespace
}  // namespace systask::trading
