// Overlap, exclusive names, retries, cancelling and giving up, by the whole engine.
#include <stdexcept>

#include "tests/unit/scheduler/engine_fixture.h"

namespace systask::scheduler {
namespace {

using namespace std::chrono_literals;

class EngineRunsTest : public EngineTest {
 protected:
  static std::string fail(const RunContext&) { throw std::runtime_error("no disk"); }
  TaskSpec retried(TaskSpec spec, int times, Micros backoff) {
    return with(std::move(spec), [&](SpecialPolicies& special) {
      special.retry = {.times = times, .backoff = backoff, .factor = 1};
    });
  }
  static TaskSpec exclusive(TaskSpec spec, std::vector<std::string> names) {
    return with(std::move(spec), [&](SpecialPolicies& special) { special.exclusive = names; });
  }
};

TEST_F(EngineRunsTest, QueueAllRunsEveryOneInOrder) {
  TaskSpec spec = task(1, "a");
  spec.overlap = Overlap::kQueueAll;
  start({spec});
  for (int i = 0; i < 4; ++i)
    tick_after(1s);
  EXPECT_EQ(lanes->queued(), 1U);
  EXPECT_EQ(engine->task("a")->waiting, 3U);
  EXPECT_EQ(lanes->run_all(), 4U);
  for (int i = 1; i <= 4; ++i)
    EXPECT_EQ(seen[static_cast<std::size_t>(i) - 1].nominal, at(i));
  EXPECT_TRUE(ledger.unfinished().empty());
}

TEST_F(EngineRunsTest, AllowRunsSoManySideBySide) {
  TaskSpec spec = task(1, "a");
  spec.overlap = Overlap::kAllow;
  spec.at_once = 2;
  start({spec});
  for (int i = 0; i < 3; ++i)
    tick_after(1s);
  EXPECT_EQ(lanes->queued(), 2U);
  EXPECT_EQ(state(1, 3), RunState::kSkippedOverlap);
  lanes->run_all();
  EXPECT_EQ(state(1, 2), RunState::kSucceeded);
}

TEST_F(EngineRunsTest, CancelOtherMakesRoomForTheNewest) {
  TaskSpec spec = task(1, "a");
  spec.overlap = Overlap::kCancelOther;
  start({spec});
  bodies["a"] = [&](const RunContext& run) {
    if (run.nominal == at(1)) {
      tick_after(1s);
      EXPECT_TRUE(run.stop.stop_requested());
      tick_after(1s);  // the third takes the place of the second, which has not begun
    }
    return "done";
  };
  tick_after(1s);
  EXPECT_EQ(lanes->run_all(), 2U);
  EXPECT_EQ(state(1, 1), RunState::kCancelled);
  EXPECT_EQ(state(1, 2), RunState::kCoalesced);
  EXPECT_EQ(state(1, 3), RunState::kSucceeded);
}

TEST_F(EngineRunsTest, SeveralFoundAtOnceRunOneAfterAnother) {
  TaskSpec spec = task(1, "a", "10s");
  spec.coalesce = Coalesce::kAll;
  start({spec});
  clock.advance(35s);
  EXPECT_EQ(engine->tick(clock.now()).claimed, 3U);
  EXPECT_EQ(lanes->queued(), 1U);
  EXPECT_EQ(lanes->run_all(), 3U);
  EXPECT_EQ(seen[0].nominal, at(10));
  EXPECT_EQ(seen[2].nominal, at(30));
}

TEST_F(EngineRunsTest, ExclusiveRunsTakeTurns) {
  start({exclusive(task(1, "a"), {"feed"}), exclusive(task(2, "b"), {"feed"}), task(3, "c")});
  tick_after(1s);
  EXPECT_EQ(lanes->queued(), 2U);  // a and c; b is claimed and waits
  EXPECT_EQ(state(2, 1), RunState::kClaimed);
  tick_after(1s);
  EXPECT_EQ(state(2, 2), RunState::kSkippedOverlap);
  EXPECT_NE(row(2, 2)->detail.find("its turn in feed"), std::string::npos) << row(2, 2)->detail;
  EXPECT_EQ(lanes->run_all(), 3U);
  EXPECT_EQ(state(2, 1), RunState::kSucceeded);
  EXPECT_TRUE(ledger.unfinished().empty());
}

TEST_F(EngineRunsTest, AFailedRunIsTriedAgain) {
  start({retried(task(1, "a", "1h"), 2, 10s)});
  clock.set_wall(at(1800));
  bodies["a"] = fail;
  engine->tick(clock.now());
  lanes->run_all();
  EXPECT_EQ(state(1, 1800), RunState::kClaimed);
  const auto waiting = engine->task("a");
  EXPECT_EQ(waiting->retry_at, at(1810));
  EXPECT_EQ(engine->next_due(), at(1810));
  EXPECT_FALSE(waiting->running);
  tick_after(9s);
  EXPECT_EQ(lanes->queued(), 0U);
  tick_after(1s);
  lanes->run_all();
  bodies.clear();
  tick_after(10s);
  lanes->run_all();
  EXPECT_EQ(state(1, 1800), RunState::kSucceeded);
  const RunRow last = row(1, 1800).value();
  EXPECT_EQ(last.attempt, 3);
  const auto before = attempts.of(last.id);
  ASSERT_EQ(before.size(), 2U);
  EXPECT_EQ(before[0].detail, "no disk");
  EXPECT_EQ(before[1].attempt, 2);
  EXPECT_EQ(before[0].next_at, at(1810));
  EXPECT_EQ(seen.back().attempt, 3);
}

TEST_F(EngineRunsTest, RetriesEndWithTheFailure) {
  start({retried(task(1, "a", "1h"), 1, 10s)});
  clock.set_wall(at(1800));
  bodies["a"] = fail;
  engine->tick(clock.now());
  lanes->run_all();
  tick_after(10s);
  lanes->run_all();
  EXPECT_EQ(state(1, 1800), RunState::kFailed);
  EXPECT_EQ(row(1, 1800)->attempt, 2);
  bodies["a"] = [](const RunContext&) -> std::string { throw RunRefused("no data"); };
  ASSERT_TRUE(engine->run_now("a", {}));
  lanes->run_all();
  EXPECT_EQ(ledger.runs({}).front().state, RunState::kRefused);  // and not tried again
  EXPECT_FALSE(engine->task("a")->retry_at);
}

TEST_F(EngineRunsTest, ARetryThatWaitsGivesWayToTheNextOccurrence) {
  start({retried(task(1, "a", "10s"), 3, 30s)});
  bodies["a"] = fail;
  tick_after(10s);
  lanes->run_all();
  bodies.clear();
  tick_after(10s);
  lanes->run_all();
  EXPECT_EQ(state(1, 10), RunState::kFailed);
  EXPECT_NE(row(1, 10)->detail.find("its next occurrence has come"), std::string::npos);
  EXPECT_EQ(state(1, 20), RunState::kSucceeded);
  EXPECT_EQ(count("a"), 2U);
}

TEST_F(EngineRunsTest, ARetryUnderWayGivesWayToo) {
  start({retried(task(1, "a", "10s"), 3, 5s)});
  bodies["a"] = fail;
  tick_after(10s);
  lanes->run_all();
  bodies["a"] = [&](const RunContext& run) {
    if (run.attempt == 2) {
      tick_after(5s);
      EXPECT_TRUE(run.stop.stop_requested());
      throw RunStopped("half of it");
    }
    return "done";
  };
  tick_after(5s);
  lanes->run_all();
  EXPECT_EQ(state(1, 10), RunState::kFailed);
  EXPECT_EQ(state(1, 20), RunState::kSucceeded);
}

TEST_F(EngineRunsTest, ACrashWhileARetryWaitsIsForOnLost) {
  TaskSpec rerun = retried(task(1, "a", "1h"), 3, 60s);
  rerun.on_lost = OnLost::kRerun;
  const TaskSpec lost = retried(task(2, "b", "1h"), 3, 60s);
  start({rerun, lost});
  clock.set_wall(at(1800));
  bodies["a"] = bodies["b"] = fail;
  engine->tick(clock.now());
  lanes->run_all();
  restart();
  bodies.clear();
  start({rerun, lost});
  lanes->run_all();
  EXPECT_EQ(state(1, 1800), RunState::kSucceeded);
  EXPECT_EQ(row(1, 1800)->attempt, 2);
  EXPECT_EQ(state(2, 1800), RunState::kLost);
}

TEST_F(EngineRunsTest, WhatHasNotBegunIsCancelledAtOnce) {
  TaskSpec spec = retried(task(1, "a"), 3, 60s);
  spec.overlap = Overlap::kQueueAll;
  start({spec});
  tick_after(1s);
  tick_after(1s);
  ASSERT_TRUE(engine->cancel(row(1, 2)->id, "bob"));  // waits for the first
  EXPECT_EQ(state(1, 2), RunState::kCancelled);
  ASSERT_TRUE(engine->cancel(row(1, 1)->id, "bob"));  // in its lane
  EXPECT_EQ(state(1, 1), RunState::kCancelled);
  EXPECT_TRUE(engine->cancel(row(1, 1)->id, "bob").has_error());
  lanes->run_all();
  EXPECT_EQ(count("a"), 0U);
  EXPECT_FALSE(engine->task("a")->running);
  bodies["a"] = fail;
  tick_after(1s);
  lanes->run_all();
  ASSERT_TRUE(engine->cancel(row(1, 3)->id, "bob"));  // waits for its next attempt
  EXPECT_EQ(state(1, 3), RunState::kCancelled);
  EXPECT_EQ(engine->next_due(), at(4));
}

TEST_F(EngineRunsTest, AbandonedItGivesItsPlaceInTheLaneAway) {
  TaskSpec spec = task(1, "a", "1h");
  spec.timeout_grace = 5s;
  start({spec, task(2, "b", "1h")});
  ASSERT_TRUE(engine->run_now("a", {"alice", {}, {}}));
  bodies["a"] = [&](const RunContext& run) {
    EXPECT_TRUE(engine->cancel(run.id, "bob"));  // and it does not care
    tick_after(4s);
    EXPECT_TRUE(lanes->abandoned().empty());
    tick_after(1s);
    EXPECT_EQ(lanes->abandoned(), std::vector{run.id});
    EXPECT_FALSE(engine->task("a")->running);
    return "at last";
  };
  lanes->run_all();
  const RunRow kept = ledger.runs({}).front();
  EXPECT_EQ(kept.state, RunState::kAbandoned);
  EXPECT_EQ(kept.detail, "did not stop within 5s of being asked to (cancelled by bob)");
}

TEST_F(EngineRunsTest, ARunFarOverItsUsualTimeIsReportedOnce) {
  start({task(1, "a", "")});
  bodies["a"] = [&](const RunContext&) {
    clock.advance(10s);
    return "done";
  };
  for (int i = 0; i < 6; ++i) {
    ASSERT_TRUE(engine->run_now("a", {}));
    lanes->run_all();
  }
  bodies["a"] = [&](const RunContext&) {
    tick_after(29s);
    EXPECT_TRUE(observer.overdue.empty());
    tick_after(1s);
    tick_after(1s);
    return "done";
  };
  const auto run = engine->run_now("a", {});
  lanes->run_all();
  EXPECT_EQ(observer.overdue, std::vector{*run});
}

TEST_F(EngineRunsTest, NotAfterCountsWhenARunIsAboutToBegin) {
  TaskSpec spec = with(task(1, "a", "1s"), [](SpecialPolicies& special) {
    special.not_after = TimeOfDay{8h + 30min + 5s, Zone::utc()};
  });
  start({spec});
  tick_after(5s);
  clock.advance(1s);  // it stood in its lane for too long
  lanes->run_all();
  EXPECT_EQ(state(1, 5), RunState::kSkippedWindow);
  EXPECT_EQ(row(1, 5)->detail, "not to start after 08:30:05 of its date");
  engine->tick(clock.now());
  EXPECT_EQ(state(1, 6), RunState::kSkippedWindow);
  EXPECT_EQ(count("a"), 0U);
}

TEST_F(EngineRunsTest, ADelayCountsFromTheEndOfTheLastRun) {
  TaskSpec spec = task(1, "a", "");
  spec.timetable = parse_delay_schedule("30s").value();
  spec.schedule_text = "delay 30s";
  start({spec});
  bodies["a"] = [&](const RunContext&) {
    clock.advance(7s);
    return "done";
  };
  engine->tick(clock.now());
  EXPECT_EQ(lanes->run_all(), 1U);
  EXPECT_EQ(engine->next_due(), at(37));
  tick_after(30s);
  EXPECT_EQ(lanes->run_all(), 1U);
  EXPECT_EQ(engine->task("a")->next_due, at(74));
  EXPECT_EQ(state(1, 37), RunState::kSucceeded);
}

}  // namespace
}  // namespace systask::scheduler
