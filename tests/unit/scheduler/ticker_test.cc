// The whole room on real clocks and threads: a Ticker, lanes and events.
#include "scheduler/engine/ticker.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <latch>

#include "scheduler/lanes/lane.h"
#include "tests/support/memory_ledger.h"

namespace systask::scheduler {
namespace {

using namespace std::chrono_literals;

class TickerTest : public testing::Test {
 protected:
  TaskSpec task(int id, std::string name, const std::string& every) {
    TaskSpec spec{.id = TaskId{id}, .name = std::move(name)};
    if (!every.empty()) spec.timetable = parse_every_schedule(every).value();
    spec.schedule_text = every;
    return spec;
  }
  void start(std::vector<TaskSpec> specs) {
    const auto started = engine.start(std::move(specs));
    ASSERT_TRUE(started) << started.error().message;
  }

  SystemClock clock;
  MemoryLedger ledger;
  Registry registry;
  LaneSet lanes{{{1, {.threads = 4}}}};
  Engine engine{{clock, ledger, ledger, lanes, registry, [](TimePoint) { return 20260522; }}};
};

TEST_F(TickerTest, TicksWhenSomethingIsDue) {
  std::latch ran{3};
  registry.add("quick", [&](const RunContext& run) {
    EXPECT_EQ(run.nominal.time_since_epoch() % 50ms, 0us);
    if (!ran.try_wait()) ran.count_down();
    return "done";
  });
  start({task(1, "quick", "50ms")});
  Ticker ticker{clock, engine};
  ticker.stop();  // before start: nothing to do
  ticker.start();
  ticker.start();
  ran.wait();
  ticker.stop();
  ticker.stop();
  engine.stop();
  EXPECT_TRUE(ledger.unfinished().empty());
}

TEST_F(TickerTest, ClaimsAheadAndStartsNothingBeforeItsTime) {
  std::latch ran{3};
  registry.add("quick", [&](const RunContext& run) {
    EXPECT_GE(clock.now(), run.nominal);
    if (!ran.try_wait()) ran.count_down();
    return "done";
  });
  start({task(1, "quick", "100ms")});
  Ticker ticker{clock, engine};
  ticker.start();
  ran.wait();
  ticker.stop();
  engine.stop();
  std::size_t ahead = 0;
  for (const RunRow& row : ledger.runs({.limit = 1'000}))
    ahead += row.claimed_at < row.key.nominal ? 1 : 0;
  EXPECT_GT(ahead, 0U);
}

// The machine's clocks, of which the wall clock can be set.
class SetClock final : public Clock {
 public:
  [[nodiscard]] TimePoint now() const override { return clock_.now() + Micros{ahead_}; }
  [[nodiscard]] MonotonicPoint monotonic() const override { return clock_.monotonic(); }
  void set(Micros by) { ahead_ += by.count(); }

 private:
  SystemClock clock_;
  std::atomic<std::int64_t> ahead_ = 0;
};

// An engine whose clock is set back while a claim is made ahead, where there is something in
// `steps`.
class SetBackTest : public testing::Test {
 protected:
  void run(const std::string& every, std::size_t bodies) {
    std::latch done{static_cast<std::ptrdiff_t>(bodies)};
    registry.add("quick", [&](const RunContext& run) {
      EXPECT_GE(clock.now(), run.nominal) << "before its time";
      begins.with([&](auto& all) { all.push_back(clock.monotonic()); });
      if (!done.try_wait()) done.count_down();
      return "done";
    });
    TaskSpec spec{.id = TaskId{1}, .name = "quick"};
    spec.timetable = parse_every_schedule(every).value();
    spec.schedule_text = every;
    ASSERT_TRUE(engine.start({spec}));
    Ticker ticker{clock, engine};
    ticker.start();
    done.wait();
    ticker.stop();
    engine.stop();
  }
  // Asked while claims are made: those that are made ahead, before the time they are for.
  int date(TimePoint nominal) {
    if (clock.now() >= nominal || steps.empty()) return 20260522;
    if (++ahead % 3 != 0) return 20260522;
    clock.set(steps.front());
    steps.erase(steps.begin());
    return 20260522;
  }

  SetClock clock;
  MemoryLedger ledger;
  Registry registry;
  std::vector<Micros> steps;  // the clock is set so, one by one
  std::size_t ahead = 0;      // claims
  Guarded<std::vector<MonotonicPoint>> begins;
  LaneSet lanes{{{1, {.threads = 4}}}};
  Engine engine{
      {clock, ledger, ledger, lanes, registry, [this](TimePoint at) { return date(at); }}};
};

TEST_F(SetBackTest, NothingThatWasClaimedAheadBeginsBeforeItsTime) {
  steps = {-400ms, -40ms, -1h, -700ms, 30ms};
  run("100ms", 40);
  EXPECT_EQ(ledger.clock_steps().empty(), ahead < 3);
}

TEST_F(SetBackTest, ARhythmHasItsTickAtOnce) {
  steps = {-1h};
  run("1s", 6);
  begins.with([](const auto& all) {
    for (std::size_t i = 1; i < all.size(); ++i)
      EXPECT_LT(all[i] - all[i - 1], 5s) << "it waited for the wall clock";
  });
}

TEST_F(TickerTest, OneTaskThatHangsDelaysNoOther) {
  std::promise<void> go;
  std::latch ran{2};
  registry.add("hangs", [&](const RunContext&) {
    go.get_future().wait();
    return "at last";
  });
  registry.add("quick", [&](const RunContext&) {
    if (!ran.try_wait()) ran.count_down();
    return "done";
  });
  start({task(1, "hangs", ""), task(2, "quick", "50ms")});
  ASSERT_TRUE(engine.run_now("hangs", {"alice", {}, {}}));
  Ticker ticker{clock, engine};
  ticker.start();
  ran.wait();
  go.set_value();
  ticker.stop();
  engine.stop();
}

TEST_F(TickerTest, AnEventStartsItsTaskAtOnce) {
  std::promise<TimePoint> started;
  registry.add("recover", [&](const RunContext&) {
    started.set_value(clock.now());
    return "done";
  });
  start({task(1, "recover", "")});
  const TimePoint asked = clock.now();
  ASSERT_TRUE(engine.trigger("recover"));  // no ticker runs
  EXPECT_LT(started.get_future().get() - asked, 500ms);
  engine.stop();
}

TEST_F(TickerTest, ManyThreadsAskAndEveryRunHasOneOutcome) {
  std::atomic<int> bodies = 0;
  std::atomic<int> told = 0;
  for (const char* name : {"a", "b"})
    registry.add(name, [&](const RunContext&) {
      ++bodies;
      return "done";
    });
  TaskSpec again = task(2, "b", "50ms");
  again.overlap = Overlap::kRunOnceMore;
  start({task(1, "a", "50ms"), again});
  Ticker ticker{clock, engine};
  ticker.start();
  std::atomic<int> accepted = 0;
  {
    std::vector<std::jthread> askers;
    for (int i = 0; i < 4; ++i)
      askers.emplace_back([&, i] {
        for (int n = 0; n < 200; ++n) {
          const char* name = i % 2 == 0 ? "a" : "b";
          if (n % 3 == 0) (void)engine.trigger(name);
          RunRequest request{"asker", {}, [&](const RunRow&) { ++told; }};
          if (engine.run_now(name, std::move(request))) ++accepted;
          if (n % 50 == 0) (void)engine.pause("a", "for a moment", "asker");
          if (n % 50 == 1) (void)engine.resume("a", "go on", "asker");
          (void)engine.tasks();
        }
      });
  }
  std::promise<void> last;  // what runs once more may still be under way: wait for it
  while (!engine.run_now("b", {"end", {}, [&](const RunRow&) { last.set_value(); }}))
    std::this_thread::yield();
  last.get_future().wait();
  ticker.stop();
  engine.stop();
  for (const RunRow& row : ledger.unfinished())
    EXPECT_FALSE(row.started_at) << row.detail;
  EXPECT_GT(accepted, 0);
  EXPECT_LE(told, accepted);
  EXPECT_GT(bodies, 0);
}

}  // namespace
}  // namespace systask::scheduler
