// Steps of groups: skipped for a date, gone on with, and how they stand.
#include "scheduler/engine/step_state.h"

#include <gmock/gmock.h>

#include <stdexcept>

#include "tests/unit/scheduler/engine_fixture.h"

namespace systask::scheduler {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

const Asked kBob{"bob", "by hand"};
constexpr int kToday = 20260522;
constexpr int kTomorrow = 20260523;

class StepsTest : public EngineTest {
 protected:
  StepsTest() {
    date_of = [](TimePoint at) {
      return from_rfc3339("2026-05-23T00:00:00Z").value() <= at ? kTomorrow : kToday;
    };
  }
  static TaskSpec step(int id, std::string name, const std::string& every,
                       std::vector<std::string> after = {}) {
    TaskSpec spec = task(id, std::move(name), every);
    spec.group = "day";
    spec.late = {24h, LatePolicy::Otherwise::kRun};
    for (std::string& one : after)
      spec.after.push_back({std::move(one)});
    return spec;
  }
  void fails(const std::string& name) {
    bodies[name] = [](const RunContext&) -> std::string { throw std::runtime_error("no disk"); };
  }
  StepState today(const std::string& name) const {
    return engine->task(name)->today.value_or(StepState{});
  }
  std::string why(const std::string& name, TimePoint when) const {
    const auto found = engine->explain(name, when);
    return found ? found->says : found.error().message;
  }
  void set(const char* time) {
    clock.set_wall(from_rfc3339(time).value());
    engine->tick(clock.now());
    lanes->run_all();
  }
  RunRow last(int id) { return ledger.runs({.task = TaskId{id}}).front(); }
};

TEST_F(StepsTest, ASkippedStepDoesNotRunForItsDateAndOverARestart) {
  const auto specs = [] { return std::vector{step(1, "a", "1h"), step(2, "b", "", {"a"})}; };
  start(specs());
  ASSERT_TRUE(engine->skip_step("a", kToday, kBob));
  lanes->run_all();
  EXPECT_EQ(count("b"), 1U);  // what comes after it started at once
  const auto ahead = engine->explain("a", at(1800)).value();
  EXPECT_EQ(ahead.expected, RunState::kSkippedStep);
  EXPECT_THAT(ahead.says, HasSubstr("skipped by bob: by hand"));
  set("2026-05-22T09:00:00Z");
  EXPECT_EQ(state(1, 1800), RunState::kSkippedStep);
  EXPECT_EQ(row(1, 1800)->detail, "skipped by bob: by hand");
  restart();
  start(specs());
  set("2026-05-22T10:00:00Z");
  EXPECT_EQ(state(1, 5400), RunState::kSkippedStep);
  EXPECT_EQ(count("a"), 0U);
  EXPECT_EQ(count("b"), 1U);
  set("2026-05-23T01:00:00Z");
  EXPECT_EQ(count("a"), 1U);
}

TEST_F(StepsTest, ADateThatHasNotComeDoesNotTouchToday) {
  start({step(1, "a", ""), step(2, "b", "", {"a"}), step(3, "c", "", {"b"})});
  ASSERT_TRUE(engine->skip_step("b", kTomorrow, kBob));
  lanes->run_all();
  EXPECT_EQ(count("c"), 0U);
  ASSERT_TRUE(engine->run_now("a", {}));
  lanes->run_all();
  EXPECT_EQ(count("b"), 1U);
  EXPECT_EQ(count("c"), 1U);
  set("2026-05-23T01:00:00Z");
  ASSERT_TRUE(engine->run_now("a", {}));
  lanes->run_all();
  EXPECT_EQ(count("b"), 1U);  // tomorrow's is skipped
  EXPECT_EQ(last(2).state, RunState::kSkippedStep);
  EXPECT_EQ(count("c"), 2U);
}

TEST_F(StepsTest, ASkipThatIsNotKeptIsNone) {
  start({step(1, "a", "1h")});
  skips.down = true;
  EXPECT_THROW(static_cast<void>(engine->skip_step("a", kToday, kBob)), std::exception);
  set("2026-05-22T09:00:00Z");
  EXPECT_EQ(state(1, 1800), RunState::kSucceeded);
}

TEST_F(StepsTest, GoingOnLeavesWhatIsNotDueToItsSchedule) {
  start({step(1, "a", "1h"), step(2, "b", "2h")});
  fails("a");
  set("2026-05-22T09:00:00Z");
  EXPECT_EQ(state(1, 1800), RunState::kFailed);
  bodies.clear();
  EXPECT_EQ(engine->resume_group("day", kBob).value(), 1U);
  lanes->run_all();
  EXPECT_EQ(count("a"), 2U);
  EXPECT_EQ(count("b"), 0U);  // 10:00 comes
  EXPECT_EQ(engine->resume_group("day", kBob).error().code, "NOTHING_TO_DO");
}

TEST_F(StepsTest, TellHowTheyStandDownToTheOneThatFailed) {
  start({step(1, "a", "1h"), step(2, "b", "1h", {"a"}), step(3, "c", "", {"b"})});
  EXPECT_EQ(today("a").state, "not due");
  EXPECT_EQ(today("a").says, "not due until 2026-05-22T09:00:00Z");
  EXPECT_EQ(today("b").state, "not due");
  EXPECT_EQ(today("c").says, "waits for 'b', which is not due until 2026-05-22T09:00:00Z");
  fails("a");
  set("2026-05-22T09:00:00Z");
  EXPECT_EQ(today("a").state, "failed");
  EXPECT_THAT(today("a").says, HasSubstr("failed at 2026-05-22T09:00:00Z (run 1): no disk"));
  EXPECT_EQ(today("b").state, "waits");
  EXPECT_THAT(today("b").says, HasSubstr("waits for 'a', which failed at 2026-05-22T09:00:00Z"));
  EXPECT_THAT(today("c").says, HasSubstr("waits for 'b', which waits for 'a', which failed"));
  for (const char* name : {"a", "b", "c"}) {
    EXPECT_THAT(today(name).to_do, HasSubstr("systask group continue day")) << name;
    EXPECT_THAT(today(name).to_do, HasSubstr("systask task skip a")) << name;
  }
  ASSERT_TRUE(engine->pause(Target::task("a"), kBob));
  EXPECT_EQ(engine->explain("a", at(9000))->held, "paused by bob: by hand");
  EXPECT_EQ(today("a").state, "failed");
  ASSERT_TRUE(engine->skip_step("a", kToday, kBob));
  lanes->run_all();
  EXPECT_EQ(today("a").says, "skipped by bob: by hand");
  EXPECT_EQ(today("b").state, "succeeded");
  EXPECT_EQ(today("c").state, "succeeded");
  EXPECT_EQ(today("c").to_do, "");
}

TEST_F(StepsTest, WhatCameOfAnotherDateIsNotTodays) {
  start({step(1, "a", ""), step(2, "b", "", {"a"})});
  fails("a");
  ASSERT_TRUE(engine->run_now("a", {}));
  lanes->run_all();
  EXPECT_EQ(today("a").state, "failed");
  set("2026-05-23T01:00:00Z");
  EXPECT_EQ(today("a").says, "has no run for 20260523");
}

TEST_F(StepsTest, OfATaskThatIsNoStepNothingIsTold) {
  start({task(1, "a")});
  EXPECT_FALSE(engine->task("a")->today);
}

struct StateCase {
  const char* what;
  std::function<void(StepFacts&)> change;
  const char* state;
  const char* says;
};

class StepStates : public testing::TestWithParam<StateCase> {};

TEST_P(StepStates, ByTable) {
  const TimePoint now = from_rfc3339("2026-05-22T08:30:00Z").value();
  const auto spec = [](const char* name, std::vector<Predecessor> after) {
    TaskSpec made{.id = TaskId{1}, .name = name};
    made.group = "day";
    made.after = std::move(after);
    return std::make_shared<const TaskSpec>(made);
  };
  StepFacts facts{.spec = spec("b", {{"a"}}), .date = kToday, .now = now};
  GetParam().change(facts);
  const StepFacts before{.spec = spec("a", {}), .date = kToday, .now = now};
  const StepState found = step_state(facts, [&](std::string_view name) -> std::optional<StepFacts> {
    return name == "a" ? std::optional{before} : std::nullopt;
  });
  EXPECT_EQ(found.state, GetParam().state) << GetParam().what;
  EXPECT_THAT(found.says, HasSubstr(GetParam().says)) << GetParam().what;
}

RunRow ended(RunState state) {
  return {.id = RunId{7},
          .state = state,
          .business_date = kToday,
          .finished_at = from_rfc3339("2026-05-22T08:00:03Z"),
          .detail = "no disk"};
}

INSTANTIATE_TEST_SUITE_P(
    All, StepStates,
    testing::Values(
        StateCase{"waits", [](StepFacts&) {}, "waits", "waits for 'a', which has no run for"},
        StateCase{"paused", [](StepFacts& step) { step.held = "paused by bob: why"; }, "paused",
                  "paused by bob: why"},
        StateCase{"held", [](StepFacts& step) { step.held = "nothing starts from"; }, "held",
                  "nothing starts from"},
        StateCase{"skipped", [](StepFacts& step) { step.skipped = "skipped by bob: why"; },
                  "skipped", "skipped by bob: why"},
        StateCase{"failed", [](StepFacts& step) { step.last = ended(RunState::kFailed); }, "failed",
                  "failed at 2026-05-22T08:00:03Z (run 7): no disk"},
        StateCase{"failed, and its next occurrence waits",
                  [](StepFacts& step) {
                    step.last = ended(RunState::kFailed);
                    step.waiting = true;
                  },
                  "waits", "waits for 'a'"},
        StateCase{"done",
                  [](StepFacts& step) {
                    step.last = ended(RunState::kSucceeded);
                    step.done = true;
                  },
                  "succeeded", "succeeded at 2026-05-22T08:00:03Z"},
        StateCase{"retrying",
                  [](StepFacts& step) {
                    step.last = ended(RunState::kFailed);
                    step.retry_at = step.now + 10s;
                  },
                  "retrying", "its next attempt is due at 2026-05-22T08:30:10Z"},
        StateCase{"running",
                  [](StepFacts& step) {
                    step.run = RunId{9};
                    step.since = step.now;
                  },
                  "running", "runs since 2026-05-22T08:30:00Z (run 9)"},
        StateCase{"about to begin", [](StepFacts& step) { step.run = RunId{9}; }, "running",
                  "about to begin (run 9)"},
        StateCase{"not due", [](StepFacts& step) { step.due = step.now + 30min; }, "not due",
                  "not due until 2026-05-22T09:00:00Z"}));

}  // namespace
}  // namespace systask::scheduler
