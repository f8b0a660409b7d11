// What an operator should look at: failing, late, stopped.
#include <gmock/gmock.h>

#include <stdexcept>

#include "tests/unit/scheduler/engine_fixture.h"

namespace systask::scheduler {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

class TroublesTest : public EngineTest {
 protected:
  Trouble only() {
    const Troubles troubles = engine->troubles(10);
    EXPECT_EQ(troubles.list.size(), 1U);
    return troubles.list.empty() ? Trouble{} : troubles.list.front();
  }
  const Asked bob{"bob", "broken feed"};
};

TEST_F(TroublesTest, NothingIsWrongWithTasksThatRun) {
  start({task(1, "a"), task(2, "b", "")});
  tick_after(1s);
  lanes->run_all();
  EXPECT_TRUE(engine->troubles(10).list.empty());
}

TEST_F(TroublesTest, APauseIsStoppedAndSoIsAWindow) {
  start({task(1, "a"), task(2, "b")});
  ASSERT_TRUE(engine->pause(Target::task("a"), bob));
  Trouble found = only();
  EXPECT_EQ(found.kind, Trouble::Kind::kPaused);
  EXPECT_EQ(found.on, Target::task("a"));
  EXPECT_EQ(found.says, "paused by bob: broken feed");
  ASSERT_TRUE(engine->resume(Target::task("a"), bob));
  ASSERT_TRUE(engine->pause(Target::lane(1), bob));
  EXPECT_EQ(only().on, Target::lane(1));
  ASSERT_TRUE(engine->resume(Target::lane(1), bob));
  ASSERT_TRUE(engine->hold(Target::task("b"), at(10), at(20), bob));
  EXPECT_TRUE(engine->troubles(10).list.empty()) << "it has not begun";
  tick_after(10s);
  lanes->run_all();
  found = only();
  EXPECT_EQ(found.kind, Trouble::Kind::kInWindow);
  EXPECT_EQ(found.says, "held by bob: broken feed");
  EXPECT_EQ(found.until, at(20));
  EXPECT_EQ(engine->troubles(10).stopped, 1U);
}

TEST_F(TroublesTest, RunsThatWaitLongForAThreadAreOneLineALane) {
  start({task(1, "a", "1h"), task(2, "b", "1h")});
  ASSERT_TRUE(engine->run_now("a", {}));
  tick_after(1s);
  ASSERT_TRUE(engine->run_now("b", {}));
  tick_after(28s);
  EXPECT_TRUE(engine->troubles(10).list.empty());
  tick_after(2s);
  const Trouble found = only();
  EXPECT_EQ(found.kind, Trouble::Kind::kWaitsLane);
  EXPECT_EQ(found.on, Target::lane(1));
  EXPECT_EQ(found.says, "2 runs wait longer than 30s for a thread, the first is run 1 of task 'a'");
  ASSERT_TRUE(engine->pause(Target::lane(1), bob));
  EXPECT_EQ(only().kind, Trouble::Kind::kPaused) << "it says all of it";
}

// Between a run's start and its lane, which may be a moment while others are asked to stop, it
// waits for no thread yet.
TEST_F(TroublesTest, ARunOnItsWayToItsLaneDoesNotWaitForAThread) {
  TaskSpec replacing = task(1, "a", "40s");
  replacing.overlap = Overlap::kCancelOther;
  start({replacing, task(2, "b", "2m")});
  std::optional<Troubles> looked;
  bodies["a"] = [&](const RunContext& run) -> std::string {
    const std::stop_callback look{run.stop, [&] { looked = engine->troubles(10); }};
    if (run.nominal == at(80)) tick_after(40s);
    return "done";
  };
  tick_after(40s);
  lanes->run_all();
  tick_after(40s);
  lanes->run_all();
  ASSERT_TRUE(looked) << "the tick asked the run before to stop";
  for (const Trouble& one : looked->list)
    EXPECT_NE(one.kind, Trouble::Kind::kWaitsLane) << one.says;
}

TEST_F(TroublesTest, LanesInWhichRunsWaitAreToldWithTheLongestWait) {
  TaskSpec other = task(2, "b", "1h");
  other.priority = 2;
  start({task(1, "a", "1h"), other, task(3, "c", "1h")});
  ASSERT_TRUE(engine->run_now("c", {}));
  tick_after(2s);
  ASSERT_TRUE(engine->run_now("a", {}));
  ASSERT_TRUE(engine->run_now("b", {}));
  tick_after(9s);
  EXPECT_EQ(engine->lane_waits(12s).size(), 0U);
  ASSERT_EQ(engine->lane_waits(11s).size(), 1U);
  const std::vector<LaneWait> waits = engine->lane_waits(9s);
  ASSERT_EQ(waits.size(), 2U);
  EXPECT_EQ(waits[0].priority, 1);
  EXPECT_EQ(waits[0].runs, 2U);
  EXPECT_EQ(waits[0].task, "c");
  EXPECT_EQ(waits[0].longest, 11s);
  EXPECT_EQ(waits[1].priority, 2);
  ASSERT_TRUE(engine->pause(Target::lane(2), bob));
  EXPECT_EQ(engine->lane_waits(9s).size(), 1U) << "a lane that is held back is not full";
}

TEST_F(TroublesTest, AWaitForAThreadIsNoneOfTheWallClocks) {
  start({task(1, "a", "1h")});
  ASSERT_TRUE(engine->run_now("a", {}));
  tick_after(1s);
  clock.set_wall(clock.now() + 1h);
  EXPECT_TRUE(engine->troubles(10).list.empty()) << "it waits for a second";
  clock.set_wall(clock.now() - 2h);
  tick_after(30s);
  const std::vector<Trouble> list = engine->troubles(10).list;
  const auto wait = std::ranges::find(list, Trouble::Kind::kWaitsLane, &Trouble::kind);
  ASSERT_NE(wait, list.end());
  EXPECT_EQ(wait->since, clock.now() - 31s);
}

TEST_F(TroublesTest, WhatComesAfterAFailureIsLate) {
  TaskSpec second = task(2, "b", "10s");
  second.after = {{"a"}};
  start({task(1, "a", "10s"), second});
  bodies["a"] = [](const RunContext&) -> std::string { throw std::runtime_error("gone"); };
  tick_after(10s);
  EXPECT_TRUE(engine->troubles(10).list.empty()) << "what it waits for is under way";
  lanes->run_all();
  const Troubles troubles = engine->troubles(10);
  ASSERT_EQ(troubles.list.size(), 2U);
  EXPECT_EQ(troubles.list[0].kind, Trouble::Kind::kFails);
  EXPECT_EQ(troubles.list[1].kind, Trouble::Kind::kWaitsFor);
  EXPECT_THAT(troubles.list[1].says, HasSubstr("waits for task 'a', which fails"));
}

TEST_F(TroublesTest, AnOccurrenceThatWasFoundTooLateIsLateUntilTheNext) {
  TaskSpec spec = task(1, "a", "10m");
  start({spec});
  tick_after(11min);
  const Trouble found = only();
  EXPECT_EQ(found.kind, Trouble::Kind::kMissed);
  EXPECT_THAT(found.says, HasSubstr("missed its latest occurrence"));
  tick_after(9min);
  lanes->run_all();
  EXPECT_TRUE(engine->troubles(10).list.empty());
}

TEST_F(TroublesTest, WhatAClockMissedThatWasAheadIsStillToCome) {
  TaskSpec noon = task(1, "a", "");
  noon.timetable = parse_at_schedule("12:00", Zone::utc()).value();
  start({noon});
  engine->tick(clock.now());
  clock.set_wall(clock.now() + 8h);
  tick_after(1s);
  EXPECT_EQ(only().kind, Trouble::Kind::kMissed);
  clock.set_wall(clock.now() - 8h);
  tick_after(1s);
  for (const Trouble& other : engine->troubles(10).list)
    EXPECT_NE(other.kind, Trouble::Kind::kMissed) << other.says;
}

TEST_F(TroublesTest, AnAlarmThatIsRaisedIsLate) {
  start(
      {with(task(1, "a", ""), [](SpecialPolicies& special) { special.alarms.not_run_for = 60s; })});
  engine->tick(clock.now());
  tick_after(60s);
  EXPECT_EQ(only().kind, Trouble::Kind::kAlarm);
  EXPECT_EQ(engine->troubles(10).late, 1U);
}

TEST_F(TroublesTest, NamesTheFailingFirstAndCountsWhatItDoesNotName) {
  start({task(1, "a"), task(2, "b"), task(3, "c")});
  bodies["a"] =
      bodies["b"] = [](const RunContext&) -> std::string { throw std::runtime_error("gone"); };
  ASSERT_TRUE(engine->pause(Target::task("c"), bob));
  tick_after(1s);
  lanes->run_all();
  const Troubles all = engine->troubles(2);
  ASSERT_EQ(all.list.size(), 2U);
  EXPECT_EQ(all.list[1].kind, Trouble::Kind::kFails);
  EXPECT_EQ(all.failing, 2U);
  EXPECT_EQ(all.stopped, 1U);
  EXPECT_EQ(engine->troubles(3).list.back().kind, Trouble::Kind::kPaused);
}

}  // namespace
}  // namespace systask::scheduler
