#include <gtest/gtest.h>

#include "tests/support/trading_world.h"

namespace systask::trading {
namespace {

using support::TradingWorld;

// Six plans of a site that died, of which another site rebuilds four at a time.
class BoundedRebuilds : public testing::Test {
 protected:
  void lose_six_plans(const PlatformOptions& options) {
    world_.set_options(options);
    const auto first = world_.login(support::login_of("A"));
    ASSERT_TRUE(first.has_value());
    for (int plan = 0; plan < 6; ++plan)
      plans_.push_back(world_.create(support::plan_to_buy(100))->plan);
    const auto second = world_.login(support::login_of("B"));
    ASSERT_TRUE(second.has_value());
    site_ = second->session;
    world_.platform().disconnected(first->session);
    world_.pass(std::chrono::milliseconds{300});
    ASSERT_EQ(world_.platform().recover_plans().offered, 4);
  }

  // Of a plan that is offered: true where the next look is to come at once.
  bool rebuild(PlanId id) {
    const int looks = world_.outlet.all().recover_now;
    const Plan before = world_.plan(id);
    const auto claimed = world_.ask<ClaimAnswer>([&](auto answer) {
      world_.platform().claim({site_, id, before.epoch}, before.applied, std::move(answer));
    });
    EXPECT_TRUE(claimed.has_value());
    const SiteRequest who{site_, id, claimed->epoch};
    const auto finished = world_.ask<FinishAnswer>(
        [&](auto answer) { world_.platform().finish(who, before.applied, std::move(answer), ""); });
    EXPECT_TRUE(finished.has_value());
    return world_.outlet.all().recover_now > looks;
  }

  void expect_a_look_at_half() {
    EXPECT_FALSE(rebuild(plans_.at(0)));
    EXPECT_TRUE(rebuild(plans_.at(1)));
    EXPECT_EQ(world_.platform().recover_plans().offered, 2);
    for (std::size_t plan = 2; plan < plans_.size(); ++plan)
      EXPECT_FALSE(rebuild(plans_.at(plan))) << "nobody waits any more";
    EXPECT_EQ(world_.breach(), "");
  }

  TradingWorld world_;
  std::vector<PlanId> plans_;
  SessionId site_;
};

TEST_F(BoundedRebuilds, OfAllSitesAreOfferedAnewAtHalf) {
  PlatformOptions options;
  options.rebuilds = 4;
  lose_six_plans(options);
  expect_a_look_at_half();
}

TEST_F(BoundedRebuilds, OfOneSiteAreOfferedAnewAtHalf) {
  PlatformOptions options;
  options.rebuilds_per_site = 4;
  lose_six_plans(options);
  expect_a_look_at_half();
}

}  // namespace
}  // namespace systask::trading
