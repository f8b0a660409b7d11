#include "service/metrics/metrics.h"

#include <fmt/format.h>
#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <array>
#include <mutex>
#include <sstream>
#include <string_view>
#include <vector>

#include "scheduler/task.h"
#include "service/metrics/task_series.h"

namespace systask::service {

// What is registered, and under which names: the library shows none that has no series yet.
struct Registered {
  prometheus::Registry all;
  std::vector<std::string> names;

  std::string name(std::string_view name) {
    return names.emplace_back("systask_" + std::string{name});
  }
};

namespace {

using prometheus::BuildCounter;
using prometheus::BuildGauge;
using prometheus::BuildHistogram;
template <class Metric>
using Family = prometheus::Family<Metric>;

using Bounds = prometheus::Histogram::BucketBoundaries;
// From a tenth of a millisecond, what a tick is late on an idle machine, to a minute.
const Bounds kLateness{0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.05, 0.25, 1, 10, 60};
const Bounds kPhase{0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 1, 2, 5, 10, 60};
constexpr std::array<std::int64_t, 5> kCacheDepths{1, 10, 100, 1'000, 10'000};

double seconds(Micros time) { return std::chrono::duration<double>(time).count(); }

Family<prometheus::Gauge>& gauge(Registered& to, std::string_view name, std::string_view help) {
  return BuildGauge().Name(to.name(name)).Help(std::string{help}).Register(to.all);
}
Family<prometheus::Counter>& counter(Registered& to, std::string_view name, std::string_view help) {
  return BuildCounter().Name(to.name(name)).Help(std::string{help}).Register(to.all);
}
Family<prometheus::Histogram>& histogram(Registered& to, std::string_view name,
                                         std::string_view help) {
  return BuildHistogram().Name(to.name(name)).Help(std::string{help}).Register(to.all);
}

}  // namespace

struct Metrics::Families {
  Registered registry;
  // Gauges are filled and written by one reader at a time, so that a scrape is one moment.
  std::mutex scrape;

  prometheus::Histogram& tick_lateness =
      histogram(registry, "tick_lateness_seconds", "How late a tick began").Add({}, kLateness);
  prometheus::Counter& claimed =
      counter(registry, "runs_claimed_total", "Runs that ticks put into the ledger").Add({});
  TaskSeries tasks{registry.all};
  prometheus::Histogram& run_lateness =
      histogram(registry, "run_lateness_seconds",
                "From when a run was to start, jitter included, to its start")
          .Add({}, kLateness);
  Family<prometheus::Gauge>& lane_queued =
      gauge(registry, "lane_queued", "Runs that wait for a thread of their lane");
  Family<prometheus::Gauge>& lane_running =
      gauge(registry, "lane_running", "Runs in the threads of a lane");
  prometheus::Counter& clock_jumps =
      counter(registry, "clock_jumps_total", "Times the wall clock left the monotonic one").Add({});
  prometheus::Gauge& last_clock_jump =
      gauge(registry, "clock_last_jump_seconds", "The last such jump; negative is back").Add({});

  prometheus::Gauge& clock_pass = gauge(registry, "clock_pass",
                                        "The number of the pass while times come again, since the "
                                        "wall clock was set back; else 0")
                                      .Add({});

  prometheus::Counter& failed_ticks =
      counter(registry, "ticks_failed_total", "Ticks that failed; the next one tried again")
          .Add({});
  Family<prometheus::Counter>& overdue =
      counter(registry, "runs_overdue_total", "Runs that took far longer than usual");
  Family<prometheus::Gauge>& alarms =
      gauge(registry, "alarm", "1 while an alarm of a task is raised");
  Family<prometheus::Counter>& alarm_deliveries =
      counter(registry, "alarm_deliveries_total", "Alarms told to programs, webhooks and by mail");

  Family<prometheus::Histogram>& recovery_phase =
      histogram(registry, "recovery_phase_seconds", "How long each phase of a recovery took");
  Family<prometheus::Counter>& recoveries =
      counter(registry, "recoveries_total", "Attempts to recover a plan that ended");

  Family<prometheus::Gauge>& messages =
      gauge(registry, "messages", "Messages of the day in the database, by what became of them");
  prometheus::Counter& duplicates =
      counter(registry, "messages_duplicate_total", "Messages dropped as repeats").Add({});
  prometheus::Counter& replayed =
      counter(registry, "messages_replayed_total", "Cached messages that were replayed").Add({});
  prometheus::Counter& ids_reused =
      counter(registry, "message_ids_reused_total",
              "Messages quarantined, since their id was another message's")
          .Add({});
  prometheus::Gauge& cached =
      gauge(registry, "cached_messages", "Messages that wait while no site runs their plan")
          .Add({});
  Family<prometheus::Gauge>& cache_depth =
      gauge(registry, "plans_with_cache", "Plans that have at least so many messages in the cache");
  Family<prometheus::Gauge>& plans = gauge(registry, "plans", "Plans by status");
  Family<prometheus::Gauge>& sites = gauge(registry, "sites", "Strategy sites by state");
  prometheus::Gauge& takeovers_held =
      gauge(registry, "takeovers_held", "1 while all sites are silent at once, and we suspect us")
          .Add({});
  prometheus::Gauge& times_held =
      gauge(registry, "takeovers_held_times", "How often takeovers were held since the start")
          .Add({});
  prometheus::Gauge& queue =
      gauge(registry, "worker_queue", "Commands that wait for the worker").Add({});
  prometheus::Gauge& orders_waiting =
      gauge(registry, "orders_waiting", "Orders and cancels that no order system acknowledged")
          .Add({});
  prometheus::Gauge& orders_waiting_longest =
      gauge(registry, "orders_waiting_seconds", "How long the first of them waits").Add({});
  prometheus::Gauge& disputed_sites =
      gauge(registry, "disputed_sites", "Names of sites that two processes use").Add({});
  prometheus::Counter& replaced_logins = counter(registry, "site_replacements_total",
                                                 "Logins of sites that threw out one that was well")
                                             .Add({});
  prometheus::Counter& dropped_log_lines =
      counter(registry, "log_lines_dropped_total",
              "Lines of the log that nobody read fast enough, or that could not be written")
          .Add({});
  Family<prometheus::Counter>& busy =
      counter(registry, "http_refused_total", "Requests answered 503, since others hold too much");
  prometheus::Counter& busy_bodies = busy.Add({{"by", "bodies"}});
  prometheus::Counter& busy_answers = busy.Add({{"by", "answers"}});
  prometheus::Counter& busy_connections = busy.Add({{"by", "connections"}});
  prometheus::Gauge& order_systems =
      gauge(registry, "order_systems", "Order systems that are connected").Add({});
  prometheus::Gauge& outbox =
      gauge(registry, "outbox", "Orders and pushes that have not left yet").Add({});
  prometheus::Gauge& database_bytes =
      gauge(registry, "database_bytes", "Size of the database file and its log").Add({});
  prometheus::Gauge& business_date =
      gauge(registry, "business_date", "The open business date, as YYYYMMDD").Add({});
  prometheus::Gauge& ready =
      gauge(registry, "ready", "1 while ticks and intake commit, as /readyz says").Add({});
  prometheus::Gauge& uptime =
      gauge(registry, "uptime_seconds", "Time since the service started").Add({});
};

namespace {

void set_lane(Family<prometheus::Gauge>& family, int priority, std::size_t count) {
  family.Add({{"priority", fmt::format("{}", priority)}}).Set(static_cast<double>(count));
}

// What was counted before and is gone now is 0, not what it was.
void set_all(Family<prometheus::Gauge>& family, const char* label,
             const std::map<std::string, std::int64_t>& counts) {
  for (const auto& known : family.Collect())
    for (const auto& metric : known.metric)
      family.Add({{label, metric.label.front().value}}).Set(0);
  for (const auto& [name, count] : counts)
    family.Add({{label, name}}).Set(static_cast<double>(count));
}

// Counts of the process only grow, so the difference is what came since the last scrape.
void raise_to(prometheus::Counter& counted, std::uint64_t total) {
  const double more = static_cast<double>(total) - counted.Value();
  if (more > 0) counted.Increment(more);
}

}  // namespace

Metrics::Metrics() : families_(std::make_unique<Families>()) {}
Metrics::~Metrics() = default;

std::vector<std::string> Metrics::names() const {
  std::vector<std::string> names = families_->registry.names;
  names.insert(names.end(), TaskSeries::kNames.begin(), TaskSeries::kNames.end());
  return names;
}

void Metrics::on_tick(Micros lateness, std::size_t claimed) {
  families_->tick_lateness.Observe(seconds(lateness));
  families_->claimed.Increment(static_cast<double>(claimed));
}

void Metrics::on_run_finished(const scheduler::TaskSpec& task, scheduler::RunState outcome,
                              Micros duration, Micros lateness) {
  families_->tasks.finished(task.name, outcome, duration);
  // A run that never started was not late for it.
  if (duration > Micros{0}) families_->run_lateness.Observe(seconds(lateness));
}

void Metrics::on_lane_depth(int priority, std::size_t queued) {
  set_lane(families_->lane_queued, priority, queued);
}

void Metrics::on_clock_jump(Micros jump) {
  families_->clock_jumps.Increment();
  families_->last_clock_jump.Set(seconds(jump));
}

void Metrics::on_clock_pass(std::int64_t pass) {
  families_->clock_pass.Set(static_cast<double>(pass));
}

void Metrics::on_tick_failed(std::string_view) { families_->failed_ticks.Increment(); }

void Metrics::on_run_overdue(const scheduler::TaskSpec& task, scheduler::RunId, Micros, Micros) {
  families_->overdue.Add({{"task", task.name}}).Increment();
}

void Metrics::on_alarm(const std::string& task, std::string_view alarm, bool raised) {
  families_->alarms.Add({{"task", task}, {"alarm", std::string{alarm}}}).Set(raised ? 1 : 0);
}

void Metrics::on_alarm_delivery(std::string_view by, std::string_view outcome) {
  families_->alarm_deliveries.Add({{"by", std::string{by}}, {"outcome", std::string{outcome}}})
      .Increment();
}

void Metrics::on_recovery(const trading::RecoveryAttempt& attempt) {
  const bool recovered = attempt.outcome == "recovered";
  families_->recoveries.Add({{"outcome", recovered ? "recovered" : "failed"}}).Increment();
  struct Phase {
    const char* name;
    std::optional<TimePoint> from;
    std::optional<TimePoint> to;
  };
  for (const Phase& phase : {Phase{"notice", attempt.lost_at, attempt.noticed_at},
                             Phase{"choose", attempt.noticed_at, attempt.offered_at},
                             Phase{"rebuild", attempt.offered_at, attempt.rebuilt_at},
                             Phase{"claim", attempt.rebuilt_at, attempt.claimed_at},
                             Phase{"replay", attempt.claimed_at, attempt.replayed_at},
                             Phase{"finish", attempt.replayed_at, attempt.finished_at},
                             Phase{"all", attempt.lost_at, attempt.finished_at}})
    if (phase.from && phase.to)
      families_->recovery_phase.Add({{"phase", phase.name}}, kPhase)
          .Observe(seconds(*phase.to - *phase.from));
}

// What is counted in the database.
void Metrics::set_stored(Families& to, const StoredCounts& stored) {
  set_all(to.messages, "disposition", stored.messages);
  set_all(to.plans, "status", stored.plans);
  set_all(to.sites, "state", stored.sites);
  std::int64_t cached = 0;
  for (const std::int64_t depth : stored.cached)
    cached += depth;
  to.cached.Set(static_cast<double>(cached));
  for (const std::int64_t least : kCacheDepths)
    to.cache_depth.Add({{"at_least", fmt::format("{}", least)}})
        .Set(static_cast<double>(std::ranges::count_if(
            stored.cached, [least](std::int64_t depth) { return depth >= least; })));
  to.outbox.Set(static_cast<double>(stored.outbox));
}

std::string Metrics::text(const Overview& view) {
  Families& to = *families_;
  const std::scoped_lock lock{to.scrape};
  if (view.unread.empty()) set_stored(to, view.stored);
  for (const auto& lane : view.lanes) {
    set_lane(to.lane_queued, lane.priority, lane.queued);
    set_lane(to.lane_running, lane.priority, lane.running);
  }
  raise_to(to.duplicates, view.duplicate);
  raise_to(to.replayed, view.replayed);
  raise_to(to.ids_reused, view.ids_reused);
  to.queue.Set(static_cast<double>(view.queue));
  to.disputed_sites.Set(static_cast<double>(view.disputed_names.size()));
  raise_to(to.replaced_logins, view.replaced_logins);
  raise_to(to.dropped_log_lines, view.dropped_log_lines);
  raise_to(to.busy_bodies, view.busy.bodies);
  raise_to(to.busy_answers, view.busy.answers);
  raise_to(to.busy_connections, view.busy.connections);
  to.orders_waiting.Set(static_cast<double>(view.orders_out.waiting));
  to.orders_waiting_longest.Set(seconds(view.orders_out.longest));
  to.order_systems.Set(static_cast<double>(view.orders_out.connected.size()));
  to.takeovers_held.Set(view.takeovers_held ? 1 : 0);
  to.times_held.Set(static_cast<double>(view.times_held));
  to.database_bytes.Set(static_cast<double>(view.database_bytes));
  to.business_date.Set(static_cast<double>(view.business_date));
  to.ready.Set(view.ready ? 1 : 0);
  to.uptime.Set(seconds(view.uptime));

  std::ostringstream out;
  prometheus::TextSerializer{}.Serialize(out, to.registry.all.Collect());
  return out.str();
}

}  // namespace systask::service
