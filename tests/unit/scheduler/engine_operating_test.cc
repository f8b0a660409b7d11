// What an operator does: pauses, windows, steps, backfills; and alarms and explanations.
#include <stdexcept>

#include "calendar/wall_clock.h"
#include "tests/unit/scheduler/engine_fixture.h"

namespace systask::scheduler {
namespace {

using namespace std::chrono_literals;

class OperatingTest : public EngineTest {
 protected:
  static TaskSpec grouped(TaskSpec spec, std::vector<Predecessor> after = {}) {
    spec.group = "day";
    spec.after = std::move(after);
    return spec;
  }
  const Asked bob{"bob", "broken feed"};
};

TEST_F(OperatingTest, AGroupIsPausedAndAccountsForWhatItMisses) {
  start({grouped(task(1, "a")), task(2, "b")});
  EXPECT_EQ(engine->pause(Target::group("nope"), bob).error().code, "UNKNOWN_GROUP");
  EXPECT_EQ(engine->pause(Target::group("day"), {"bob", ""}).error().code, "NEEDS_REASON");
  ASSERT_TRUE(engine->pause(Target::group("day"), bob));
  tick_after(1s);
  EXPECT_EQ(state(1, 1), RunState::kSkippedPaused);
  EXPECT_EQ(row(1, 1)->detail, "paused by bob: broken feed");
  EXPECT_EQ(state(2, 1), RunState::kClaimed);
  restart();  // it is kept
  start({grouped(task(1, "a")), task(2, "b")});
  ASSERT_EQ(engine->holds().size(), 1U);
  tick_after(1s);
  EXPECT_EQ(state(1, 2), RunState::kSkippedPaused);
  ASSERT_TRUE(engine->resume(Target::group("day"), {"bob", "mended"}));
  EXPECT_TRUE(holds.load().empty());
  tick_after(1s);
  EXPECT_EQ(state(1, 3), RunState::kClaimed);
}

TEST_F(OperatingTest, APausedLaneKeepsWhatIsClaimed) {
  start({task(1, "a")});
  ASSERT_TRUE(engine->pause(Target::lane(1), bob));
  EXPECT_EQ(engine->pause(Target::lane(7), bob).error().code, "UNKNOWN_LANE");
  tick_after(1s);
  EXPECT_EQ(lanes->run_all(), 0U);
  EXPECT_EQ(state(1, 1), RunState::kClaimed);
  tick_after(1s);
  EXPECT_EQ(state(1, 2), RunState::kSkippedOverlap);
  ASSERT_TRUE(engine->resume(Target::lane(1), {"bob", "go on"}));
  EXPECT_EQ(lanes->run_all(), 1U);
  EXPECT_EQ(state(1, 1), RunState::kSucceeded);
  EXPECT_TRUE(engine->resize_lane(1, 4));
  EXPECT_EQ(lanes->depths().front().threads, 4U);
  EXPECT_EQ(engine->resize_lane(7, 4).error().code, "UNKNOWN_LANE");
}

TEST_F(OperatingTest, ALaneKeepsItsSizeOverARestartUntilItIsConfiguredAnew) {
  start({task(1, "a")});
  ASSERT_TRUE(engine->resize_lane(1, 4));
  ASSERT_TRUE(engine->resize_lane(2, 3));
  ASSERT_TRUE(engine->resize_lane(2, 1));  // what it is configured with
  EXPECT_EQ(lane_sizes.load(), (std::vector<LaneSize>{{1, 4, 1}}));
  restart();
  EXPECT_EQ(lanes->depths().front().threads, 1U);
  start({task(1, "a")});
  EXPECT_EQ(lanes->depths().front().threads, 4U);
  EXPECT_EQ(lanes->depths().front().configured, 1U);

  lane_sizes.keep({1, 4, 2});  // as if it had been configured with two then
  lane_sizes.keep({7, 4, 1});  // a lane that is gone
  restart();
  start({task(1, "a")});
  EXPECT_EQ(lanes->depths().front().threads, 1U);
  EXPECT_TRUE(lane_sizes.load().empty());
}

// Those of tasks are kept in another store than the others.
TEST_F(OperatingTest, HoldsAreInOrderOfMakingOverARestart) {
  start({grouped(task(1, "a")), task(2, "b")});
  ASSERT_TRUE(engine->pause(Target::task("b"), bob));
  clock.advance(1s);
  ASSERT_TRUE(engine->pause(Target::group("day"), bob));
  clock.advance(1s);
  ASSERT_TRUE(engine->pause(Target::task("a"), bob));
  const std::vector<Hold> before = engine->holds();
  ASSERT_EQ(before.size(), 3U);
  restart();
  start({grouped(task(1, "a")), task(2, "b")});
  EXPECT_EQ(engine->holds(), before);
}

TEST_F(OperatingTest, NothingStartsInAWindow) {
  TaskSpec spec = task(1, "a");
  spec.overlap = Overlap::kQueueAll;
  start({spec});
  EXPECT_EQ(engine->hold(Target::task("a"), at(5), at(5), bob).error().code, "BAD_WINDOW");
  ASSERT_TRUE(engine->hold(Target::task("a"), at(2), at(4), bob));
  tick_after(1s);
  clock.advance(1s);
  lanes->run_all();  // due before the window, and not begun when it opened
  EXPECT_EQ(state(1, 1), RunState::kClaimed);
  EXPECT_EQ(count("a"), 0U);
  engine->tick(clock.now());
  EXPECT_EQ(engine->run_now("a", {}).error().code, "TASK_HELD");
  tick_after(1s);
  EXPECT_EQ(row(1, 3)->state, RunState::kSkippedWindow);
  EXPECT_EQ(row(1, 3)->count, 2);
  tick_after(1s);
  EXPECT_TRUE(engine->holds().empty());
  EXPECT_EQ(lanes->run_all(), 2U);
  EXPECT_EQ(state(1, 1), RunState::kSucceeded);
  EXPECT_EQ(state(1, 4), RunState::kSucceeded);
}

TEST_F(OperatingTest, AWindowIsLifted) {
  start({task(1, "a")});
  const auto hold = engine->hold(Target::lane(1), at(1), at(100), bob);
  ASSERT_TRUE(hold);
  tick_after(1s);
  EXPECT_EQ(state(1, 1), RunState::kSkippedWindow);
  EXPECT_TRUE(lanes->depths().front().paused);
  ASSERT_TRUE(engine->lift(*hold, {"bob", "done early"}));
  EXPECT_FALSE(lanes->depths().front().paused);
  EXPECT_EQ(engine->lift(*hold, bob).error().code, "UNKNOWN_HOLD");
  tick_after(1s);
  EXPECT_EQ(state(1, 2), RunState::kClaimed);
}

TEST_F(OperatingTest, AnyOutcomeOfAPredecessorMayDo) {
  bodies["a"] = [](const RunContext&) -> std::string { throw std::runtime_error("no"); };
  start({task(1, "a", ""), grouped(task(2, "b", ""), {{"a"}}),
         grouped(task(3, "c", ""), {{"a", Predecessor::On::kAny}})});
  ASSERT_TRUE(engine->run_now("a", {}));
  lanes->run_all();
  EXPECT_EQ(count("b"), 0U);
  EXPECT_EQ(count("c"), 1U);
}

TEST_F(OperatingTest, ASkippedStepCountsAsDone) {
  start({task(1, "a", ""), grouped(task(2, "b", "10s"), {{"a"}}),
         grouped(task(3, "c", ""), {{"b"}})});
  tick_after(10s);
  EXPECT_EQ(state(2, 10), RunState::kWaiting);
  EXPECT_EQ(engine->task("b")->held_id, row(2, 10)->id);
  EXPECT_EQ(engine->skip_step("b", 20260522, {"bob", ""}).error().code, "NEEDS_REASON");
  ASSERT_TRUE(engine->skip_step("a", 20260522, bob));  // a row of its own
  EXPECT_EQ(ledger.runs({.task = TaskId{1}}).front().state, RunState::kSkippedStep);
  lanes->run_all();
  EXPECT_EQ(state(2, 10), RunState::kSucceeded);
  EXPECT_EQ(count("c"), 1U);
  restart();  // it still counts
  start({task(1, "a", ""), grouped(task(2, "b", "10s"), {{"a"}})});
  tick_after(10s);
  EXPECT_EQ(state(2, 20), RunState::kClaimed);
}

TEST_F(OperatingTest, AStepThatWaitsIsSkippedItself) {
  start({task(1, "a", ""), grouped(task(2, "b", "10s"), {{"a"}}),
         grouped(task(3, "c", ""), {{"b"}})});
  tick_after(10s);
  ASSERT_TRUE(engine->skip_step("b", 20260522, bob));
  EXPECT_EQ(state(2, 10), RunState::kSkippedStep);
  EXPECT_EQ(row(2, 10)->detail, "skipped by bob: broken feed");
  lanes->run_all();
  EXPECT_EQ(count("c"), 1U);
}

TEST_F(OperatingTest, AGroupGoesOnFromTheFailedStep) {
  start({grouped(task(1, "a", "")), grouped(task(2, "b", ""), {{"a"}}),
         grouped(task(3, "c", ""), {{"b"}})});
  bodies["b"] = [](const RunContext&) -> std::string { throw std::runtime_error("no"); };
  ASSERT_TRUE(engine->run_now("a", {}));
  lanes->run_all();
  EXPECT_EQ(count("c"), 0U);
  bodies.clear();
  EXPECT_EQ(engine->resume_group("day", bob).value(), 2U);
  lanes->run_all();
  EXPECT_EQ(count("a"), 1U);
  EXPECT_EQ(count("b"), 2U);
  EXPECT_EQ(count("c"), 1U);
  EXPECT_EQ(engine->resume_group("day", bob).error().code, "NOTHING_TO_DO");
}

TEST_F(OperatingTest, ABackfillRunsEachDateInOrder) {
  date_of = [](TimePoint time) {
    return yyyymmdd(Date{std::chrono::floor<std::chrono::days>(time).time_since_epoch()});
  };
  TaskSpec a = grouped(task(1, "a", ""));
  a.timetable = parse_cron_schedule("0 0 8 ? * MON-FRI", Zone::utc()).value();
  a.schedule_text = "cron 0 0 8 ? * MON-FRI UTC";
  start({a, grouped(task(2, "b", ""), {{"a"}})});
  std::vector<int> dates;
  bodies["a"] = bodies["b"] = [&](const RunContext& run) {
    dates.push_back(run.business_date);
    EXPECT_EQ(run.trigger, Trigger::kBackfill);
    return "done";
  };
  const TimePoint due = engine->next_due();
  EXPECT_EQ(engine->backfill({Target::group("day"), 20260516, 20260517}, bob).error().code,
            "NOTHING_TO_DO");  // a weekend
  EXPECT_EQ(engine->backfill({Target::task("a"), 20260532, 20260524}, bob).error().code,
            "BAD_DATES");
  const auto id = engine->backfill({Target::group("day"), 20260514, 20260518}, bob);
  ASSERT_TRUE(id) << id.error().message;
  EXPECT_EQ(engine->backfills().at(0).runs(), 6U);  // Thursday, Friday, Monday
  EXPECT_EQ(lanes->queued(), 1U);
  lanes->run_all();
  EXPECT_EQ(dates, (std::vector{20260514, 20260514, 20260515, 20260515, 20260518, 20260518}));
  EXPECT_EQ(seen[0].nominal, from_rfc3339("2026-05-14T08:00:00Z"));
  EXPECT_EQ(engine->backfills().at(0).state(), "succeeded");
  EXPECT_EQ(engine->next_due(), due);
  EXPECT_EQ(ledger.runs({}).front().actor, "bob");
}

TEST_F(OperatingTest, ABackfillIsCancelled) {
  date_of = [](TimePoint time) {
    return time < from_rfc3339("2026-05-15T00:00:00Z").value() ? 20260514 : 20260515;
  };
  TaskSpec a = task(1, "a", "");
  a.timetable = parse_at_schedule("08:00", Zone::utc()).value();
  start({a});
  const auto id = engine->backfill({Target::task("a"), 20260514, 20260515}, bob);
  ASSERT_TRUE(id);
  bodies["a"] = [&](const RunContext& run) {
    EXPECT_TRUE(engine->cancel_backfill(*id, "bob"));
    EXPECT_TRUE(run.stop.stop_requested());
    return "half";
  };
  EXPECT_EQ(lanes->run_all(), 1U);
  EXPECT_EQ(ledger.runs({}).front().state, RunState::kCancelled);
  EXPECT_EQ(engine->cancel_backfill(BackfillId{99}, "bob").error().code, "UNKNOWN_BACKFILL");
}

TEST_F(OperatingTest, AlarmsAreRaisedOnceAndCleared) {
  TaskSpec spec = with(task(1, "a", ""), [](SpecialPolicies& special) {
    special.alarms.must_start_by = TimeOfDay{8h + 31min, Zone::utc()};
    special.alarms.must_finish_by = TimeOfDay{8h + 32min, Zone::utc()};
  });
  spec.timetable = parse_at_schedule("08:30:30", Zone::utc()).value();
  start({spec});
  tick_after(30s);  // claimed, and nobody runs it
  EXPECT_TRUE(sink.told.empty());
  tick_after(30s);
  tick_after(1s);
  EXPECT_EQ(sink.told,
            (std::vector<std::string>{"raised: task 'a' has not started by 08:31 for business date "
                                      "20260522; it has never run, as far as the ledger "
                                      "knows"}));
  EXPECT_EQ(engine->alarms().size(), 1U);
  lanes->run_all();
  tick_after(1s);
  EXPECT_EQ(sink.told.back(), "cleared: must_start_by");
  tick_after(60s);
  EXPECT_EQ(sink.told.size(), 2U);  // it has finished
  EXPECT_TRUE(engine->alarms().empty());
}

TEST_F(OperatingTest, AnAlarmForWhatHasNotRunForSoLong) {
  start(
      {with(task(1, "a", ""), [](SpecialPolicies& special) { special.alarms.not_run_for = 60s; })});
  engine->tick(clock.now());
  tick_after(59s);
  EXPECT_TRUE(sink.told.empty());
  tick_after(1s);
  ASSERT_EQ(sink.told.size(), 1U);
  tick_after(60s);
  EXPECT_EQ(sink.told.size(), 1U);
  ASSERT_TRUE(engine->run_now("a", {}));
  lanes->run_all();
  tick_after(1s);
  EXPECT_EQ(sink.told.back(), "cleared: not_run_for");
  tick_after(60s);
  EXPECT_EQ(sink.told.size(), 3U);
}

TEST_F(OperatingTest, ExplainsWhatWasAndWhatWillBe) {
  start({task(1, "a", "10s")});
  tick_after(10s);
  lanes->run_all();
  const auto said = [&](int seconds) {
    const auto answer = engine->explain("a", at(seconds));
    return answer ? answer->says : answer.error().code;
  };
  EXPECT_EQ(said(10), "succeeded: done");
  EXPECT_EQ(said(15),
            "task 'a' has no occurrence at 2026-05-22T08:30:15Z; its next one after "
            "that is at 2026-05-22T08:30:20Z");
  EXPECT_EQ(said(20), "it will be run at 2026-05-22T08:30:20Z, as things stand");
  EXPECT_EQ(engine->explain("a", at(-10))->kind, Explanation::Kind::kForgotten);
  EXPECT_EQ(engine->explain("z", at(0)).error().code, "UNKNOWN_TASK");
  ASSERT_TRUE(engine->hold(Target::task("a"), at(25), at(35), bob));
  EXPECT_EQ(engine->explain("a", at(30))->expected, RunState::kSkippedWindow);
  ASSERT_TRUE(engine->pause("a", "broken feed", "bob"));
  EXPECT_EQ(said(40), "paused by bob: broken feed");
  clock.advance(30s);
  EXPECT_EQ(engine->explain("a", at(40))->kind, Explanation::Kind::kDue);
}

}  // namespace
}  // namespace systask::scheduler
