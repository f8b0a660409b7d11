// How late runs start: 26 tasks each second, on the real clock and a real database, for two
// minutes on the machine as it is and two with both cores busy. Lateness is what the ledger
// says: started minus nominal. Beside it, in the same seconds, a bare thread that waits for
// each whole second and does nothing: what no scheduler on this machine could better.
//
//   tick_bench [seconds of each part, 120] [folder of the database]
#include <fmt/format.h>
#include <unistd.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <set>
#include <thread>

#include "db/run_ledger.h"
#include "db/task_store.h"
#include "scheduler/engine/ticker.h"
#include "scheduler/lanes/lane.h"
#include "tests/bench/engine_world.h"

namespace systask::scheduler {
namespace {

using namespace std::chrono_literals;

constexpr int kTasks = 26;

// Threads that only count, one for each core, while they live.
class BusyCores {
 public:
  explicit BusyCores(unsigned cores) {
    for (unsigned i = 0; i < cores; ++i)
      threads_.emplace_back([this] {
        while (!stop_.load(std::memory_order_relaxed))
          counted_.fetch_add(1, std::memory_order_relaxed);
      });
  }
  ~BusyCores() { stop_ = true; }
  BusyCores(const BusyCores&) = delete;
  BusyCores& operator=(const BusyCores&) = delete;

 private:
  std::atomic<bool> stop_ = false;
  std::atomic<std::uint64_t> counted_ = 0;
  std::vector<std::jthread> threads_;
};

// Waits for that many whole seconds, one by one; how late it woke for each.
std::vector<Micros> bare_wake_ups(const Clock& clock, int seconds) {
  std::mutex mutex;
  std::condition_variable nobody;
  std::vector<Micros> late;
  for (int i = 0; i < seconds; ++i) {
    const TimePoint deadline = std::chrono::floor<std::chrono::seconds>(clock.now()) + 1s;
    std::unique_lock lock{mutex};
    while (clock.now() < deadline)
      nobody.wait_for(lock, deadline - clock.now());
    late.push_back(clock.now() - deadline);
  }
  return late;
}

struct Measured {
  std::vector<Micros> bare;
  std::vector<Micros> starts;
  std::size_t missed = 0;  // occurrences without a run that succeeded
  std::size_t doubled = 0;
};

Measured measure(const std::string& folder, int seconds, unsigned busy_cores) {
  BenchDatabase home{folder, "tick"};
  db::RunLedger ledger{*home};
  db::TaskStore store{*home};
  const SystemClock clock;
  LaneSet lanes{{{1, {.threads = 8}}}};
  Registry registry;
  registry.add("work", [](const RunContext&) { return "done"; });
  Engine engine{{clock, ledger, store, lanes, registry, any_day}};
  start(engine, tasks_of(kTasks, kTasks));
  Ticker ticker{clock, engine};
  ticker.start();
  Measured measured;
  const TimePoint first = std::chrono::floor<std::chrono::seconds>(clock.now()) + 1s;
  {
    const BusyCores busy{busy_cores};
    measured.bare = bare_wake_ups(clock, seconds);
    static_cast<void>(bare_wake_ups(clock, 1));  // the last second's runs end
  }
  ticker.stop();
  engine.stop();
  std::set<RunKey> seen;
  const TimePoint end = first + std::chrono::seconds{seconds};
  for (const RunRow& row : ledger.runs({.before = end, .limit = 10'000'000})) {
    if (row.key.nominal < first || row.state != RunState::kSucceeded) continue;
    measured.doubled += seen.emplace(row.key).second ? 0 : 1;
    measured.starts.push_back(*row.started_at - row.key.nominal);
  }
  measured.missed = static_cast<std::size_t>(seconds) * kTasks - seen.size();
  return measured;
}

void print_row(std::string_view what, std::vector<Micros> late) {
  fmt::print("  {:<38} {:>8} {:>9.3f} {:>9.3f} {:>9.3f}\n", what, late.size(),
             percentile_ms(late, 50), percentile_ms(late, 99), percentile_ms(late, 100));
}

int bench(int seconds, const std::string& folder) {
  fmt::print("{} tasks each second; lateness of start in milliseconds\n", kTasks);
  fmt::print("  {:<38} {:>8} {:>9} {:>9} {:>9}\n", "", "starts", "p50", "p99", "max");
  for (const unsigned busy : {0U, std::max(1U, std::thread::hardware_concurrency())}) {
    fmt::print("{} for {} s\n",
               busy == 0 ? "machine as it is" : fmt::format("{} cores kept busy", busy), seconds);
    Measured measured = measure(folder, seconds, busy);
    print_row("a bare thread wakes up", measured.bare);
    print_row("a task starts, its claim durable", measured.starts);
    fmt::print("  missed {}, doubled {}; p99 is {:.2f} ms above the bare thread's\n",
               measured.missed, measured.doubled,
               percentile_ms(measured.starts, 99) - percentile_ms(measured.bare, 99));
  }
  return 0;
}

}  // namespace
}  // namespace systask::scheduler

int main(int argc, char** argv) {
  return systask::scheduler::bench(argc > 1 ? std::stoi(argv[1]) : 120, argc > 2 ? argv[2] : "");
}
