// What registered tasks cost: reading their tasks.yaml, starting an engine with them on a new
// and on a known database, the memory that stays, and a tick that finds 26, or 2 000, of them
// due. Each number of tasks in a process of its own, from 1 000 to 1 000 000. Beside it a bare
// heap of timers with as many entries: the least that a scheduler could keep. The cost of a
// tick follows what is due; what is registered is paid once, at start.
//
//   registered_bench [most tasks, 1000000] [folder of the databases]
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <optional>
#include <queue>

#include "db/run_ledger.h"
#include "db/task_store.h"
#include "service/app/memory.h"
#include "service/config/config.h"
#include "tests/bench/engine_world.h"
#include "tests/support/manual_clock.h"
#include "tests/support/manual_lanes.h"

namespace systask::scheduler {
namespace {

using namespace std::chrono_literals;

constexpr int kTicks = 20;

std::size_t resident_bytes() {
  std::ifstream statm{"/proc/self/statm"};
  std::size_t all = 0;
  std::size_t resident = 0;
  statm >> all >> resident;
  return resident * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

std::string yaml_of(int count, int due) {
  std::string text = "tasks:\n";
  for (int i = 1; i <= count; ++i)
    text += fmt::format("  - {{id: {}, name: task-{}, body: work, {}}}\n", i, i,
                        i <= due ? "every: 1s" : "cron: \"0 0 3 * * ?\"");
  return text;
}

class Stopwatch {
 public:
  double lap() {
    const MonotonicPoint now = clock_.monotonic();
    return std::chrono::duration<double>(now - std::exchange(last_, now)).count();
  }

 private:
  SystemClock clock_;
  MonotonicPoint last_ = clock_.monotonic();
};

// An engine on SQL whose jobs the caller runs.
struct World {
  World(db::Database& database, TimePoint now) : clock(now), ledger(database), store(database) {
    registry.add("work", [](const RunContext&) { return "done"; });
  }

  ManualClock clock;
  db::RunLedger ledger;
  db::TaskStore store;
  ManualLanes lanes{{1, 2}, 1'000'000};
  Registry registry;
  Engine engine{{clock, ledger, store, lanes, registry, any_day}};
};

// Milliseconds of a tick alone: take, claim and post. The runs are made in between. The median,
// since one tick or another also pays for the start: statements that are prepared, and tens of
// thousands of new tasks that the write-ahead log hands over to the database.
double tick_ms(World& world) {
  std::vector<Micros> spent;
  for (int i = 0; i < kTicks; ++i) {
    world.clock.advance(1s);
    Stopwatch watch;
    world.engine.tick(world.clock.now());
    spent.emplace_back(static_cast<std::int64_t>(watch.lap() * 1e6));
    world.lanes.run_all();
  }
  return percentile_ms(spent, 50);
}

double tick_cost(const std::string& folder, int count, int due) {
  BenchDatabase home{folder, "registered"};
  World world{*home, from_rfc3339("2026-05-22T08:30:00Z").value()};
  start(world.engine, tasks_of(count, due));
  return tick_ms(world);
}

// Pops what is due each second, and puts it back for the next.
double heap_us(int count, int due) {
  using Timer = std::pair<std::int64_t, std::int32_t>;
  std::priority_queue<Timer, std::vector<Timer>, std::greater<>> timers;
  for (int i = 0; i < count; ++i)
    timers.emplace(i < due ? 1 : 1'000'000 + i % 1000, i);
  Stopwatch watch;
  for (int second = 1; second <= kTicks; ++second)
    while (timers.top().first <= second) {
      const Timer timer = timers.top();
      timers.pop();
      timers.emplace(timer.first + 1, timer.second);
    }
  return watch.lap() * 1e6 / kTicks;
}

void print_row(int count, const std::string& folder) {
  const double heap = heap_us(count, 26);
  const std::string text = yaml_of(count, 26);
  Stopwatch watch;
  std::optional<service::MemoryGoesBack> starting{std::in_place};
  std::size_t before = resident_bytes();
  watch.lap();
  auto config = service::read_config(text, "tasks.yaml", {"work"});
  if (!config) throw std::runtime_error(to_text(config.error()));
  const double read = watch.lap();
  BenchDatabase home{folder, "registered"};
  const TimePoint now = from_rfc3339("2026-05-22T08:30:00Z").value();
  double first = 0;
  double again = 0;
  double kept = 0;
  {
    World world{*home, now};
    std::vector<TaskSpec> specs = config->tasks;
    watch.lap();
    start(world.engine, std::move(specs));
    first = watch.lap();
  }
  {
    World world{*home, now};
    watch.lap();
    start(world.engine, std::move(config->tasks));
    again = watch.lap();
    *config = {};
    starting.reset();
    kept = static_cast<double>(resident_bytes() - std::min(before, resident_bytes()));
  }
  const double few = tick_cost(folder, count, 26);
  const double many = tick_cost(folder, count, std::min(count, 2'000));
  fmt::print("  {:>9} {:>9.2f} {:>9.2f} {:>9.2f} {:>10.0f} {:>9.2f} {:>9.2f} {:>9.1f} {:>7}\n",
             count, read, first, again, kept / count, few, many, heap, sizeof(std::int64_t) * 2);
}

int bench(int most, const std::string& folder) {
  fmt::print("  {:>9} {:>9} {:>9} {:>9} {:>10} {:>9} {:>9} {:>9} {:>7}\n", "tasks", "read", "start",
             "restart", "memory", "tick", "tick", "heap", "heap");
  fmt::print("  {:>9} {:>9} {:>9} {:>9} {:>10} {:>9} {:>9} {:>9} {:>7}\n", "", "s", "s", "s",
             "B/task", "26 ms", "2000 ms", "26 us", "B/task");
  std::fflush(stdout);
  for (int count = 1'000; count <= most; count *= 10) {
    const pid_t child = ::fork();
    if (child == 0) {
      print_row(count, folder);
      std::fflush(stdout);
      ::_exit(0);
    }
    int status = 0;
    if (child < 0 || ::waitpid(child, &status, 0) != child || status != 0) return 1;
  }
  fmt::print(
      "  read: tasks.yaml; start, restart: with a new and with a known database; tick: on\n"
      "  SQL, the claims durable; heap: a bare heap of timers, 26 due\n");
  return 0;
}

}  // namespace
}  // namespace systask::scheduler

int main(int argc, char** argv) {
  return systask::scheduler::bench(argc > 1 ? std::stoi(argv[1]) : 1'000'000,
                                   argc > 2 ? argv[2] : "");
}
