// Failure is loud: what fails is in the log, raises alarms, and is known over a restart.
#include <gmock/gmock.h>

#include <stdexcept>

#include "tests/unit/scheduler/engine_fixture.h"

namespace systask::scheduler {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class FailingTest : public EngineTest {
 protected:
  static TaskSpec alarmed(TaskSpec spec, bool failure = true, bool recovery = true) {
    return with(std::move(spec), [=](SpecialPolicies& special) {
      special.alarms.on_failure = failure;
      special.alarms.on_recovery = recovery;
    });
  }
  void fail(const std::string& name, const std::string& why = "no such column: x") {
    bodies[name] = [why](const RunContext&) -> std::string { throw std::runtime_error(why); };
  }
  void mend(const std::string& name) { bodies.erase(name); }
  // Some seconds, in each of which what is due runs; what the log said meanwhile.
  std::string seconds(int count) {
    testing::internal::CaptureStderr();
    for (int i = 0; i < count; ++i) {
      tick_after(1s);
      lanes->run_all();
    }
    return testing::internal::GetCapturedStderr();
  }
  static int times(const std::string& text, const std::string& what) {
    int count = 0;
    for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + 1))
      ++count;
    return count;
  }
};

TEST_F(FailingTest, IsAWarningWithTaskRunReasonAndWhatToLookAt) {
  start({task(1, "a")});
  fail("a", "exit status 3; 40 bytes of output: \x1B[31mdisk full");
  const std::string log = seconds(1);
  EXPECT_THAT(log, HasSubstr("a run failed task=a run=1 outcome=failed trigger=schedule "
                             "business_date=20260522 attempt=1"));
  EXPECT_THAT(log, HasSubstr("disk full"));
  EXPECT_THAT(log, HasSubstr("look=\"systask runs 1\""));
  EXPECT_THAT(log, Not(HasSubstr("\x1B")));
}

TEST_F(FailingTest, EverySecondForAnHourIsAFewLinesAndOneWhenItWorksAgain) {
  start({task(1, "a")});
  fail("a");
  const std::string log = seconds(3'600);
  EXPECT_EQ(times(log, "a run failed"), 1);
  EXPECT_EQ(times(log, "a task goes on failing"), 8);
  EXPECT_THAT(log, HasSubstr("runs_in_a_row=61"));
  mend("a");
  const std::string after = seconds(10);
  EXPECT_EQ(times(after, "a task works again"), 1);
  EXPECT_THAT(after, HasSubstr("failed_runs=3600"));
}

TEST_F(FailingTest, TellsAnAlarmOnceAndThatItIsOver) {
  start({with(alarmed(task(1, "a")), [](SpecialPolicies& special) {
    special.retry = {.times = 1, .backoff = 10ms, .factor = 1};
  })});
  fail("a");
  seconds(1);
  EXPECT_THAT(sink.told, IsEmpty()) << "one attempt failed, and another follows";
  EXPECT_EQ(engine->troubles(10).late, 1U);
  clock.advance(20ms);
  engine->attend(clock.now());
  lanes->run_all();
  EXPECT_EQ(engine->troubles(10).failing, 1U);
  seconds(30);
  ASSERT_EQ(sink.told.size(), 1U);
  EXPECT_THAT(sink.told[0],
              HasSubstr("raised: task 'a': run 1 of business date 20260522 failed at"));
  EXPECT_THAT(sink.told[0], HasSubstr("attempt 2: no such column: x"));
  EXPECT_EQ(engine->alarms().size(), 1U);
  date_of = [](TimePoint) { return 20260525; };
  seconds(3);
  ASSERT_EQ(sink.told.size(), 2U) << "another date, told once more";
  EXPECT_THAT(sink.told[1], HasSubstr("20260525"));
  mend("a");
  seconds(3);
  EXPECT_EQ(sink.told.back(), "cleared: on_failure");
  EXPECT_EQ(sink.told.size(), 3U);
  EXPECT_TRUE(engine->alarms().empty());
}

TEST_F(FailingTest, OnRecoveryAloneTellsOnlyThat) {
  start({alarmed(task(1, "a"), false, true)});
  fail("a");
  seconds(3);
  EXPECT_THAT(sink.told, IsEmpty());
  mend("a");
  seconds(3);
  EXPECT_THAT(sink.told, ElementsAre("cleared: on_failure"));
}

TEST_F(FailingTest, IsKnownOverARestartAndItIsToldThatItWorksAgain) {
  start({alarmed(task(1, "a"))});
  fail("a");
  seconds(5);
  sink.told.clear();
  restart();
  testing::internal::CaptureStderr();
  start({alarmed(task(1, "a"))});
  EXPECT_THAT(testing::internal::GetCapturedStderr(), HasSubstr("tasks failed before this start"));
  const Troubles troubles = engine->troubles(10);
  ASSERT_EQ(troubles.failing, 1U);
  EXPECT_EQ(troubles.list[0].run, RunId{5});
  EXPECT_THAT(troubles.list[0].says, HasSubstr("(5 runs in a row)"));
  EXPECT_EQ(troubles.list[0].since, at(1));
  mend("a");
  const std::string log = seconds(2);
  EXPECT_EQ(times(log, "a task works again"), 1);
  ASSERT_EQ(sink.told.size(), 2U);
  EXPECT_THAT(sink.told[0], HasSubstr("raised: task 'a'"));
  EXPECT_EQ(sink.told[1], "cleared: on_failure");
  EXPECT_EQ(engine->troubles(10).failing, 0U);
}

TEST_F(FailingTest, WhatTheServiceDiedWithIsLostAndTold) {
  start({alarmed(task(1, "a"))});
  tick_after(1s);
  restart();
  testing::internal::CaptureStderr();
  start({alarmed(task(1, "a"))});
  EXPECT_THAT(testing::internal::GetCapturedStderr(),
              HasSubstr("a run failed task=a run=1 outcome=lost"));
  tick_after(10ms);
  ASSERT_EQ(sink.told.size(), 1U);
  EXPECT_THAT(sink.told[0], HasSubstr("was lost"));
}

TEST_F(FailingTest, ALaneThatIsFullIsToldToo) {
  lane_limit = 1;
  restart();
  start({task(1, "a"), task(2, "b")});
  testing::internal::CaptureStderr();
  tick_after(1s);
  EXPECT_THAT(testing::internal::GetCapturedStderr(), HasSubstr("outcome=skipped_lane_full"));
}

TEST_F(FailingTest, ATaskThatIsTakenAwayIsNotFailingAnyMore) {
  start({alarmed(task(1, "a")), task(2, "b")});
  fail("a");
  seconds(2);
  ASSERT_EQ(engine->alarms().size(), 1U);
  ASSERT_TRUE(engine->reload({task(2, "b")}));
  seconds(1);
  EXPECT_EQ(sink.told.back(), "cleared: on_failure");
  EXPECT_EQ(engine->troubles(10).failing, 0U);
}

TEST_F(FailingTest, AStepThatIsSkippedIsNotFailingAnyMore) {
  start({task(1, "a", "1h")});
  fail("a");
  ASSERT_TRUE(engine->run_now("a", {}));
  lanes->run_all();
  ASSERT_EQ(engine->troubles(10).failing, 1U);
  ASSERT_TRUE(engine->skip_step("a", 20260522, {"bob", "done by hand"}));
  EXPECT_EQ(engine->troubles(10).failing, 0U);
}

TEST_F(FailingTest, AnAlarmAboutATaskThatNeverRanSaysSo) {
  const auto watched = [](TaskSpec spec) {
    return with(std::move(spec),
                [](SpecialPolicies& special) { special.alarms.not_run_for = 60s; });
  };
  start({watched(task(1, "a", "")), watched(task(2, "b", ""))});
  engine->tick(clock.now());
  fail("b");
  ASSERT_TRUE(engine->run_now("b", {}));
  lanes->run_all();
  tick_after(60s);
  ASSERT_EQ(sink.told.size(), 2U);
  EXPECT_EQ(sink.told[0],
            "raised: task 'a' has not succeeded for 1m: it has never run, as far as the ledger "
            "knows; watched since 2026-05-22T08:30:00Z");
  EXPECT_THAT(sink.told[1], HasSubstr("no run of it has succeeded, as far as the ledger knows"));
  EXPECT_THAT(sink.told[1], HasSubstr("failed at 2026-05-22T08:30:00Z: no such column: x"));
}

TEST_F(FailingTest, ASuccessOfLongAgoIsKnownAfterARestart) {
  const auto watched = [] {
    return with(task(1, "a"), [](SpecialPolicies& special) { special.alarms.not_run_for = 10min; });
  };
  start({watched()});
  seconds(1);
  fail("a");
  seconds(300);  // more rows than are looked at one by one
  restart();
  start({watched()});
  tick_after(10min);
  ASSERT_FALSE(sink.told.empty());
  EXPECT_THAT(sink.told.back(), HasSubstr("its latest success was at 2026-05-22T08:30:01Z"));
}

}  // namespace
}  // namespace systask::scheduler
