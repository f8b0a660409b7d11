// Runs without an outcome, and what runs print: what an operator asks while, and after, they run.
#include <stdexcept>

#include "tests/unit/scheduler/engine_fixture.h"

namespace systask::scheduler {
namespace {

using namespace std::chrono_literals;

class OpenRunsTest : public EngineTest {
 protected:
  RunId run_now(const std::string& task, RunRequest request = {.actor = "bob"}) {
    const auto run = engine->run_now(task, std::move(request));
    EXPECT_TRUE(run) << run.error().message;
    return run ? *run : RunId{0};
  }
  std::string waits_for(RunId run) {
    const auto open = engine->open_run(run);
    if (!open) return "nothing: it has ended";
    return open->runs ? "nothing: it runs" : open->waits_for;
  }
};

TEST_F(OpenRunsTest, ARunInALaneSaysWhoPausedIt) {
  start({task(1, "a", "1h")});
  ASSERT_TRUE(engine->pause(Target::lane(1), {"bob", "disk is slow"}));
  const RunId run = run_now("a");
  EXPECT_EQ(waits_for(run), "lane 1, which is paused by bob (disk is slow)");
  ASSERT_TRUE(engine->resume(Target::lane(1), {"bob", "done"}));
  ASSERT_TRUE(engine->hold(Target::lane(1), at(0), at(60), {"ann", "upgrade"}));
  EXPECT_EQ(waits_for(run), "lane 1, which is held by ann (upgrade) until");
  EXPECT_EQ(engine->open_run(run)->until, at(60));
}

TEST_F(OpenRunsTest, ARunBehindAnotherSaysWhich) {
  start({task(1, "a", "1h"), task(2, "b", "1h")});
  const RunId first = run_now("a");
  RunId second{0};
  bodies["a"] = [&](const RunContext&) {
    second = run_now("b");
    EXPECT_EQ(waits_for(second),
              fmt::format("a thread of lane 1, behind run {} (a)", first.value()));
    const auto open = engine->open_runs();
    EXPECT_EQ(open.size(), 2U);
    if (open.size() == 2) {
      EXPECT_TRUE(open[0].runs);
      EXPECT_EQ(open[0].since, clock.now());
      EXPECT_EQ(open[0].task, "a");
      EXPECT_FALSE(open[1].runs);
    }
    return std::string{"done"};
  };
  lanes->run_all();
  EXPECT_TRUE(engine->open_runs().empty());
  EXPECT_EQ(waits_for(second), "nothing: it has ended");
}

TEST_F(OpenRunsTest, ARunSaysWhichPredecessorNameOrRunItWaitsFor) {
  TaskSpec b = with(task(2, "b", "1h"), [](auto& special) { special.exclusive = {"db"}; });
  TaskSpec c = with(task(3, "c", "1h"), [](auto& special) { special.exclusive = {"db"}; });
  TaskSpec a = task(1, "a", "1s");
  a.after = {{"b", Predecessor::On::kSuccess}};
  a.overlap = Overlap::kQueueAll;
  b.overlap = Overlap::kQueueAll;
  start({a, b, c});
  tick_after(1s);
  const auto held = engine->open_runs();
  ASSERT_EQ(held.size(), 1U);
  EXPECT_EQ(held[0].waits_for, "b to be done for 20260522");

  bodies["b"] = [&](const RunContext& run) {
    const RunId line = run_now("c");
    EXPECT_EQ(waits_for(line),
              fmt::format("its turn in the exclusive name db, behind run {} (b)", run.id.value()));
    const RunId next = run_now("b");
    EXPECT_EQ(waits_for(next), fmt::format("the same task's run {} (b) to end", run.id.value()));
    bodies.erase("b");
    return std::string{"done"};
  };
  run_now("b");
  lanes->run_all();
}

TEST_F(OpenRunsTest, ARunThatWaitsForItsNextAttemptSaysWhen) {
  TaskSpec a = with(task(1, "a", "1m"), [](auto& special) {
    special.retry.times = 2;
    special.retry.backoff = 10s;
  });
  bodies["a"] = [](const RunContext&) -> std::string { throw std::runtime_error("no disk"); };
  start({a});
  tick_after(1min);
  lanes->run_all();
  const auto open = engine->open_runs();
  ASSERT_EQ(open.size(), 1U);
  EXPECT_EQ(open[0].waits_for, "attempt 2 at");
  EXPECT_EQ(open[0].until, clock.now() + 10s);
}

TEST_F(OpenRunsTest, WhoAsksLaterIsToldOfTheOutcomeToo) {
  start({task(1, "a", "1h")});
  const RunId run = run_now("a");
  std::vector<RunState> told;
  EXPECT_TRUE(engine->when_done(run, [&](const RunRow& row) { told.push_back(row.state); }));
  EXPECT_TRUE(told.empty());
  lanes->run_all();
  EXPECT_EQ(told, std::vector{RunState::kSucceeded});
  EXPECT_FALSE(engine->when_done(run, [&](const RunRow&) { told.clear(); }));
  EXPECT_EQ(told.size(), 1U);
}

TEST_F(OpenRunsTest, WhatARunWasGivenIsKeptWithItsClaim) {
  start({task(1, "a", "1h")});
  const RunId run = run_now(
      "a", {.actor = "bob", .parameters = {{"date", "20260521"}}, .reason = "see ticket 9"});
  EXPECT_EQ(ledger.given(run), (RunGiven{run, "see ticket 9", {{"date", "20260521"}}}));
  EXPECT_EQ(ledger.find(run)->actor, "bob");
}

TEST_F(OpenRunsTest, WhatEachAttemptPrintedIsKeptBeforeItsOutcome) {
  TaskSpec a = with(task(1, "a", "1m"), [](auto& special) {
    special.retry.times = 1;
    special.retry.backoff = 10s;
  });
  bodies["a"] = [&](const RunContext& run) -> std::string {
    *run.printed = {.text = fmt::format("try {}\n", run.attempt), .total = 900, .cut = 893};
    if (run.attempt == 1) throw std::runtime_error("no disk");
    return "done";
  };
  start({a});
  tick_after(1min);
  lanes->run_all();
  const RunId run = engine->open_runs().at(0).row.id;
  EXPECT_EQ(outputs.of(run), (std::vector<RunOutput>{{run, 1, {"try 1\n", 900, 893}}}));
  tick_after(10s);
  lanes->run_all();
  EXPECT_EQ(ledger.find(run)->state, RunState::kSucceeded);
  EXPECT_EQ(outputs.of(run).size(), 2U);
  EXPECT_EQ(outputs.of(run)[1].printed.text, "try 2\n");
}

// Nobody is told of an outcome whose output is not kept; both are written when they can be.
TEST_F(OpenRunsTest, AnOutcomeWaitsForItsOutput) {
  bodies["a"] = [&](const RunContext& run) -> std::string {
    *run.printed = {.text = "no disk\n", .total = 8, .cut = 0};
    throw std::runtime_error("failed");
  };
  start({task(1, "a", "1h")});
  outputs.down = true;
  const RunId run = run_now("a");
  lanes->run_all();
  EXPECT_EQ(ledger.find(run)->state, RunState::kClaimed);
  outputs.down = false;
  engine->attend(clock.now());
  EXPECT_EQ(ledger.find(run)->state, RunState::kFailed);
  EXPECT_EQ(outputs.of(run).at(0).printed.text, "no disk\n");
}

}  // namespace
}  // namespace systask::scheduler
