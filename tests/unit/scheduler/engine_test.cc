#include "scheduler/engine/engine.h"

#include <stdexcept>

#include "tests/unit/scheduler/engine_fixture.h"

namespace systask::scheduler {
namespace {

using namespace std::chrono_literals;

TEST_F(EngineTest, RunsWhatIsDueAndRecordsOneOutcome) {
  start({task(1, "a"), task(2, "b", "5s")});
  EXPECT_EQ(engine->tick(clock.now()).claimed, 0U);
  EXPECT_EQ(engine->next_due(), at(1));
  EXPECT_EQ(tick_after(1s).posted, 1U);
  EXPECT_EQ(state(1, 1), RunState::kClaimed);
  EXPECT_EQ(lanes->run_all(), 1U);
  EXPECT_EQ(state(1, 1), RunState::kSucceeded);
  EXPECT_EQ(row(1, 1)->detail, "done");
  EXPECT_EQ(row(1, 1)->business_date, 20260522);
  EXPECT_EQ(engine->tick(clock.now()).due, 0U);
  for (int i = 0; i < 4; ++i) {
    tick_after(1s);
    lanes->run_all();
  }
  EXPECT_EQ(count("a"), 5U);
  EXPECT_EQ(count("b"), 1U);
}

TEST_F(EngineTest, RecordsWhateverABodyDoes) {
  struct Ending {
    Body body;
    RunState state;
    std::string detail;
  };
  const std::vector<Ending> cases{
      {[](const RunContext&) -> std::string { return "31 rows"; }, RunState::kSucceeded, "31 rows"},
      {[](const RunContext&) -> std::string { throw std::runtime_error("no disk"); },
       RunState::kFailed, "no disk"},
      {[](const RunContext&) -> std::string { throw 7; }, RunState::kFailed,
       "the body threw something that is no std::exception"},
      {[](const RunContext&) -> std::string { throw RunRefused("no calendar for 2030"); },
       RunState::kRefused, "no calendar for 2030"},
      {[](const RunContext&) -> std::string { throw RunStopped("half of it"); },
       RunState::kCancelled, "half of it"},
      {[](const RunContext&) { return std::string(9000, 'x'); }, RunState::kSucceeded,
       std::string(4000, 'x') + " [cut]"}};
  start({task(1, "a")});
  for (std::size_t i = 0; i < cases.size(); ++i) {
    bodies["a"] = cases[i].body;
    tick_after(1s);
    lanes->run_all();
    const auto kept = row(1, static_cast<int>(i) + 1);
    ASSERT_TRUE(kept);
    EXPECT_EQ(kept->state, cases[i].state);
    EXPECT_EQ(kept->detail, cases[i].detail);
    EXPECT_EQ(observer.outcomes.back(), cases[i].state);
  }
  EXPECT_TRUE(ledger.unfinished().empty());
}

TEST_F(EngineTest, OverlapSkipsAndSharesARow) {
  start({task(1, "a")});
  tick_after(1s);  // claimed, and its body has not begun
  tick_after(1s);
  tick_after(1s);
  EXPECT_EQ(state(1, 2), RunState::kSkippedOverlap);
  EXPECT_EQ(row(1, 3), row(1, 2));
  EXPECT_EQ(row(1, 3)->count, 2);
  lanes->run_all();
  tick_after(1s);
  lanes->run_all();
  EXPECT_EQ(state(1, 4), RunState::kSucceeded);
  EXPECT_EQ(count("a"), 2U);
}

TEST_F(EngineTest, RunOnceMoreRunsAgainWhenItEnds) {
  TaskSpec spec = task(1, "a");
  spec.overlap = Overlap::kRunOnceMore;
  start({spec});
  tick_after(1s);
  tick_after(1s);
  tick_after(1s);
  EXPECT_EQ(lanes->queued(), 1U);
  EXPECT_EQ(lanes->run_all(), 2U);
  EXPECT_EQ(state(1, 1), RunState::kSucceeded);
  EXPECT_EQ(state(1, 2), RunState::kSucceeded);
  EXPECT_EQ(state(1, 3), RunState::kCoalesced);
}

TEST_F(EngineTest, AFullLaneIsAnOutcome) {
  lane_limit = 1;
  restart();
  start({task(1, "a"), task(2, "b")});
  tick_after(1s);
  EXPECT_EQ(state(1, 1), RunState::kClaimed);
  EXPECT_EQ(state(2, 1), RunState::kSkippedLaneFull);
  lanes->run_all();
  tick_after(1s);
  EXPECT_EQ(state(1, 2), RunState::kClaimed);
}

TEST_F(EngineTest, ClockSetForwardIsForTheLatePolicy) {
  TaskSpec nightly = task(2, "b", "5m");
  nightly.late = {10s, LatePolicy::Otherwise::kRun};
  TaskSpec strict = task(3, "c", "9m");
  start({task(1, "a"), nightly, strict});
  engine->tick(clock.now());
  clock.set_wall(at(600));
  engine->tick(clock.now());
  lanes->run_all();
  // Every second, tolerated for 30 s: 569 too late, 30 coalesced, the latest runs.
  EXPECT_EQ(state(1, 1), RunState::kSkippedLate);
  EXPECT_EQ(row(1, 1)->count, 569);
  EXPECT_EQ(state(1, 569), RunState::kSkippedLate);
  EXPECT_EQ(state(1, 570), RunState::kCoalesced);
  EXPECT_EQ(row(1, 599)->count, 30);
  EXPECT_EQ(state(1, 600), RunState::kSucceeded);
  // Run all the same, once.
  EXPECT_EQ(state(2, 300), RunState::kCoalesced);
  EXPECT_EQ(state(2, 600), RunState::kSucceeded);
  EXPECT_EQ(count("b"), 1U);
  EXPECT_EQ(count("c"), 0U);
  EXPECT_EQ(ledger.runs({.task = TaskId{3}}).size(), 1U);
  EXPECT_EQ(observer.jumps.size(), 1U);
}

TEST_F(EngineTest, RunNowGoesTheSameWayAndMovesNothing) {
  start({task(1, "a", "1h")});
  std::vector<RunRow> told;
  const auto done = [&](const RunRow& kept) { told.push_back(kept); };
  bodies["a"] = [](const RunContext& run) { return run.parameters.at("day"); };
  const TimePoint due = engine->next_due();
  const auto run = engine->run_now("a", {"alice", {{"day", "20260521"}}, done});
  ASSERT_TRUE(run);
  EXPECT_EQ(engine->task("a")->running_id, *run);
  EXPECT_EQ(engine->run_now("a", {"bob", {}, done}).error().code, "TASK_RUNNING");
  lanes->run_all();
  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(told[0].id, *run);
  EXPECT_EQ(told[0].detail, "20260521");
  EXPECT_EQ(told[0].actor, "alice");
  EXPECT_EQ(told[0].trigger, Trigger::kManual);
  EXPECT_EQ(engine->next_due(), due);
  EXPECT_EQ(ledger.runs({.task = TaskId{1}}).size(), 2U);  // the run, and the refused one
  EXPECT_EQ(engine->run_now("z", {}).error().code, "UNKNOWN_TASK");
}

TEST_F(EngineTest, TriggersCoalesceIntoOneMoreRun) {
  start({task(1, "a", "")});
  const auto first = engine->trigger("a");
  ASSERT_TRUE(first);
  const auto second = engine->trigger("a");
  EXPECT_EQ(*second, *engine->trigger("a"));
  EXPECT_NE(*first, *second);
  EXPECT_EQ(lanes->run_all(), 2U);
  const auto runs = ledger.runs({.task = TaskId{1}});
  ASSERT_EQ(runs.size(), 2U);
  EXPECT_EQ(runs[0].trigger, Trigger::kEvent);
  EXPECT_EQ(runs[0].state, RunState::kSucceeded);
  // One that comes while the body runs makes it run once more.
  bodies["a"] = [&](const RunContext&) {
    if (seen.size() == 3) {
      EXPECT_TRUE(engine->trigger("a"));
    }
    return "looked";
  };
  ASSERT_TRUE(engine->trigger("a"));
  EXPECT_EQ(lanes->run_all(), 2U);
}

TEST_F(EngineTest, APausedTaskAccountsForWhatItMisses) {
  start({task(1, "a")});
  EXPECT_EQ(engine->pause("a", "", "bob").error().code, "NEEDS_REASON");
  ASSERT_TRUE(engine->pause("a", "broken feed", "bob"));
  for (int i = 0; i < 3; ++i)
    tick_after(1s);
  EXPECT_EQ(engine->trigger("a").error().code, "TASK_PAUSED");
  EXPECT_EQ(state(1, 2), RunState::kSkippedPaused);
  EXPECT_EQ(row(1, 3)->count, 3);
  EXPECT_EQ(row(1, 3)->detail, "paused by bob: broken feed");
  restart();
  start({task(1, "a")});
  ASSERT_TRUE(engine->task("a")->pause);
  EXPECT_EQ(engine->task("a")->pause->reason, "broken feed");
  ASSERT_TRUE(engine->resume("a", "feed is back", "bob"));
  tick_after(1s);
  lanes->run_all();
  EXPECT_EQ(state(1, 4), RunState::kSucceeded);
}

TEST_F(EngineTest, ADisabledTaskHasNoOccurrences) {
  TaskSpec spec = task(1, "a");
  spec.enabled = false;
  start({spec});
  tick_after(10s);
  EXPECT_TRUE(ledger.runs({}).empty());
  EXPECT_EQ(engine->run_now("a", {}).error().code, "TASK_DISABLED");
  ASSERT_TRUE(engine->reload({task(1, "a")}));
  tick_after(1s);
  EXPECT_EQ(ledger.runs({}).size(), 1U);
}

TEST_F(EngineTest, ADatabaseThatIsGoneLeavesEverythingDue) {
  start({task(1, "a"), task(2, "b")});
  ledger.set_down(true);
  EXPECT_THROW(tick_after(1s), std::runtime_error);
  EXPECT_EQ(lanes->queued(), 0U);
  EXPECT_FALSE(engine->task("a")->running);
  ledger.set_down(false);
  EXPECT_EQ(engine->tick(clock.now()).posted, 2U);
  ledger.set_down(true);
  lanes->run_all();
  EXPECT_EQ(state(1, 1), RunState::kClaimed);
  EXPECT_TRUE(engine->task("a")->running);  // its outcome is not durable yet
  ledger.set_down(false);
  tick_after(1s);
  EXPECT_EQ(state(1, 1), RunState::kSucceeded);
  EXPECT_EQ(state(1, 2), RunState::kClaimed);
}

TEST_F(EngineTest, APoisonedRowDelaysNoOtherTask) {
  start({task(1, "a"), task(2, "b")});
  ledger.poison(TaskId{1});
  EXPECT_EQ(tick_after(1s).posted, 1U);
  lanes->run_all();
  EXPECT_EQ(state(2, 1), RunState::kSucceeded);
  EXPECT_EQ(row(1, 1), std::nullopt);
  EXPECT_EQ(count("a"), 0U);
}

TEST_F(EngineTest, TimeoutAsksThenAbandons) {
  TaskSpec spec = task(1, "a", "1h");
  spec.timeout = 10s;
  spec.timeout_grace = 5s;
  start({spec});
  bool asked = false;
  bodies["a"] = [&](const RunContext& run) {
    tick_after(9s);
    EXPECT_FALSE(run.stop.stop_requested());
    tick_after(1s);
    asked = run.stop.stop_requested();
    return "half";
  };
  ASSERT_TRUE(engine->run_now("a", {"alice", {}, {}}));
  lanes->run_all();
  EXPECT_TRUE(asked);
  EXPECT_EQ(ledger.runs({}).front().state, RunState::kTimedOut);
  bodies["a"] = [&](const RunContext&) {
    tick_after(10s);
    tick_after(5s);
    EXPECT_FALSE(engine->task("a")->running);
    return "at last";
  };
  ASSERT_TRUE(engine->run_now("a", {"alice", {}, {}}));
  lanes->run_all();
  EXPECT_EQ(ledger.runs({}).front().state, RunState::kAbandoned);
  EXPECT_EQ(observer.outcomes.size(), 2U);
}

TEST_F(EngineTest, CancelAsksTheBody) {
  start({task(1, "a", "")});
  bodies["a"] = [&](const RunContext& run) {
    EXPECT_TRUE(engine->cancel(run.id, "bob"));
    EXPECT_TRUE(run.stop.stop_requested());
    return "stopped early";
  };
  const auto run = engine->run_now("a", {"alice", {}, {}});
  EXPECT_EQ(engine->cancel(RunId{999}, "bob").error().code, "UNKNOWN_RUN");
  lanes->run_all();
  EXPECT_EQ(ledger.runs({}).front().state, RunState::kCancelled);
  EXPECT_EQ(ledger.runs({}).front().detail, "cancelled by bob: stopped early");
  EXPECT_TRUE(engine->cancel(*run, "bob").has_error());
}

TEST_F(EngineTest, AnUnknownBusinessDateRefusesTheOccurrence) {
  start({task(1, "a")});
  date_of = [](TimePoint) -> int { throw std::runtime_error("no calendar for 2026"); };
  tick_after(1s);
  EXPECT_EQ(state(1, 1), RunState::kRefused);
  EXPECT_EQ(engine->run_now("a", {}).error().code, "NO_BUSINESS_DATE");
  date_of = nullptr;
  tick_after(1s);
  EXPECT_EQ(state(1, 2), RunState::kClaimed);
}

TEST_F(EngineTest, NamesEveryMistakeAtOnce) {
  TaskSpec nobody = task(1, "nobody");
  TaskSpec wrong_lane = task(1, "a");
  wrong_lane.priority = 9;
  wrong_lane.after = {{"ghost"}};
  TaskSpec one = task(3, "b");
  one.after = {{"c"}};
  TaskSpec other = task(4, "c");
  other.after = {{"b"}};
  const auto started = engine->start({nobody, wrong_lane, one, other});
  ASSERT_TRUE(started.has_error());
  EXPECT_EQ(started.error().code, "BAD_TASKS");
  for (const char* part : {"task id 1 is given twice", "'nobody' is built in", "priority 9",
                           "after 'ghost'", "comes, in the end, after itself"})
    EXPECT_NE(started.error().message.find(part), std::string::npos) << started.error().message;
  EXPECT_TRUE(engine->tasks().empty());
}

TEST_F(EngineTest, ReloadKeepsTheWatermarksOfUnchangedSchedules) {
  start({task(1, "a", "10s"), task(2, "b", "10s")});
  clock.advance(9s);
  ASSERT_TRUE(engine->reload({task(1, "a", "10s"), task(2, "b", "3s"), task(3, "c", "10s")}));
  EXPECT_EQ(engine->task("a")->watermark, at(0));
  EXPECT_EQ(engine->task("b")->watermark, at(9));
  EXPECT_EQ(tick_after(1s).claimed, 2U);
  ASSERT_TRUE(engine->reload({task(2, "b", "3s")}));  // while a, c and b wait in their lane
  EXPECT_EQ(engine->tasks().size(), 1U);
  lanes->run_all();
  EXPECT_EQ(state(1, 10), RunState::kSucceeded);
  EXPECT_TRUE(ledger.unfinished().empty());
}

}  // namespace
}  // namespace systask::scheduler
