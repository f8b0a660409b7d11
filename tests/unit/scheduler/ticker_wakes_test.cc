// What wakes the ticker's thread, and the thread that writes a batch: each test first waits until
// it sleeps.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <future>
#include <latch>
#include <thread>

#include "scheduler/engine/batch_queue.h"
#include "scheduler/engine/ticker.h"
#include "scheduler/lanes/lane.h"
#include "tests/support/asleep.h"
#include "tests/support/manual_clock.h"
#include "tests/support/memory_ledger.h"

namespace systask::scheduler {
namespace {

using namespace std::chrono_literals;

// Tells on which thread it is asked for the time: a ticker asks as soon as it has begun.
class WatchedClock final : public Clock {
 public:
  explicit WatchedClock(std::thread::id but) : but_(but) {}

  [[nodiscard]] TimePoint now() const override {
    if (std::this_thread::get_id() != but_ && !told_.exchange(true))
      thread_.set_value(this_thread());
    return clock_.now();
  }
  [[nodiscard]] MonotonicPoint monotonic() const override { return clock_.monotonic(); }

  ManualClock& hands() { return clock_; }
  pid_t ticker() { return thread_.get_future().get(); }

 private:
  const std::thread::id but_;
  ManualClock clock_{from_rfc3339("2026-05-22T08:30:00.5Z").value()};
  mutable std::atomic<bool> told_ = false;
  mutable std::promise<pid_t> thread_;
};

TEST(TickerWakes, AStopDoesNotWaitForTheNextSecond) {
  // The clock stands still, so that the next second never comes by itself.
  WatchedClock clock{std::this_thread::get_id()};
  MemoryLedger ledger;
  Registry registry;
  LaneSet lanes{{{1, {.threads = 1}}}};
  Engine engine{{clock, ledger, ledger, lanes, registry, [](TimePoint) { return 20260522; }}};
  ASSERT_TRUE(engine.start({}));
  Ticker ticker{clock, engine};
  ticker.start();
  ASSERT_TRUE(falls_asleep(clock.ticker()));
  auto stopped = std::async(std::launch::async, [&] { ticker.stop(); });
  EXPECT_EQ(stopped.wait_for(10s), std::future_status::ready);
  engine.stop();
}

TEST(TickerWakes, AnEventWakesALaneWhileTheTickerSleeps) {
  WatchedClock clock{std::this_thread::get_id()};
  MemoryLedger ledger;
  Registry registry;
  std::promise<void> ran;
  registry.add("a", [&](const RunContext&) {
    ran.set_value();
    return "done";
  });
  LaneSet lanes{{{1, {.threads = 1}}}};
  Engine engine{{clock, ledger, ledger, lanes, registry, [](TimePoint) { return 20260522; }}};
  ASSERT_TRUE(engine.start({{.id = TaskId{1}, .name = "a"}}));
  Ticker ticker{clock, engine};
  ticker.start();
  ASSERT_TRUE(falls_asleep(clock.ticker()));
  ASSERT_TRUE(engine.trigger("a"));
  EXPECT_EQ(ran.get_future().wait_for(10s), std::future_status::ready);
  ticker.stop();
  engine.stop();
}

// drain() sleeps until somebody hurries, or a body ends.
TEST(DrainWakes, ASecondSignalAndTheEndOfABody) {
  for (const bool hurried : {true, false}) {
    SCOPED_TRACE(hurried ? "hurried" : "ends");
    const SystemClock clock;
    MemoryLedger ledger;
    Registry registry;
    std::promise<void> begun;
    std::promise<void> free;
    registry.add("a", [&](const RunContext& run) -> std::string {
      const std::stop_callback asked{run.stop, [&] { free.set_value(); }};
      begun.set_value();
      free.get_future().wait();
      return "done";
    });
    LaneSet lanes{{{1, {.threads = 1}}}};
    Engine engine{{clock, ledger, ledger, lanes, registry, [](TimePoint) { return 20260522; }}};
    ASSERT_TRUE(engine.start({{.id = TaskId{1}, .name = "a"}}));
    ASSERT_TRUE(engine.run_now("a", {}));
    begun.get_future().wait();
    std::promise<pid_t> thread;
    auto drained = std::async(std::launch::async, [&] {
      thread.set_value(this_thread());
      engine.drain({.timeout = 1h});
    });
    ASSERT_TRUE(falls_asleep(thread.get_future().get()));
    if (hurried)
      engine.hurry();
    else
      free.set_value();
    EXPECT_EQ(drained.wait_for(10s), std::future_status::ready);
    engine.stop();
    EXPECT_EQ(ledger.runs({}).front().state, RunState::kSucceeded);
  }
}

// Whoever brings rows while another thread writes does not wait, and that thread writes them too.
TEST(BatchQueueWakes, RowsThatComeWhileAWriterSleepsAreWritten) {
  using Numbers = BatchQueue<int, int>;
  std::promise<pid_t> writer;
  std::promise<void> go;
  std::atomic<int> writes = 0;
  std::atomic<std::size_t> written = 0;
  Numbers queue{[&](std::span<const int>) {
                  if (writes++ > 0) return;
                  writer.set_value(this_thread());
                  go.get_future().wait();
                },
                [&](const Numbers::Batch& batch) { written += batch.rows.size(); }};
  std::thread first{[&] { queue.push(0, 0); }};
  ASSERT_TRUE(falls_asleep(writer.get_future().get()));
  for (int i = 1; i <= 2'500; ++i)
    queue.push(i, i);
  queue.flush();
  EXPECT_EQ(written, 0U) << "one thread writes at a time";
  go.set_value();
  first.join();
  EXPECT_EQ(written, 2'501U);
  EXPECT_GE(writes, 2);
}

// A writer that waits for more rows goes on as soon as there are enough.
TEST(BatchQueueWakes, ALedgerThatWasDownGetsAllThatWaited) {
  using Numbers = BatchQueue<int, int>;
  bool down = true;
  std::vector<int> rows;
  Numbers queue{[&](std::span<const int> batch) {
                  if (down) throw std::runtime_error("the database is gone");
                  rows.insert(rows.end(), batch.begin(), batch.end());
                },
                [](const Numbers::Batch&) {}};
  for (int i = 0; i < 3; ++i)
    queue.push(i, i);
  EXPECT_TRUE(rows.empty());
  down = false;
  queue.flush();
  EXPECT_EQ(rows, (std::vector{0, 1, 2}));
}

}  // namespace
}  // namespace systask::scheduler
