// The end of a service: bodies under way get their time, and what is ended then is lost.
#include "scheduler/engine/drain.h"

#include <gmock/gmock.h>

#include <condition_variable>
#include <future>
#include <mutex>
#include <stdexcept>
#include <thread>

#include "scheduler/engine/lost.h"
#include "tests/unit/scheduler/engine_fixture.h"

namespace systask::scheduler {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::StartsWith;

struct DrainCase {
  const char* what;
  std::optional<Micros> stop_timeout;  // the task's
  std::optional<Micros> asked;         // since the stop began
  int hurries;                         // at 10 s
  Micros now;
  DrainStep step;
  Micros given_up;
};

class DecideDrain : public testing::TestWithParam<DrainCase> {};

TEST_P(DecideDrain, ByTable) {
  const DrainCase& one = GetParam();
  TaskSpec spec{.id = TaskId{1}, .name = "a"};
  SpecialPolicies special;
  special.stop_timeout = one.stop_timeout;
  spec.special_policies = std::make_shared<const SpecialPolicies>(special);
  const MonotonicPoint since{1h};
  DrainBody body{spec, RunId{7}, {}};
  if (one.asked) body.asked_at = since + *one.asked;
  const DrainRules rules{since, 30s, one.hurries, one.hurries > 0 ? since + 10s : since};
  const DrainDecision decision = decide_drain(body, rules, since + one.now);
  EXPECT_EQ(decision.step, one.step) << one.what;
  EXPECT_EQ(decision.given_up, since + one.given_up) << one.what;
}

INSTANTIATE_TEST_SUITE_P(
    All, DecideDrain,
    testing::Values(
        DrainCase{"it has time", {}, {}, 0, 29s, DrainStep::kWait, 35s},
        DrainCase{"its time is over", {}, {}, 0, 30s, DrainStep::kAsk, 35s},
        DrainCase{"it was asked", {}, 30s, 0, 34s, DrainStep::kWait, 35s},
        DrainCase{"it did not stop", {}, 30s, 0, 35s, DrainStep::kGiveUp, 35s},
        DrainCase{"the task says how long", 2min, {}, 0, 119s, DrainStep::kWait, 125s},
        DrainCase{"the task has no time", 0s, {}, 0, 0s, DrainStep::kAsk, 5s},
        DrainCase{"somebody hurries", {}, {}, 1, 10s, DrainStep::kAsk, 12s},
        DrainCase{"hurried, and asked before", {}, 8s, 1, 11s, DrainStep::kWait, 12s},
        DrainCase{"hurried, and asked long before", {}, 6s, 1, 11s, DrainStep::kGiveUp, 11s},
        DrainCase{"hurried, and did not stop", {}, 10s, 1, 12s, DrainStep::kGiveUp, 12s},
        DrainCase{"hurried twice", {}, 10s, 2, 10s, DrainStep::kGiveUp, 10s}));

// A body on a thread of its own, which waits until it is let go or asked to stop.
class DrainTest : public EngineTest {
 protected:
  ~DrainTest() override {
    let_go();
    if (thread_.joinable()) thread_.join();
  }

  // What the body does that has begun, once it may go on: answers, throws, or is deaf.
  void begin(const std::string& name, std::function<std::string(bool asked)> then,
             bool deaf = false) {
    bodies[name] = [this, then = std::move(then), deaf](const RunContext& run) -> std::string {
      std::unique_lock lock{mutex_};
      begun_ = true;
      changed_.notify_all();
      if (deaf)
        changed_.wait(lock, [this] { return free_; });
      else
        changed_.wait(lock, run.stop, [this] { return free_; });
      lock.unlock();
      return then(run.stop.stop_requested());
    };
    auto job = lanes->take_one();
    ASSERT_TRUE(job);
    thread_ = std::thread{[job = std::move(*job)] { job.work(); }};
    std::unique_lock lock{mutex_};
    changed_.wait(lock, [this] { return begun_; });
  }
  void let_go() {
    const std::scoped_lock lock{mutex_};
    free_ = true;
    changed_.notify_all();
  }

  // The engine drains on another thread; each second it says how far it is.
  void drain() {
    drained_ = std::async(std::launch::async, [this] {
      engine->drain({.timeout = 30s,
                     .tell =
                         [this](const DrainProgress& now) {
                           const std::scoped_lock lock{mutex_};
                           told_ = now;
                           ++times_;
                           changed_.notify_all();
                         },
                     .tell_first = 0s,
                     .tell_every = 1s});
    });
    std::unique_lock lock{mutex_};
    changed_.wait(lock, [this] { return times_ > 0; });
  }
  // So much time passes, and the engine has seen it.
  DrainProgress pass(Micros time) {
    std::unique_lock lock{mutex_};
    const int before = times_;
    clock.advance(time);
    changed_.wait(lock, [&] { return times_ > before; });
    return told_;
  }
  void wait_until_drained() {
    ASSERT_EQ(drained_.wait_for(20s), std::future_status::ready);
    drained_.get();
    engine->stop(Micros{0});
  }

  static TaskSpec rerun(TaskSpec spec) {
    spec.on_lost = OnLost::kRerun;
    return spec;
  }

 private:
  std::mutex mutex_;
  std::condition_variable_any changed_;
  bool begun_ = false;
  bool free_ = false;
  int times_ = 0;
  DrainProgress told_;
  std::thread thread_;
  std::future<void> drained_;
};

TEST_F(DrainTest, ABodyThatEndsInTimeHasItsOwnOutcome) {
  start({task(1, "a")});
  tick_after(1s);
  begin("a", [](bool asked) { return std::string{asked ? "asked" : "in time"}; });
  drain();
  const DrainProgress told = pass(21s);
  EXPECT_EQ(told.bodies, 1U);
  EXPECT_EQ(told.longest, 14s);  // 9 s to go, and 5 s of grace
  EXPECT_THAT(told.who, HasSubstr("a (run 1, 14s more)"));
  EXPECT_EQ(engine->run_now("a", {}).error().code, "STOPPED");
  let_go();
  wait_until_drained();
  EXPECT_EQ(state(1, 1), RunState::kSucceeded);
  EXPECT_EQ(row(1, 1)->detail, "in time");
}

TEST_F(DrainTest, WhatIsEndedAfterItsTimeIsForOnLost) {
  start({rerun(task(1, "a", "1h"))});
  clock.set_wall(at(1800));
  engine->tick(clock.now());
  begin("a", [](bool) -> std::string { throw RunStopped("halfway"); });
  drain();
  pass(25s);
  clock.advance(6s);
  wait_until_drained();
  const RunRow open = row(1, 1800).value();
  EXPECT_EQ(open.state, RunState::kClaimed);
  EXPECT_THAT(open.detail, StartsWith("ended by the service's stop, 31s after it began: halfway"));
  bodies.clear();
  restart();
  start({rerun(task(1, "a", "1h"))});
  lanes->run_all();
  EXPECT_EQ(state(1, 1800), RunState::kSucceeded);
  EXPECT_EQ(row(1, 1800)->attempt, 2);
  ASSERT_EQ(attempts.of(open.id).size(), 1U);
  EXPECT_EQ(attempts.of(open.id)[0].detail, open.detail);
}

TEST_F(DrainTest, OrIsRecordedAsLostWithTheReason) {
  start({task(1, "a", "1h")});
  clock.set_wall(at(1800));
  engine->tick(clock.now());
  begin("a", [](bool) -> std::string { throw std::runtime_error("interrupted"); });
  drain();
  engine->hurry();
  wait_until_drained();
  restart();
  start({task(1, "a", "1h")});
  EXPECT_EQ(lanes->run_all(), 0U);
  EXPECT_EQ(state(1, 1800), RunState::kLost);
  EXPECT_THAT(row(1, 1800)->detail, HasSubstr("ended by the service's stop"));
  EXPECT_THAT(row(1, 1800)->detail, HasSubstr("interrupted"));
  EXPECT_THAT(row(1, 1800)->detail, HasSubstr("systask rerun 1"));
}

TEST_F(DrainTest, WhoAskedForARunIsTold) {
  start({task(1, "a", ""), task(2, "b", "")});
  std::promise<RunRow> a;
  std::promise<RunRow> b;
  ASSERT_TRUE(engine->run_now("a", {"alice", {}, [&](const RunRow& run) { a.set_value(run); }}));
  begin("a", [](bool) -> std::string { throw RunStopped("halfway"); });
  ASSERT_TRUE(engine->run_now("b", {"bob", {}, [&](const RunRow& run) { b.set_value(run); }}));
  drain();
  const RunRow waited = b.get_future().get();  // it had not begun, and is told at once
  EXPECT_EQ(waited.state, RunState::kLost);
  EXPECT_THAT(waited.detail, HasSubstr("stopped before it began"));
  engine->hurry();
  wait_until_drained();
  const RunRow ended = a.get_future().get();
  EXPECT_EQ(ended.state, RunState::kLost);
  EXPECT_THAT(ended.detail, StartsWith("ended by the service's stop"));
  EXPECT_TRUE(ledger.unfinished().empty());
}

TEST_F(DrainTest, ABodyThatIsDeafIsGivenUp) {
  start({rerun(task(1, "a"))});
  tick_after(1s);
  begin(
      "a", [](bool) { return std::string{"too late"}; }, true);
  drain();
  engine->hurry();
  engine->hurry();
  wait_until_drained();
  EXPECT_EQ(engine->bodies(), 1U);
  EXPECT_EQ(state(1, 1), RunState::kClaimed);
  EXPECT_THAT(row(1, 1)->detail, HasSubstr("did not stop within"));
}

TEST_F(DrainTest, TimeoutsGoOn) {
  TaskSpec limited = task(1, "a");
  limited.timeout = 10s;
  start({limited});
  tick_after(1s);
  begin("a", [](bool) -> std::string { throw RunStopped("halfway"); });
  drain();
  clock.advance(10s);
  wait_until_drained();
  EXPECT_EQ(state(1, 1), RunState::kTimedOut);
}

TEST_F(DrainTest, AnAttemptThatIsLeftIsMadeByTheNextStart) {
  const auto retried = [](SpecialPolicies& special) { special.retry = {.times = 1}; };
  const auto specs = [&] {
    return std::vector{with(rerun(task(1, "a", "1h")), retried), with(task(2, "b", "1h"), retried)};
  };
  start(specs());
  clock.set_wall(at(1800));
  engine->tick(clock.now());
  begin("a", [](bool) -> std::string { throw std::runtime_error("no luck"); });
  drain();
  let_go();
  wait_until_drained();
  EXPECT_EQ(state(1, 1800), RunState::kClaimed);
  EXPECT_EQ(state(2, 1800), RunState::kClaimed);  // had not begun
  restart();
  bodies["a"] = [](const RunContext&) -> std::string { throw std::runtime_error("again"); };
  start(specs());
  lanes->run_all();
  EXPECT_EQ(state(1, 1800), RunState::kFailed);  // the second and last attempt
  EXPECT_EQ(row(1, 1800)->attempt, 2);
}

}  // namespace
}  // namespace systask::scheduler
