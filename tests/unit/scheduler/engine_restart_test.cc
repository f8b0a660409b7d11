// What an operator changes twice, and what of it is there after a restart.
#include <gtest/gtest.h>

#include <set>
#include <stdexcept>

#include "tests/unit/scheduler/engine_fixture.h"

namespace systask::scheduler {
namespace {

using namespace std::chrono_literals;

class EngineRestart : public EngineTest {
 protected:
  void start_both() {
    TaskSpec b = task(2, "b");
    b.group = "day";
    start({task(1, "a"), b});
  }
  void again() {
    restart();
    start_both();
  }
  const Asked bob{"bob", "broken feed"};
  const Asked ann{"ann", "mended"};
};

TEST_F(EngineRestart, AnOccurrenceThatHasItsOutcomeDoesNotRunAgain) {
  RunRow done{.key = {at(1), TaskId{1}},
              .id = RunId{77},
              .state = RunState::kSucceeded,
              .business_date = 20260522,
              .last_nominal = at(1),
              .started_at = at(1),
              .finished_at = at(1)};
  ledger.record(std::span{&done, 1});
  start_both();
  tick_after(1s);
  lanes->run_all();
  EXPECT_EQ(count("a"), 0U);
  EXPECT_EQ(count("b"), 1U);
  EXPECT_EQ(row(1, 1)->id, RunId{77});
  tick_after(1s);
  lanes->run_all();
  EXPECT_EQ(count("a"), 1U) << "the next one is nobody's yet";
}

TEST_F(EngineRestart, ATaskIsPausedAsItWasPausedLast) {
  start_both();
  ASSERT_TRUE(engine->pause("a", "first", "bob"));
  ASSERT_TRUE(engine->pause("a", "second", "ann"));
  again();
  ASSERT_TRUE(engine->task("a")->pause);
  EXPECT_EQ(engine->task("a")->pause->reason, "second");
  EXPECT_EQ(engine->task("a")->pause->actor, "ann");
  ASSERT_TRUE(engine->resume("a", "mended", "ann"));
  again();
  EXPECT_FALSE(engine->task("a")->pause);
  tick_after(1s);
  EXPECT_EQ(state(1, 1), RunState::kClaimed);
  ASSERT_TRUE(engine->pause("a", "third", "bob"));
  again();
  EXPECT_EQ(engine->task("a")->pause->reason, "third");
}

TEST_F(EngineRestart, AGroupAndALaneArePausedOnce) {
  start_both();
  for (const Target& target : {Target::group("day"), Target::lane(1)}) {
    ASSERT_TRUE(engine->pause(target, bob));
    ASSERT_TRUE(engine->pause(target, {"ann", "another"}));
    ASSERT_EQ(engine->holds().size(), 1U);
    again();
    ASSERT_EQ(engine->holds().size(), 1U);
    EXPECT_EQ(engine->holds().front().reason, "another");
    EXPECT_EQ(engine->holds().front().actor, "ann");
    EXPECT_EQ(lanes->depths().front().paused, target == Target::lane(1));
    ASSERT_TRUE(engine->resume(target, ann));
    again();
    EXPECT_TRUE(engine->holds().empty());
    EXPECT_FALSE(lanes->depths().front().paused);
  }
}

TEST_F(EngineRestart, WindowsKeepTheirNumbersAndNewOnesGetTheirOwn) {
  start_both();
  const auto first = engine->hold(Target::task("a"), at(100), at(200), bob);
  const auto second = engine->hold(Target::lane(1), at(300), at(400), ann);
  ASSERT_TRUE(first && second);
  ASSERT_TRUE(engine->lift(*first, ann));
  again();
  ASSERT_EQ(engine->holds().size(), 1U);
  EXPECT_EQ(engine->holds().front().id, *second);
  EXPECT_EQ(engine->holds().front().from, at(300));
  EXPECT_EQ(engine->holds().front().to, at(400));
  const auto third = engine->hold(Target::group("day"), at(500), at(600), bob);
  ASSERT_TRUE(third);
  const auto fourth = engine->hold(Target::task("a"), at(700), at(800), bob);
  ASSERT_TRUE(fourth);
  EXPECT_EQ((std::set{*second, *third, *fourth}.size()), 3U);
  ASSERT_TRUE(engine->lift(*fourth, ann));
  ASSERT_TRUE(engine->lift(*second, ann));
  again();
  ASSERT_EQ(engine->holds().size(), 1U);
  EXPECT_EQ(engine->holds().front().id, *third);
}

TEST_F(EngineRestart, AWindowThatEndedMeanwhileHoldsNothing) {
  start_both();
  ASSERT_TRUE(engine->hold(Target::task("a"), at(1), at(5), bob));
  restart();
  clock.advance(5s);
  start_both();
  engine->tick(clock.now());
  EXPECT_TRUE(engine->holds().empty());
  EXPECT_EQ(state(1, 5), RunState::kClaimed);
  EXPECT_EQ(holds.load().size(), 1U) << "kept for an hour: the clock may be set back";
  clock.advance(1h);
  engine->tick(clock.now());
  EXPECT_TRUE(holds.load().empty());
}

TEST_F(EngineRestart, AFollowerThatFailedIsNotStartedOnceMore) {
  const auto start_followed = [&] {
    TaskSpec c = task(3, "c", "");
    c.after = {{"a"}};
    start({task(1, "a", ""), c});
  };
  bodies["c"] = [](const RunContext&) -> std::string { throw std::runtime_error("no"); };
  start_followed();
  ASSERT_TRUE(engine->run_now("a", {}));
  lanes->run_all();
  EXPECT_EQ(count("c"), 1U);
  restart();
  start_followed();
  EXPECT_EQ(lanes->run_all(), 0U) << "it has begun for that date";
}

TEST_F(EngineRestart, ALaneHasTheThreadsThatItWasGivenLast) {
  start_both();
  ASSERT_TRUE(engine->resize_lane(1, 4));
  ASSERT_TRUE(engine->resize_lane(1, 2));
  again();
  EXPECT_EQ(lanes->depths().front().threads, 2U);
  ASSERT_TRUE(engine->resize_lane(1, 3));
  again();
  EXPECT_EQ(lanes->depths().front().threads, 3U);
  EXPECT_EQ(engine->resize_lane(1, 0).error().code, "UNKNOWN_LANE") << "none is too few";
}

}  // namespace
}  // namespace systask::scheduler
