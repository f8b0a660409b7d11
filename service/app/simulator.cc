#include "service/app/simulator.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <optional>
#include <stdexcept>

#include "base/zone.h"
#include "db/copy.h"
#include "scheduler/ahead/simulation.h"
#include "scheduler/ahead/task_diff.h"
#include "scheduler/registry.h"
#include "service/app/calendar_watch.h"
#include "service/app/lane_options.h"
#include "service/app/part_options.h"
#include "service/app/stores.h"
#include "service/app/trading_sessions.h"
#include "service/config/time_text.h"
#include "service/metrics/metrics.h"
#include "tasks/tasks.h"
#include "trading/platform.h"
#include "trading/ports/outlet.h"

namespace systask::service {
namespace {

using scheduler::RunRow;
using scheduler::TaskSpec;
using namespace std::chrono_literals;

// Of tasks that the ledger knows no durations of.
constexpr Micros kUsualOfBody = 5ms;
constexpr Micros kUsualOfWork = 1s;

// A folder that is gone with the simulation.
class Workbench {
 public:
  Workbench() {
    std::string name =
        (std::filesystem::temp_directory_path() / "systask-simulate-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr)
      throw std::runtime_error("no folder for the copy of the database can be made in " +
                               std::filesystem::temp_directory_path().string() +
                               "; set TMPDIR to a directory with space");
    path_ = name;
  }
  ~Workbench() {
    std::error_code left;
    std::filesystem::remove_all(path_, left);
  }
  Workbench(const Workbench&) = delete;
  Workbench& operator=(const Workbench&) = delete;

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] std::string file(std::string_view name) const {
    return path_ + "/" + std::string{name};
  }

 private:
  std::string path_;
};

// Nobody is connected in a simulation.
class Nobody final : public trading::Outlet {
 public:
  void push(trading::Push) override {}
  void publish(trading::Publication) override {}
  void order(trading::OutRow) override {}
  void session_lost(trading::SessionId) override {}
  void recover_now() override {}
};

Result<std::unique_ptr<db::Database>> copy_of(const Config& config, const Workbench& bench) {
  return db::open_copy(config.service.database, bench.path());
}

// The platform's commands run on the thread of the simulation, which waits for each anyway.
trading::PlatformOptions on_this_thread(const Config& config) {
  trading::PlatformOptions options = config.service.platform;
  options.own_thread = false;
  options.hours = market_hours(config.service, config.calendars);
  return options;
}

class Simulator {
 public:
  Simulator(const Config& config, SimulatorOptions options, const Workbench& bench,
            db::Database& database)
      : config_(config),
        options_(std::move(options)),
        bench_(bench),
        zone_(Zone::find(config.service.platform.time_zone).value()),
        clock_(options_.from),
        stores_(database, metrics_),
        platform_(stores_.trading, nobody_, clock_, on_this_thread(config)),
        task_parts_(make_task_parts()),
        calendars_([this] { return stores_.day.session_texts(); }) {
    tasks::register_tasks(registry_, task_parts_);
  }
  ~Simulator() { platform_.stop(); }
  Simulator(const Simulator&) = delete;
  Simulator& operator=(const Simulator&) = delete;

  Result<SimulatorReport> run() {
    fill_trading_sessions(stores_, config_.service);
    calendars_.take(config_.calendars, config_.tasks, options_.from);
    platform_.start(false);
    for (const TaskSpec& spec : config_.tasks)
      note(spec);
    scheduler::Simulation simulation{parts(), {options_.from, options_.to - 1us, options_.seed}};
    simulation_ = &simulation;
    const Result<void> done = simulation.run(config_.tasks);
    simulation_ = nullptr;
    if (done.has_error()) return done.error();
    return report(simulation);
  }

 private:
  tasks::TaskParts make_task_parts() {
    return {.platform = tasks::work_of(platform_),
            .upkeep = stores_.maintenance,
            .cache = stores_.cache,
            .messages = stores_.messages,
            .ledger = stores_.ledger,
            .attempts = stores_.attempts,
            .outputs = stores_.outputs,
            .clock = clock_,
            .drop_silent_sessions = [](Micros) { return std::size_t{0}; },
            .metrics_text = [] { return std::string{}; },
            .running = [this] { return running(); },
            .lane_depths = [this] { return simulation_->lanes().depths(); },
            .lane_waits = [this](Micros least) { return simulation_->engine().lane_waits(least); },
            .metrics_file = bench_.file("metrics.prom"),
            .backup_directory = bench_.file("backup")};
  }

  std::vector<tasks::RunningRun> running() {
    std::vector<tasks::RunningRun> running;
    for (const scheduler::TaskStatus& task : simulation_->engine().tasks())
      if (task.running && task.running_id && task.running_since)
        running.push_back({task.spec->id, task.spec->name, *task.running_id, *task.running_since});
    return running;
  }

  scheduler::SimulationParts parts() {
    return {
        .clock = clock_,
        .history = stores_.ledger,
        .stored = stores_.tasks,
        .holds = stores_.holds.load(),
        .lanes = lane_options(config_),
        .business_date = [this](TimePoint at) { return civil_date(zone_, at); },
        .body = [this](const TaskSpec& spec) { return body_of(spec); },
        .usual =
            [this](const TaskSpec& spec) { return has_work(spec) ? kUsualOfWork : kUsualOfBody; },
        .tell = [this](const RunRow& row, std::int64_t more) { tell(row, more); },
        .pace = options_.pace,
        .lane_sizes = &stores_.lane_sizes};
  }

  [[nodiscard]] bool has_work(const TaskSpec& spec) const {
    return config_.works.contains(spec.name);
  }
  const scheduler::Body* body_of(const TaskSpec& spec) {
    return has_work(spec) ? nullptr : registry_.find(spec.body.empty() ? spec.name : spec.body);
  }

  void note(const TaskSpec& spec) {
    TaskUse& use = uses_[spec.id];
    use.id = spec.id;
    use.task = spec.name;
    use.lane = spec.priority;
    use.timetable = spec.timetable;
    use.body_runs = !has_work(spec);
    const bool timed = spec.enabled && !spec.timetable.on_demand();
    use.listed = options_.every_run || !timed ||
                 spec.timetable.due_in(options_.from - 1us, options_.to - 1us).runnable.count <=
                     scheduler::kMostListed;
  }

  void tell(const RunRow& row, std::int64_t more) {
    TaskUse& use = uses_[row.key.task];
    use.outcomes[row.state] += more;
    if (row.started_at) {
      ++use.began;
      use.most_late = std::max(use.most_late, scheduler::lateness_of(use.timetable, row));
      if (row.finished_at) use.busy += *row.finished_at - *row.started_at;
    }
    if (!use.listed) return;
    RunRow& kept = runs_[row.key];
    kept = row;
    // Names of files of the copy are nobody's concern, and different each time.
    for (std::size_t at = 0; (at = kept.detail.find(bench_.path(), at)) != std::string::npos;)
      kept.detail.replace(at, bench_.path().size(), "(copy)");
  }

  SimulatorReport report(scheduler::Simulation& simulation) {
    SimulatorReport report;
    for (const RunRow& row : simulation.unfinished()) {
      ++uses_[row.key.task].unfinished;
      if (uses_[row.key.task].listed) runs_[row.key] = row;
    }
    for (auto& [id, use] : uses_) {
      use.sampled = simulation.durations().knows(id);
      report.tasks.push_back(std::move(use));
    }
    for (auto& [key, row] : runs_)
      report.runs.push_back(std::move(row));
    report.lanes = simulation.uses();
    return report;
  }

  const Config& config_;
  SimulatorOptions options_;
  const Workbench& bench_;
  Zone zone_;
  scheduler::VirtualClock clock_;
  Metrics metrics_;
  SqlStores stores_;
  Nobody nobody_;
  trading::Platform platform_;
  tasks::TaskParts task_parts_;  // the bodies refer to it
  scheduler::Registry registry_;
  CalendarWatch calendars_;
  scheduler::Simulation* simulation_ = nullptr;
  std::map<scheduler::TaskId, TaskUse> uses_;
  std::map<scheduler::RunKey, RunRow> runs_;
};

}  // namespace

Result<SimulatorReport> simulate(const Config& config, SimulatorOptions options) {
  const Workbench bench;
  auto database = copy_of(config, bench);
  if (database.has_error()) return database.error();
  return Simulator{config, std::move(options), bench, **database}.run();
}

}  // namespace systask::service
