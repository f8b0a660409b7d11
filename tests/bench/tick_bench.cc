// The tick: how late runs start on real clocks and a real database, what a tick costs by
// registered tasks, and how many durable runs (claimed, run, recorded) fit in a second.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <latch>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/guarded.h"
#include "db/run_ledger.h"
#include "db/task_store.h"
#include "scheduler/engine/engine.h"
#include "scheduler/engine/ticker.h"
#include "scheduler/lanes/lane.h"
#include "tests/support/manual_clock.h"
#include "tests/support/manual_lanes.h"
#include "tests/support/memory_ledger.h"

namespace systask::scheduler {
namespace {

using namespace std::chrono_literals;

std::vector<TaskSpec> tasks_of(int count, int due_each_second) {
  const Schedule often = parse_every_schedule("1s").value();
  const Schedule rare = parse_cron_schedule("0 0 3 * * ?", Zone::utc()).value();
  std::vector<TaskSpec> specs;
  for (int i = 0; i < count; ++i) {
    TaskSpec spec{.id = TaskId{i + 1}, .name = fmt::format("task-{}", i), .body = "work"};
    spec.timetable = i < due_each_second ? often : rare;
    spec.schedule_text = i < due_each_second ? "every 1s" : "cron 0 0 3 * * ?";
    specs.push_back(std::move(spec));
  }
  return specs;
}

void start(Engine& engine, std::vector<TaskSpec> specs) {
  const auto started = engine.start(std::move(specs));
  if (!started) throw std::runtime_error(started.error().message);
}

int any_day(TimePoint) { return 20260522; }

// A database in a folder of its own, gone with it.
struct TemporaryDatabase {
  TemporaryDatabase() : folder(std::filesystem::temp_directory_path() / "systask_tick_bench") {
    std::filesystem::remove_all(folder);
    std::filesystem::create_directories(folder);
    database = db::Database::open("sqlite3://" + (folder / "bench.db").string()).value();
  }
  ~TemporaryDatabase() {
    database.reset();
    std::filesystem::remove_all(folder);
  }

  std::filesystem::path folder;
  std::unique_ptr<db::Database> database;
};

// 26 tasks each second for as many real seconds as the argument says.
void lateness(benchmark::State& state) {
  const auto seconds = state.range(0);
  for (auto step : state) {
    TemporaryDatabase home;
    db::RunLedger ledger{*home.database};
    db::TaskStore store{*home.database};
    const SystemClock clock;
    LaneSet lanes{{{1, {.threads = 8}}}};
    Guarded<std::vector<Micros>> late;
    std::latch all{26 * seconds};
    Registry registry;
    registry.add("work", [&](const RunContext& run) {
      const Micros by = clock.now() - run.nominal;
      late.with([&](auto& times) { times.push_back(by); });
      if (!all.try_wait()) all.count_down();
      return "done";
    });
    Engine engine{{clock, ledger, store, lanes, registry, any_day}};
    start(engine, tasks_of(26, 26));
    Ticker ticker{clock, engine};
    ticker.start();
    all.wait();
    ticker.stop();
    engine.stop();
    late.with([&](auto& times) {
      std::ranges::sort(times);
      const auto at = [&](double share) {
        return static_cast<double>(
            times[static_cast<std::size_t>(share * static_cast<double>(times.size() - 1))].count());
      };
      state.counters["p50_us"] = at(0.5);
      state.counters["p99_us"] = at(0.99);
      state.counters["max_us"] = at(1.0);
      state.counters["runs"] = static_cast<double>(times.size());
    });
  }
}
BENCHMARK(lateness)->Arg(30)->Iterations(1)->Unit(benchmark::kSecond)->UseRealTime();

// 26 due among so many registered: the cost of claiming and posting, in memory.
void tick_cost(benchmark::State& state) {
  ManualClock clock{from_rfc3339("2026-05-22T08:30:00Z").value()};
  MemoryLedger ledger;
  ManualLanes lanes;
  Registry registry;
  registry.add("work", [](const RunContext&) { return "done"; });
  Engine engine{{clock, ledger, ledger, lanes, registry, any_day}};
  start(engine, tasks_of(static_cast<int>(state.range(0)), 26));
  for (auto step : state) {
    clock.advance(1s);
    engine.tick(clock.now());
    state.PauseTiming();
    lanes.run_all();
    ledger.prune(clock.now(), 1000);
    state.ResumeTiming();
  }
}
BENCHMARK(tick_cost)->Arg(1'000)->Arg(10'000)->Arg(100'000)->Iterations(200);

// Claimed, run and recorded on SQLite, so many due in a tick.
void durable_runs(benchmark::State& state) {
  TemporaryDatabase home;
  db::RunLedger ledger{*home.database};
  db::TaskStore store{*home.database};
  ManualClock clock{from_rfc3339("2026-05-22T08:30:00Z").value()};
  LaneSet lanes{{{1, {.threads = 8, .queue_limit = 10'000}}}};
  Registry registry;
  registry.add("work", [](const RunContext&) { return "done"; });
  struct Count final : Observer {
    void on_run_finished(const TaskSpec&, RunState, Micros, Micros) override {
      left.load()->count_down();
    }
    std::atomic<std::latch*> left = nullptr;
  } count;
  Engine engine{{clock, ledger, store, lanes, registry, any_day, &count}};
  const int due = static_cast<int>(state.range(0));
  start(engine, tasks_of(due, due));
  for (auto step : state) {
    std::latch left{due};
    count.left = &left;
    clock.advance(1s);
    engine.tick(clock.now());
    left.wait();
  }
  engine.stop();
  state.SetItemsProcessed(state.iterations() * due);
}
BENCHMARK(durable_runs)->Arg(26)->Arg(2'000)->Iterations(50)->UseRealTime();

}  // namespace
}  // namespace systask::scheduler
