#include "service/cli/simulate.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <condition_variable>
#include <csignal>
#include <iostream>
#include <memory>
#include <mutex>

#include "base/log.h"
#include "base/number_range.h"
#include "base/zone.h"
#include "service/app/simulator.h"
#include "service/cli/clean_output.h"
#include "service/cli/progress.h"
#include "service/cli/text_table.h"
#include "service/config/config.h"
#include "service/config/time_text.h"
#include "tasks/tasks.h"

namespace systask::service {
namespace {

namespace json = boost::json;
using scheduler::RunRow;
using scheduler::RunState;

volatile std::sig_atomic_t interrupted = 0;

// Takes Ctrl-C and SIGTERM while it lives, so that the copy of the database is removed.
class Interrupts {
 public:
  Interrupts() {
    interrupted = 0;
    before_int_ = std::signal(SIGINT, note);
    before_term_ = std::signal(SIGTERM, note);
  }
  ~Interrupts() {
    std::signal(SIGINT, before_int_);
    std::signal(SIGTERM, before_term_);
  }
  Interrupts(const Interrupts&) = delete;
  Interrupts& operator=(const Interrupts&) = delete;

 private:
  static void note(int) { interrupted = 1; }
  void (*before_int_)(int);
  void (*before_term_)(int);
};

// Lets virtual time pass `speed` times as fast as real time.
class Pace {
 public:
  Pace(const Clock& clock, TimePoint from, double speed)
      : clock_(clock), from_(from), speed_(speed), begun_(clock.monotonic()) {}

  void wait_for(TimePoint at) {
    if (interrupted != 0) throw std::runtime_error("interrupted; nothing was changed");
    if (speed_ <= 0) return;
    const std::chrono::duration<double, std::micro> passed{
        static_cast<double>((at - from_).count()) / speed_};
    const MonotonicPoint until = begun_ + std::chrono::duration_cast<Micros>(passed);
    std::unique_lock lock{mutex_};
    while (interrupted == 0 && clock_.monotonic() < until)
      timer_.wait_until(lock, std::min(until, clock_.monotonic() + kLook));
  }

 private:
  static constexpr std::chrono::milliseconds kLook{200};  // for Ctrl-C

  const Clock& clock_;
  TimePoint from_;
  double speed_;
  MonotonicPoint begun_;
  std::mutex mutex_;
  std::condition_variable timer_;
};

double in_ms(Micros time) { return static_cast<double>(time.count()) / 1000; }

std::string ms_text(Micros time) { return fmt::format("{:.3f}", in_ms(time)); }

struct Names {
  std::map<scheduler::TaskId, const TaskUse*> uses;
  Zone zone;

  [[nodiscard]] json::value time(const std::optional<TimePoint>& at) const {
    return at ? json::value(zone.to_rfc3339(*at)) : json::value{};
  }
};

json::object run_object(const RunRow& row, const Names& names) {
  const TaskUse& use = *names.uses.at(row.key.task);
  json::object object{
      {"nominal", names.time(row.key.nominal)},
      {"task", use.task},
      {"outcome", is_open(row.state) ? "unfinished" : name_of(row.state)},
      {"trigger", name_of(row.trigger)},
      {"lane", use.lane},
      {"business_date", row.business_date},
      {"attempt", row.attempt},
      {"count", row.count},
      {"started_at", names.time(row.started_at)},
      {"finished_at", names.time(row.finished_at)},
      {"late_ms", row.started_at ? json::value(in_ms(scheduler::lateness_of(use.timetable, row)))
                                 : json::value{}},
      {"detail", row.state == RunState::kSucceeded ? "" : in_zone(row.detail, names.zone)}};
  return object;
}

json::object task_object(const TaskUse& use) {
  json::object outcomes;
  for (const auto& [state, count] : use.outcomes)
    outcomes[name_of(state)] = count;
  return {{"id", use.id.value()},
          {"task", use.task},
          {"lane", use.lane},
          {"listed", use.listed},
          {"body", use.body_runs ? "run" : "not run"},
          {"durations", use.sampled ? "from the ledger" : "usual"},
          {"began", use.began},
          {"outcomes", outcomes},
          {"unfinished", use.unfinished},
          {"most_late_ms", in_ms(use.most_late)},
          {"busy_ms", in_ms(use.busy)}};
}

double busy_percent(const scheduler::VirtualLanes::Use& lane, Micros span) {
  if (span <= Micros{0} || lane.threads == 0) return 0;
  return 100.0 * static_cast<double>(lane.busy.count()) /
         (static_cast<double>(span.count()) * static_cast<double>(lane.threads));
}

json::object lane_object(const scheduler::VirtualLanes::Use& lane, Micros span) {
  return {{"lane", lane.priority},
          {"threads", lane.threads},
          {"runs", lane.jobs},
          {"most_queued", lane.most_queued},
          {"skipped_lane_full", lane.full},
          {"busy_percent", busy_percent(lane, span)}};
}

void print_report(const SimulatorReport& report, const Names& names, Micros span,
                  std::ostream& out) {
  json::array runs;
  for (const RunRow& row : report.runs)
    runs.push_back(run_object(row, names));
  json::array tasks;
  for (const TaskUse& use : report.tasks)
    tasks.push_back(task_object(use));
  json::array lanes;
  for (const auto& lane : report.lanes)
    lanes.push_back(lane_object(lane, span));
  out << json_text(json::object{{"runs", runs}, {"tasks", tasks}, {"lanes", lanes}}) << '\n';
}

void print_runs(const SimulatorReport& report, const Names& names, std::ostream& out) {
  TextTable table{{"nominal", "task", "outcome", "late_ms", "took_ms", "lane", "detail"}, {}};
  for (const RunRow& row : report.runs) {
    const TaskUse& use = *names.uses.at(row.key.task);
    std::string why = row.state == RunState::kSucceeded ? "" : in_zone(row.detail, names.zone);
    if (row.count > 1)
      why = fmt::format("{} occurrences until {}{}{}", row.count,
                        names.zone.to_rfc3339(row.last_nominal), why.empty() ? "" : ": ", why);
    table.rows.push_back(
        {names.zone.to_rfc3339(row.key.nominal), use.task,
         is_open(row.state) ? "unfinished" : std::string{name_of(row.state)},
         row.started_at ? ms_text(scheduler::lateness_of(use.timetable, row)) : "-",
         row.started_at && row.finished_at ? ms_text(*row.finished_at - *row.started_at) : "-",
         fmt::format("{}", use.lane), why});
  }
  out << render_table(table);
}

void print_tasks(const SimulatorReport& report, std::ostream& out) {
  TextTable table{{"task", "lane", "began", "succeeded", "other", "most_late_ms", "mean_ms",
                   "durations", "body"},
                  {}};
  for (const TaskUse& use : report.tasks) {
    std::string other;
    std::int64_t succeeded = 0;
    for (const auto& [state, count] : use.outcomes) {
      if (state == RunState::kSucceeded)
        succeeded = count;
      else
        other += fmt::format("{}{} {}", other.empty() ? "" : ", ", count, name_of(state));
    }
    if (use.unfinished > 0)
      other += fmt::format("{}{} unfinished", other.empty() ? "" : ", ", use.unfinished);
    table.rows.push_back({use.task, fmt::format("{}", use.lane), fmt::format("{}", use.began),
                          fmt::format("{}", succeeded), other.empty() ? "-" : other,
                          ms_text(use.most_late),
                          use.began > 0 ? ms_text(use.busy / use.began) : "-",
                          use.sampled ? "ledger" : "usual", use.body_runs ? "run" : "not run"});
  }
  out << render_table(table);
}

void print_lanes(const SimulatorReport& report, Micros span, std::ostream& out) {
  TextTable table{{"lane", "threads", "runs", "most_queued", "busy_percent", "skipped_full"}, {}};
  for (const auto& lane : report.lanes)
    table.rows.push_back({fmt::format("{}", lane.priority), fmt::format("{}", lane.threads),
                          fmt::format("{}", lane.jobs), fmt::format("{}", lane.most_queued),
                          fmt::format("{:.2f}", busy_percent(lane, span)),
                          fmt::format("{}", lane.full)});
  out << render_table(table);
}

int not_simulated(std::ostream& err, const std::string& why) {
  err << "systask simulate: " << why << '\n';
  return 1;
}

}  // namespace

int answer_simulate(const SimulateQuestion& question, const Clock& clock, std::ostream& out,
                    std::ostream& err) {
  const ConfigResult config = load_config(question.config, tasks::task_names());
  if (config.has_error()) {
    err << to_text(config.error());
    return 2;
  }
  const Zone zone = Zone::find(config->service.platform.time_zone).value();
  const auto from = parse_time(question.from, zone, clock.now());
  if (from.has_error()) return not_simulated(err, "--from " + from.error().message);
  const auto to = parse_time(question.to, zone, *from);
  if (to.has_error()) return not_simulated(err, "--to " + to.error().message);
  if (*to <= *from) return not_simulated(err, "--to is not after --from: give a later time");
  const Interrupts interrupts;
  Pace pace{clock, *from, question.speed};
  const auto simulated = [&] {
    Progress progress{clock, err, question.terminal, "systask simulate"};
    const double span = static_cast<double>((*to - *from).count());
    return simulate(*config, {*from, *to, question.seed, question.every_run, [&](TimePoint at) {
                                pace.wait_for(at);
                                progress.step(static_cast<double>((at - *from).count()) / span,
                                              [&] { return zone.to_rfc3339(at); });
                              }});
  };
  const auto report = simulated();
  if (report.has_error()) return not_simulated(err, report.error().message);
  Names names{.uses = {}, .zone = question.utc ? Zone::utc() : zone};
  for (const TaskUse& use : report->tasks)
    names.uses.emplace(use.id, &use);
  if (question.json) {
    print_report(*report, names, *to - *from, out);
    return 0;
  }
  print_runs(*report, names, out);
  out << '\n';
  print_tasks(*report, out);
  out << '\n';
  print_lanes(*report, *to - *from, out);
  return 0;
}

void add_simulate(CLI::App& app, int& status) {
  const auto given = std::make_shared<SimulateQuestion>();
  auto* const command =
      app.add_subcommand("simulate", "What would run when: the real scheduler on a virtual clock");
  command
      ->add_option("--from", given->from,
                   "RFC 3339, or in the service's zone 2026-05-22 09:00, 09:00, tomorrow 09:00")
      ->required();
  command->add_option("--to", given->to, "The same; a time of day is of the day of --from")
      ->required();
  command->add_option("--config", given->config, "The configuration")->capture_default_str();
  command->add_option("--seed", given->seed, "Chooses the durations of runs")
      ->capture_default_str();
  command->add_option("--speed", given->speed, "Times real time; 0: as fast as it goes")
      ->check(real<CLI::Validator>(0.0, 1e9))
      ->capture_default_str();
  command->add_flag("--every-run", given->every_run,
                    "List also the runs of tasks with more than 200 occurrences");
  command->add_flag("--json", given->json, "As JSON");
  command->add_flag("--utc", given->utc, "Times in UTC; default: in the service's zone");
  command->footer(
      "The database is copied first; the copy is what C++ tasks work on, and it is thrown away.\n"
      "Tasks with `run:` (exec, sql, http, publish) do not run. How long runs take is taken from\n"
      "the ledger, by the seed: the same seed gives the same answer.\n"
      "Examples:\n"
      "  systask simulate --from 08:00 --to 16:00\n"
      "  systask simulate --from 'tomorrow 08:00' --to 09:30 --seed 7 --json");
  command->callback([given, &status] {
    log::set_level(log::Level::kError);
    given->terminal = progress_on_terminal();
    try {
      status = answer_simulate(*given, SystemClock{}, std::cout, std::cerr);
    } catch (const std::exception& error) {
      status = not_simulated(std::cerr, error.what());
    }
  });
}

}  // namespace systask::service
