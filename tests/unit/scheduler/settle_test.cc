// What tasks that come after others do, and what a start makes of what a crash left.
#include <stdexcept>

#include "tests/unit/scheduler/engine_fixture.h"

namespace systask::scheduler {
namespace {

using namespace std::chrono_literals;

class SettleTest : public EngineTest {
 protected:
  static TaskSpec after(TaskSpec spec, std::vector<std::string> names) {
    for (std::string& name : names)
      spec.after.push_back({std::move(name)});
    return spec;
  }
};

TEST_F(SettleTest, ATaskWithoutAScheduleStartsWhenTheOthersHaveSucceeded) {
  start({task(1, "a", ""), task(2, "b", ""), after(task(3, "c", ""), {"a", "b"})});
  ASSERT_TRUE(engine->run_now("a", {}));
  lanes->run_all();
  EXPECT_EQ(count("c"), 0U);
  bodies["b"] = [](const RunContext&) -> std::string { throw std::runtime_error("no"); };
  ASSERT_TRUE(engine->run_now("b", {}));
  lanes->run_all();
  EXPECT_EQ(count("c"), 0U);
  bodies.clear();
  ASSERT_TRUE(engine->run_now("b", {}));
  lanes->run_all();
  EXPECT_EQ(count("c"), 1U);
  EXPECT_EQ(ledger.runs({.task = TaskId{3}}).front().trigger, Trigger::kAfter);
  ASSERT_TRUE(engine->run_now("a", {}));  // again for the same date: c has succeeded already
  lanes->run_all();
  EXPECT_EQ(count("c"), 1U);
  date_of = [](TimePoint) { return 20260525; };
  ASSERT_TRUE(engine->run_now("a", {}));
  ASSERT_TRUE(engine->run_now("b", {}));
  lanes->run_all();
  EXPECT_EQ(count("c"), 2U);
}

TEST_F(SettleTest, AnOccurrenceIsHeldUntilItMayStart) {
  start({task(1, "a", ""), after(task(2, "b", "10s"), {"a"})});
  tick_after(10s);
  EXPECT_EQ(state(2, 10), RunState::kWaiting);
  EXPECT_EQ(lanes->queued(), 0U);
  ASSERT_TRUE(engine->run_now("a", {}));
  lanes->run_all();
  EXPECT_EQ(state(2, 10), RunState::kSucceeded);
  EXPECT_EQ(seen.back().nominal, at(10));
  tick_after(10s);
  lanes->run_all();
  EXPECT_EQ(state(2, 20), RunState::kSucceeded);
}

TEST_F(SettleTest, AHeldOccurrenceGivesWayToTheNext) {
  start({task(1, "a", ""), after(task(2, "b", "10s"), {"a"})});
  tick_after(10s);
  tick_after(10s);
  EXPECT_EQ(state(2, 10), RunState::kHeld);
  EXPECT_EQ(state(2, 20), RunState::kWaiting);
}

TEST_F(SettleTest, AHeldOccurrenceGoesOnWaitingAfterARestart) {
  start({task(1, "a", ""), after(task(2, "b", "1h"), {"a"})});
  clock.set_wall(at(1800));
  engine->tick(clock.now());
  restart();
  start({task(1, "a", ""), after(task(2, "b", "1h"), {"a"})});
  EXPECT_EQ(state(2, 1800), RunState::kWaiting);
  ASSERT_TRUE(engine->run_now("a", {}));
  lanes->run_all();
  EXPECT_EQ(state(2, 1800), RunState::kSucceeded);
}

TEST_F(SettleTest, LostRunsAreRecordedOrMadeAgain) {
  TaskSpec rerun = task(1, "a");
  rerun.on_lost = OnLost::kRerun;
  start({rerun, task(2, "b"), task(3, "c", "")});
  tick_after(1s);
  ASSERT_TRUE(engine->run_now("c", {"alice", {}, {}}));
  restart();  // dies with three runs claimed
  start({rerun, task(2, "b"), task(3, "c", "")});
  EXPECT_EQ(state(1, 1), RunState::kClaimed);
  EXPECT_EQ(state(2, 1), RunState::kLost);
  EXPECT_EQ(ledger.runs({.task = TaskId{3}}).front().state, RunState::kLost);
  EXPECT_EQ(lanes->run_all(), 1U);
  EXPECT_EQ(state(1, 1), RunState::kSucceeded);
  EXPECT_EQ(row(1, 1)->attempt, 2);
  EXPECT_EQ(seen.back().attempt, 2);
  EXPECT_TRUE(ledger.unfinished().empty());
}

TEST_F(SettleTest, RunsOfTasksThatAreNoMoreAreLost) {
  start({task(1, "a"), task(2, "b")});
  tick_after(1s);
  restart();
  start({task(2, "b")});
  EXPECT_EQ(state(1, 1), RunState::kLost);
}

TEST_F(SettleTest, DowntimeIsForTheLatePolicy) {
  start({task(1, "a", "10s")});
  tick_after(10s);
  lanes->run_all();
  restart();
  clock.advance(60s);
  start({task(1, "a", "10s")});
  engine->tick(clock.now());
  lanes->run_all();
  EXPECT_EQ(state(1, 20), RunState::kSkippedLate);
  EXPECT_EQ(state(1, 50), RunState::kCoalesced);
  EXPECT_EQ(state(1, 70), RunState::kSucceeded);
}

TEST_F(SettleTest, AChangedScheduleCountsFromNow) {
  start({task(1, "a", "10s")});
  restart();
  clock.advance(60s);
  start({task(1, "a", "20s")});
  EXPECT_EQ(engine->tick(clock.now()).due, 0U);
}

TEST_F(SettleTest, AFollowerThatACrashForgotIsStarted) {
  const auto specs = [&] { return std::vector{task(1, "a", ""), after(task(3, "c", ""), {"a"})}; };
  RunRow succeeded{.key = {at(-5), TaskId{1}},
                   .id = RunId{77},
                   .state = RunState::kSucceeded,
                   .business_date = 20260522,
                   .last_nominal = at(-5),
                   .started_at = at(-5),
                   .finished_at = at(-4)};
  ledger.record(std::span{&succeeded, 1});
  start(specs());
  lanes->run_all();
  EXPECT_EQ(count("c"), 1U);
  EXPECT_GT(ledger.runs({.task = TaskId{3}}).front().id, RunId{77});
  restart();
  start(specs());
  EXPECT_EQ(lanes->run_all(), 0U);
}

TEST_F(SettleTest, StopLeavesWhatHasNotBegunForTheNextStart) {
  TaskSpec rerun = task(1, "a");
  rerun.on_lost = OnLost::kRerun;
  start({rerun});
  tick_after(1s);
  engine->stop(1s);
  engine->stop(1s);
  EXPECT_EQ(state(1, 1), RunState::kClaimed);
  EXPECT_EQ(engine->run_now("a", {}).error().code, "STOPPED");
  EXPECT_EQ(engine->trigger("a").error().code, "STOPPED");
  restart();
  start({rerun});
  EXPECT_EQ(lanes->run_all(), 1U);
}

}  // namespace
}  // namespace systask::scheduler
