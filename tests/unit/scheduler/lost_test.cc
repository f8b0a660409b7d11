// Runs whose bodies end the service: how often they are made again.
#include "scheduler/engine/lost.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <stdexcept>

#include "tests/unit/scheduler/engine_fixture.h"

namespace systask::scheduler {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

class LostTest : public EngineTest {
 protected:
  LostTest() {
    // Nothing that the body does after this reaches the ledger.
    bodies["a"] = [this](const RunContext&) {
      ledger.set_down(true);
      return std::string{};
    };
  }

  TaskSpec deadly(int times) const {
    TaskSpec spec = task(1, "a", "1h");
    spec.on_lost = OnLost::kRerun;
    spec.special_policies = std::make_shared<const SpecialPolicies>(
        SpecialPolicies{.retry = {.times = times}, .not_after = {}, .exclusive = {}, .alarms = {}});
    return spec;
  }
  void begin(const TaskSpec& spec) {
    start({spec});
    clock.set_wall(at(1800));
    engine->tick(clock.now());
  }
  // The service dies with what is under way, and the next one begins.
  void die(const TaskSpec& spec) {
    lanes->run_all();
    restart();
    ledger.set_down(false);
    start({spec});
  }
  [[nodiscard]] RunRow run() { return row(1, 1800).value(); }
};

class LostTimes : public LostTest, public testing::WithParamInterface<int> {};

TEST_P(LostTimes, AttemptsAreCountedOverRestartsAndBounded) {
  const int times = GetParam();
  const TaskSpec spec = deadly(times);
  begin(spec);
  const int most = 1 + (times == 0 ? kRerunsWithoutRetry : times);
  for (int attempt = 1; attempt <= most; ++attempt) {
    EXPECT_EQ(run().state, RunState::kClaimed);
    EXPECT_EQ(run().attempt, attempt);
    die(spec);
  }
  EXPECT_EQ(seen.size(), static_cast<std::size_t>(most));
  EXPECT_EQ(seen.back().attempt, most);
  EXPECT_EQ(lanes->queued(), 0U);
  EXPECT_EQ(run().state, RunState::kLost);
  EXPECT_THAT(run().detail, HasSubstr(fmt::format("it was tried {} times", most)));
  EXPECT_EQ(attempts.of(run().id).size(), static_cast<std::size_t>(most) - 1);
}
INSTANTIATE_TEST_SUITE_P(OfRetry, LostTimes, testing::Values(0, 1, 5));

TEST_F(LostTest, AnAttemptThatDidNotBeginDoesNotCount) {
  const TaskSpec spec = deadly(1);
  begin(spec);
  die(spec);
  for (int i = 0; i < 5; ++i) {
    restart();  // before it begins
    start({spec});
    EXPECT_EQ(run().state, RunState::kClaimed);
    EXPECT_EQ(run().attempt, 2);
  }
}

TEST_F(LostTest, RetriesOfEarlierServicesCountForTheRetry) {
  const TaskSpec spec = deadly(2);
  begin(spec);
  die(spec);
  bodies["a"] = [](const RunContext&) -> std::string { throw std::runtime_error("no luck"); };
  lanes->run_all();
  EXPECT_EQ(run().state, RunState::kClaimed);  // the second attempt failed
  clock.advance(1h);
  engine->attend(clock.now());
  lanes->run_all();
  EXPECT_EQ(run().state, RunState::kFailed);
  EXPECT_EQ(run().attempt, 3);
}

TEST_F(LostTest, AFailedAttemptIsNoneThatWasUnderWay) {
  const TaskSpec spec = deadly(3);
  bodies["a"] = [](const RunContext&) -> std::string { throw std::runtime_error("no luck"); };
  begin(spec);
  for (int i = 0; i < 2; ++i) {
    lanes->run_all();
    clock.advance(10min);
    engine->attend(clock.now());
  }
  // The third is in its lane, and has not begun.
  restart();
  start({spec});
  EXPECT_EQ(run().attempt, 3);
  lanes->run_all();
  EXPECT_EQ(seen.back().attempt, 3);
}

TEST(DecideLost, WhatTheServicesStopEndedDoesNotCount) {
  TaskSpec spec{.id = TaskId{1}, .name = "a"};
  spec.on_lost = OnLost::kRerun;
  std::vector<RunAttempt> earlier;
  for (int attempt = 1; attempt <= 20; ++attempt)
    earlier.push_back({.run = RunId{1},
                       .attempt = attempt,
                       .state = RunState::kLost,
                       .detail = "ended by the service's stop, 31s after it began"});
  RunRow row{.id = RunId{1}, .attempt = 21, .started_at = TimePoint{1s}};
  row.detail = "ended by the service's stop, 2s after it began";
  const LostRun lost = decide_lost(spec, row, earlier);
  EXPECT_TRUE(lost.again);
  EXPECT_TRUE(lost.began);
  EXPECT_EQ(lost.attempt, 21);
  EXPECT_EQ(lost.failures, 0);
}

}  // namespace
}  // namespace systask::scheduler
