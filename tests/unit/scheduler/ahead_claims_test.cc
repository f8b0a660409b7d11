// Claims that are made a moment ahead: durable before the time of their runs, which start with
// the tick; and left to the tick wherever something may still change.
#include <stdexcept>

#include "tests/unit/scheduler/engine_fixture.h"

namespace systask::scheduler {
namespace {

using namespace std::chrono_literals;

class AheadClaims : public EngineTest {
 protected:
  // 20 ms before the second that ends next.
  void prepare() {
    clock.advance(980ms);
    engine->prepare(clock.now() + 20ms);
  }
};

TEST_F(AheadClaims, AreDurableAndStartWithTheTick) {
  start({task(1, "a"), task(2, "b", "2s")});
  prepare();
  ASSERT_EQ(state(1, 1), RunState::kClaimed);
  EXPECT_EQ(row(1, 1)->claimed_at, at(1) - 20ms);
  EXPECT_FALSE(row(2, 2));
  EXPECT_EQ(lanes->queued(), 0U) << "it must not start before its time";
  EXPECT_EQ(engine->next_due(), at(2));
  const TickReport report = tick_after(20ms);
  EXPECT_EQ(report.claimed, 1U);
  EXPECT_EQ(report.due, 1U);
  EXPECT_EQ(report.posted, 1U);
  EXPECT_EQ(lanes->run_all(), 1U);
  EXPECT_EQ(row(1, 1)->started_at, at(1));
  EXPECT_EQ(state(1, 1), RunState::kSucceeded);
  EXPECT_EQ(engine->tick(clock.now()).due, 0U);
}

TEST_F(AheadClaims, OfATaskThatRunsAreLeftToTheTick) {
  start({task(1, "a")});
  tick_after(1s);
  prepare();
  EXPECT_FALSE(row(1, 2)) << "its run may have ended by then";
  lanes->run_all();
  EXPECT_EQ(tick_after(20ms).posted, 1U);
  EXPECT_EQ(state(1, 2), RunState::kClaimed);
}

TEST_F(AheadClaims, OfWhatWaitsForOthersOrIsHeldAreLeftToTheTick) {
  TaskSpec after = task(2, "b");
  after.after = {{"a"}};
  start({task(1, "a"), after,
         with(task(3, "c"), [](SpecialPolicies& special) { special.exclusive = {"printer"}; })});
  ASSERT_TRUE(engine->pause("a", "a look at it", "alice"));
  prepare();
  for (const int id : {1, 2, 3})
    EXPECT_FALSE(row(id, 1)) << "task " << id;
  tick_after(20ms);
  EXPECT_EQ(state(1, 1), RunState::kSkippedPaused);
  EXPECT_EQ(state(2, 1), RunState::kWaiting);
  EXPECT_EQ(state(3, 1), RunState::kClaimed);
}

TEST_F(AheadClaims, OfWhatIsLateAreLeftToTheTick) {
  start({task(1, "a")});
  clock.advance(90s);  // the tick was away
  engine->prepare(clock.now() + 20ms);
  EXPECT_FALSE(row(1, 1));
  tick_after(20ms);
  EXPECT_EQ(state(1, 1), RunState::kSkippedLate);
  EXPECT_EQ(state(1, 90), RunState::kClaimed);
}

TEST_F(AheadClaims, AreSettledAfterACrashLikeOthers) {
  TaskSpec again = task(2, "b");
  again.on_lost = OnLost::kRerun;
  start({task(1, "a"), again});
  prepare();
  restart();
  clock.advance(20ms);
  start({task(1, "a"), again});
  lanes->run_all();
  EXPECT_EQ(state(1, 1), RunState::kLost);
  EXPECT_EQ(state(2, 1), RunState::kSucceeded);
  EXPECT_EQ(count("a"), 0U);
  EXPECT_EQ(count("b"), 1U);
}

TEST_F(AheadClaims, ThatAreCancelledOrPausedDoNotStart) {
  start({task(1, "a"), task(2, "b")});
  prepare();
  ASSERT_TRUE(engine->cancel(row(1, 1)->id, "alice"));
  ASSERT_TRUE(engine->pause("b", "a look at it", "alice"));
  tick_after(20ms);
  lanes->run_all();
  EXPECT_TRUE(seen.empty());
  EXPECT_EQ(state(1, 1), RunState::kCancelled);
  ASSERT_TRUE(engine->resume("b", "go on", "alice"));
  lanes->run_all();
  EXPECT_EQ(count("b"), 1U);
}

TEST_F(AheadClaims, AreMadeByTheTickWhereTheLedgerWasDown) {
  start({task(1, "a")});
  ledger.set_down(true);
  EXPECT_THROW(prepare(), std::runtime_error);
  ledger.set_down(false);
  EXPECT_FALSE(row(1, 1));
  EXPECT_EQ(tick_after(20ms).posted, 1U);
  EXPECT_EQ(lanes->run_all(), 1U);
  EXPECT_EQ(state(1, 1), RunState::kSucceeded);
}

}  // namespace
}  // namespace systask::scheduler
