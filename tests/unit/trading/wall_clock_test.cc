// Somebody sets the wall clock, or the service starts under another: what recovery waits for goes
// by the monotonic clock, and nothing is done that could not be taken back.
#include <gtest/gtest.h>

#include "tests/support/trading_world.h"
#include "trading/ports/day_store.h"

namespace systask::trading {
namespace {

using namespace std::chrono_literals;
using support::TradingWorld;

struct Step {
  Micros by;
  bool restart = false;
  bool put_right_after_three_seconds = false;
};

class WallClock : public testing::TestWithParam<Step> {
 protected:
  // The clock is set, perhaps while the service is down.
  void set_clock() {
    const Step& step = GetParam();
    world_.clock.set_wall(world_.clock.now() + step.by);
    if (step.restart) world_.restart(true);
    if (!step.put_right_after_three_seconds) return;
    world_.pass(3s);
    world_.clock.set_wall(world_.clock.now() - step.by);
  }

  LoginAnswer login(const std::string& site) {
    return world_.login(support::login_of(site)).value();
  }
  // A plan that is on site A.
  PlanId plan_on_a() {
    a_ = login("A").session;
    const PlanId plan = world_.create(support::plan_to_buy(1'000)).value().plan;
    EXPECT_TRUE(world_.ask<PlanStatus>([&](Answer<PlanStatus> answer) {
      world_.platform().plan_done({a_, plan, Epoch{1}}, PlanRequest::kStart, answer);
    }));
    return plan;
  }
  void open_until_three() {
    const Stores stores = world_.stores.stores();
    const auto work = stores.transactions.begin();
    stores.day.add_session_text(*work, Market{1}, "093000-150000");
    work->commit();
  }
  // Looks each second until a rebuild is asked for; after so many.
  int looks_until_offered() {
    for (int looks = 1; looks <= 60; ++looks) {
      world_.pass(1s);
      if (world_.platform().recover_plans().offered > 0) return looks;
    }
    return 0;
  }

  TradingWorld world_;
  SessionId a_;
};

TEST_P(WallClock, ARefusedTakeoverIsOfferedAgainAfterItsBackOff) {
  const PlanId plan = plan_on_a();
  const SessionId b = login("B").session;
  world_.silence(a_, true);
  world_.pass(2s);
  ASSERT_EQ(world_.platform().recover_plans().offered, 1);
  ASSERT_TRUE(world_.ask<bool>([&](Answer<bool> answer) {
    world_.platform().recover_failed({b, plan, world_.plan(plan).epoch}, "no", answer);
  }));
  set_clock();
  if (GetParam().restart) login("B");
  EXPECT_LE(looks_until_offered(), 1);
}

TEST_P(WallClock, AHangingRebuildIsTakenBack) {
  const PlanId plan = plan_on_a();
  login("B");
  world_.silence(a_, true);
  world_.pass(2s);
  ASSERT_EQ(world_.platform().recover_plans().offered, 1);
  set_clock();
  if (GetParam().restart) {
    login("B");
    ASSERT_GT(looks_until_offered(), 0);
  }
  world_.platform().recover_plans();
  world_.pass(6s);
  EXPECT_EQ(world_.platform().recover_plans().timed_out, 1);
  EXPECT_EQ(world_.plan(plan).status, PlanStatus::kAbnormal);
}

TEST_P(WallClock, AParkedMessageIsGivenUpAfterParkMaxAndNotBefore) {
  ASSERT_EQ(world_.report(402206, {{"entrust_no", "E1"}, {"deal_no", "D1"}, {"deal_amount", "5"}}),
            "parked");
  world_.clock.advance(1min);
  set_clock();
  // What a restart under another clock makes of its age is bounded: half of park_max is left.
  world_.clock.advance(GetParam().restart ? 4min : 8min);
  EXPECT_EQ(world_.platform().apply_parked().rows, 0);
  world_.clock.advance(GetParam().restart ? 7min : 2min);
  EXPECT_EQ(world_.platform().apply_parked().rows, 1);
}

TEST_P(WallClock, TheOutboxIsTriedAgain) {
  world_.set_centre(TradingWorld::Centre::kRefuses);
  ASSERT_EQ(world_.report(402251, {{"scheme_id", "1"}, {"entrust_no", "E1"}}), "passed");
  set_clock();
  EXPECT_EQ(world_.platform().retry_outbox().rows, 1);
}

TEST_P(WallClock, NoPlanExpiresByAClockThatIsPutRight) {
  open_until_three();
  const PlanId plan = plan_on_a();
  const auto look = [&] { return world_.platform().expire_plans(false).rows; };
  for (int i = 0; i < 20; ++i, world_.pass(5s))
    EXPECT_EQ(look(), 0);
  world_.clock.set_wall(world_.clock.now() + GetParam().by);
  if (GetParam().restart) world_.restart(true);
  for (int i = 0; i < 11; ++i, world_.pass(5s))
    EXPECT_EQ(look(), 0) << "after " << i;
  EXPECT_EQ(world_.plan(plan).effective_status(), PlanStatus::kRunning);
}

TEST_P(WallClock, TheTimesOfARecoveryAreInOrder) {
  const PlanId plan = plan_on_a();
  const SessionId b = login("B").session;
  world_.silence(a_, true);
  world_.pass(2s);
  ASSERT_EQ(world_.platform().recover_plans().offered, 1);
  world_.clock.set_wall(world_.clock.now() + GetParam().by);
  world_.pass(100ms);
  ASSERT_TRUE(world_.ask<ClaimAnswer>([&](Answer<ClaimAnswer> answer) {
    world_.platform().claim({b, plan, world_.plan(plan).epoch}, world_.plan(plan).applied, answer);
  }));
  const RecoveryAttempt attempt = world_.stores.tables().recoveries.rbegin()->second;
  ASSERT_TRUE(attempt.offered_at && attempt.claimed_at);
  EXPECT_EQ(*attempt.claimed_at - *attempt.offered_at, 100ms);
}

INSTANTIATE_TEST_SUITE_P(Steps, WallClock,
                         testing::Values(Step{-1h}, Step{-20s}, Step{-400ms}, Step{8h},
                                         Step{8h, false, true}, Step{-1h, true}, Step{-20s, true},
                                         Step{-400ms, true}, Step{8h, true}, Step{8h, true, true}));

}  // namespace
}  // namespace systask::trading
