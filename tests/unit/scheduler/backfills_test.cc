// Backfills and runs that are made once more.
#include <gmock/gmock.h>

#include <stdexcept>

#include "calendar/wall_clock.h"
#include "tests/unit/scheduler/engine_fixture.h"

namespace systask::scheduler {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

const Asked kOperator{"bob", "prices were wrong"};

class BackfillsTest : public EngineTest {
 protected:
  BackfillsTest() {
    date_of = [](TimePoint time) {
      return yyyymmdd(Date{std::chrono::floor<std::chrono::days>(time).time_since_epoch()});
    };
  }
  static TaskSpec daily(int id, std::string name, const char* time,
                        std::vector<std::string> after = {}) {
    TaskSpec spec = task(id, std::move(name), "");
    if (*time != '\0') spec.timetable = parse_at_schedule(time, Zone::utc()).value();
    spec.schedule_text = time;
    spec.group = "day";
    for (std::string& one : after)
      spec.after.push_back({std::move(one)});
    return spec;
  }
  std::vector<TaskSpec> specs() const {
    return {daily(1, "a", "08:00"), daily(2, "b", "", {"a"}), daily(3, "c", "16:00")};
  }
  std::string refusal(const Target& target, int from, int to) {
    const auto done = engine->backfill({target, from, to}, kOperator);
    return done.has_error() ? done.error().code + ": " + done.error().message : "done";
  }
  void fails(const std::string& name, int date) {
    bodies[name] = [date](const RunContext& run) -> std::string {
      if (run.business_date == date) throw std::runtime_error("no disk");
      return "done";
    };
  }
  RunRow last(int id) { return ledger.runs({.task = TaskId{id}}).front(); }
};

// It is 08:30 of 2026-05-22.
TEST_F(BackfillsTest, WhatHasNotComeIsRefused) {
  start(specs());
  EXPECT_EQ(refusal(Target::task("a"), 20260520, 20260522), "done");
  EXPECT_THAT(refusal(Target::task("a"), 20260523, 20260523),
              HasSubstr("BAD_DATES: 'a' is not run for 20260523 yet: it is due at 2026-05-23"));
  EXPECT_THAT(refusal(Target::task("c"), 20260521, 20260522),
              HasSubstr("BAD_DATES: 'c' is not run for 20260522 yet: it is due at 2026-05-22T16"));
  EXPECT_THAT(refusal(Target::group("day"), 20260522, 20260522), HasSubstr("BAD_DATES: 'c'"));
  EXPECT_EQ(refusal(Target::task("c"), 20260520, 20260521), "done");
  EXPECT_TRUE(engine->backfill(
      {.target = Target::group("day"), .from = 20260522, .to = 20260522, .early = true},
      kOperator));  // group run: today's, before its time too
  lanes->run_all();
  for (const BackfillStatus& one : engine->backfills())
    EXPECT_EQ(one.state(), "succeeded");
  EXPECT_EQ(last(3).business_date, 20260522);
}

TEST_F(BackfillsTest, ADateToComeWithoutAnOccurrenceIsRefusedToo) {
  TaskSpec once = task(1, "a", "");
  once.timetable = parse_once_schedule("2026-05-20 08:00", Zone::utc()).value();
  start({once});
  EXPECT_THAT(refusal(Target::task("a"), 20260520, 20260601),
              HasSubstr("BAD_DATES: 20260523 has not come: today is 20260522"));
  EXPECT_THAT(refusal(Target::task("a"), 20260521, 20260522), HasSubstr("NOTHING_TO_DO"));
}

TEST_F(BackfillsTest, WhatCameOfEachDateIsListedOverARestart) {
  start(specs());
  fails("a", 20260519);
  std::vector<BackfillStatus> told;
  const BackfillId id =
      engine->backfill({Target::group("day"), 20260518, 20260520}, kOperator).value();
  ASSERT_TRUE(engine->await_backfill(id, [&](const BackfillStatus& one) { told.push_back(one); }));
  EXPECT_TRUE(told.empty());
  lanes->run_all();
  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(told[0].state(), "failed");
  const auto check = [&](const BackfillStatus& status) {
    const auto& dates = status.backfill.dates;
    ASSERT_EQ(dates.size(), 3U);
    EXPECT_EQ(outcome_of(dates[0], false), "succeeded");
    EXPECT_EQ(outcome_of(dates[1], false), "failed");
    EXPECT_EQ(dates[1].failure->task, "a");
    EXPECT_EQ(dates[1].failure->detail, "no disk");
    EXPECT_EQ(ledger.find(dates[1].failure->run)->state, RunState::kFailed);
    EXPECT_EQ(dates[1].succeeded, 1U);  // c needs none of the others
    EXPECT_EQ(outcome_of(dates[2], false), "succeeded");
    EXPECT_TRUE(status.backfill.ended_at);
  };
  check(engine->backfills().at(0));
  restart();
  start(specs());
  ASSERT_EQ(engine->backfills().size(), 1U);
  check(engine->backfills().at(0));
  EXPECT_EQ(engine->backfills().at(0).state(), "failed");
  told.clear();
  ASSERT_TRUE(engine->await_backfill(id, [&](const BackfillStatus& one) { told.push_back(one); }));
  EXPECT_EQ(told.size(), 1U);  // over already
  EXPECT_EQ(engine->await_backfill(BackfillId{99}, {}).error().code, "UNKNOWN_BACKFILL");
  EXPECT_EQ(engine->backfill({Target::task("a"), 20260518, 20260518}, kOperator).value(),
            BackfillId{2});
}

TEST_F(BackfillsTest, TheEndOfTheServiceInterruptsIt) {
  start(specs());
  std::vector<BackfillStatus> told;
  const BackfillId id =
      engine->backfill({Target::group("day"), 20260518, 20260520}, kOperator).value();
  ASSERT_TRUE(engine->await_backfill(id, [&](const BackfillStatus& one) { told.push_back(one); }));
  lanes->run_one();  // a of the first date
  engine->stop(0us);
  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(told[0].state(), "interrupted");
  restart();
  start(specs());
  const BackfillStatus after = engine->backfills().at(0);
  EXPECT_EQ(after.state(), "interrupted");
  EXPECT_TRUE(after.backfill.ended_at);
  EXPECT_EQ(after.backfill.dates[0].succeeded, 1U);
  EXPECT_EQ(outcome_of(after.backfill.dates[2], false), "not run");
  EXPECT_EQ(lanes->run_all(), 0U);
  clock.advance(1h);
  restart();  // it ended once, at the first start after it
  start(specs());
  EXPECT_EQ(engine->backfills().at(0).backfill.ended_at, after.backfill.ended_at);
}

TEST_F(BackfillsTest, OneThatIsCancelledSaysByWhom) {
  start(specs());
  const BackfillId id =
      engine->backfill({Target::task("a"), 20260518, 20260520}, kOperator).value();
  ASSERT_TRUE(engine->cancel_backfill(id, "alice"));
  lanes->run_all();
  EXPECT_EQ(count("a"), 0U);
  EXPECT_TRUE(engine->backfills().at(0).backfill.ended_at);
  restart();
  start(specs());
  EXPECT_EQ(engine->backfills().at(0).state(), "cancelled");
  EXPECT_EQ(engine->backfills().at(0).backfill.cancelled_by, "alice");
}

TEST_F(BackfillsTest, AStepThatWaitsInItsLaneIsCancelledByItsNumber) {
  start(specs());
  ASSERT_TRUE(engine->backfill({Target::task("a"), 20260518, 20260519}, kOperator));
  const RunId waiting = last(1).id;
  ASSERT_TRUE(engine->cancel(waiting, "alice"));
  lanes->run_all();
  EXPECT_EQ(ledger.find(waiting)->state, RunState::kCancelled);
  EXPECT_EQ(ledger.find(waiting)->detail, "cancelled by alice before it began");
  EXPECT_EQ(engine->backfills().at(0).state(), "failed");  // the other date ran
  EXPECT_EQ(engine->backfills().at(0).backfill.dates[1].succeeded, 1U);
}

TEST_F(BackfillsTest, OneThatIsCancelledBeginsNothingThatWaitsInItsLane) {
  start(specs());
  const BackfillId id =
      engine->backfill({Target::task("a"), 20260518, 20260519}, kOperator).value();
  const RunId waiting = last(1).id;
  EXPECT_EQ(engine->open_runs().size(), 1U);
  ASSERT_TRUE(engine->cancel_backfill(id, "alice"));
  EXPECT_EQ(engine->open_runs().size(), 0U);
  lanes->run_all();
  EXPECT_EQ(count("a"), 0U);
  EXPECT_EQ(ledger.find(waiting)->state, RunState::kCancelled);
}

TEST_F(BackfillsTest, SoManySideBySideAndNoMore) {
  start(specs());
  for (int i = 0; i < 20; ++i)
    EXPECT_EQ(refusal(Target::task("a"), 20260518, 20260518), "done");
  EXPECT_THAT(refusal(Target::task("a"), 20260518, 20260518), HasSubstr("TOO_MANY_BACKFILLS"));
  lanes->run_all();
  for (int i = 0; i < 40; ++i) {
    EXPECT_EQ(refusal(Target::task("a"), 20260518, 20260518), "done");
    lanes->run_all();
  }
  EXPECT_EQ(engine->backfills().size(), 50U);
  EXPECT_EQ(backfills.load().size(), 50U);
}

class RerunTest : public BackfillsTest {
 protected:
  // a of today fails, and b waits.
  RunRow fail_today() {
    clock.set_wall(from_rfc3339("2026-05-22T07:59:00Z").value());
    start({daily(1, "a", "08:00"), daily(2, "b", "", {"a"})});
    fails("a", 20260522);
    clock.set_wall(from_rfc3339("2026-05-22T08:00:00Z").value());
    engine->tick(clock.now());
    lanes->run_all();
    bodies.clear();
    return last(1);
  }
};

TEST_F(RerunTest, OneRunIsMadeOnceMoreAndWhatComesAfterItStarts) {
  const RunRow failed = fail_today();
  ASSERT_EQ(failed.state, RunState::kFailed);
  EXPECT_EQ(count("b"), 0U);
  clock.advance(1h);
  std::vector<RunRow> told;
  const auto run = engine->rerun(
      failed.id, {"bob", {{"x", "1"}}, [&](const RunRow& row) { told.push_back(row); }});
  ASSERT_TRUE(run) << run.error().message;
  bodies["a"] = [](const RunContext& context) {
    EXPECT_EQ(context.trigger, Trigger::kRerun);
    EXPECT_EQ(context.parameters.at("x"), "1");
    return "done";
  };
  lanes->run_all();
  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(told[0].id, *run);
  EXPECT_EQ(told[0].state, RunState::kSucceeded);
  EXPECT_EQ(told[0].trigger, Trigger::kRerun);
  EXPECT_EQ(told[0].key.nominal, failed.key.nominal);
  EXPECT_EQ(told[0].business_date, failed.business_date);
  EXPECT_EQ(told[0].actor, "bob");
  EXPECT_EQ(count("b"), 1U);
  EXPECT_EQ(ledger.find(failed.id)->state, RunState::kFailed);  // it stays what it was
}

TEST_F(RerunTest, OfAnEarlierDateNothingFollows) {
  const RunRow failed = fail_today();
  clock.set_wall(from_rfc3339("2026-05-23T08:00:00Z").value());
  engine->tick(clock.now());
  lanes->run_all();
  EXPECT_EQ(count("b"), 1U);  // of the 23rd
  ASSERT_TRUE(engine->rerun(failed.id, {"bob", {}, {}}));
  lanes->run_all();
  EXPECT_EQ(count("a"), 3U);
  EXPECT_EQ(count("b"), 1U);
}

TEST_F(RerunTest, OfAnEarlierDateHidesNotFromARestartWhatRanToday) {
  const RunRow failed = fail_today();
  clock.set_wall(from_rfc3339("2026-05-23T08:00:00Z").value());
  engine->tick(clock.now());
  lanes->run_all();
  ASSERT_TRUE(engine->run_now("b", {}));
  lanes->run_all();
  const RunRow today = last(2);
  RunRow earlier = today;  // made once more, after today's
  earlier.key.nominal += 1s;
  earlier.id = RunId{77};
  earlier.business_date = failed.business_date;
  ledger.record(std::span{&earlier, 1});
  restart();
  start({daily(1, "a", "08:00"), daily(2, "b", "", {"a"})});
  EXPECT_EQ(lanes->run_all(), 0U);
}

TEST_F(RerunTest, IsRefusedWithTheReason) {
  TaskSpec missed = task(3, "c", "1s");
  start({daily(1, "a", "08:00"), missed});
  const auto code = [&](RunId run) { return engine->rerun(run, {"bob", {}, {}}).error().code; };
  EXPECT_EQ(code(RunId{99}), "UNKNOWN_RUN");
  ASSERT_TRUE(engine->run_now("a", {}));
  EXPECT_EQ(code(last(1).id), "RUN_OPEN");
  lanes->run_all();
  ASSERT_TRUE(engine->pause("c", "why", "bob"));
  tick_after(1s);
  tick_after(1s);
  EXPECT_EQ(last(3).count, 2);
  EXPECT_EQ(code(last(3).id), "NOT_ONE_RUN");
  RunRow gone{.key = {at(-5), TaskId{7}}, .id = RunId{77}, .state = RunState::kFailed};
  ledger.record(std::span{&gone, 1});
  EXPECT_EQ(code(RunId{77}), "UNKNOWN_TASK");
  const RunRow good = last(1);
  ASSERT_TRUE(engine->run_now("a", {}));
  EXPECT_EQ(code(good.id), "TASK_RUNNING");
  ASSERT_TRUE(engine->hold(Target::task("a"), clock.now(), clock.now() + 1h, kOperator));
  EXPECT_EQ(code(good.id), "TASK_HELD");
}

TEST_F(RerunTest, APauseDoesNotKeepItAndARestartDoesNotMakeItAgain) {
  const RunRow failed = fail_today();
  ASSERT_TRUE(engine->pause("a", "why", "bob"));
  ASSERT_TRUE(engine->rerun(failed.id, {"bob", {}, {}}));
  restart();
  start({daily(1, "a", "08:00"), daily(2, "b", "", {"a"})});
  EXPECT_EQ(lanes->run_all(), 0U);
  EXPECT_EQ(last(1).trigger, Trigger::kRerun);
  EXPECT_EQ(last(1).state, RunState::kLost);
}

}  // namespace
}  // namespace systask::scheduler
