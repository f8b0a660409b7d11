#include "service/app/application.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/thread_pool.hpp>
#include <csignal>
#include <future>
#include <stdexcept>
#include <thread>
#include <utility>

#include "base/log.h"
#include "base/text.h"
#include "db/sql_tasks.h"
#include "net/address.h"
#include "net/server.h"
#include "scheduler/engine/engine.h"
#include "scheduler/engine/ticker.h"
#include "scheduler/lanes/lane.h"
#include "scheduler/registry.h"
#include "service/api/api.h"
#include "service/api/plan_desk.h"
#include "service/api/query_tables.h"
#include "service/app/alarm_desk.h"
#include "service/app/calendar_watch.h"
#include "service/app/descriptors.h"
#include "service/app/heartbeat.h"
#include "service/app/kind_parts.h"
#include "service/app/lane_changes.h"
#include "service/app/lane_options.h"
#include "service/app/memory.h"
#include "service/app/notify.h"
#include "service/app/part_options.h"
#include "service/app/readiness_parts.h"
#include "service/app/shutdown.h"
#include "service/app/stores.h"
#include "service/app/trading_sessions.h"
#include "service/config/secrets.h"
#include "service/config/task_changes.h"
#include "service/config/time_text.h"
#include "service/config/warnings.h"
#include "service/gateway/gateway.h"
#include "service/gateway/hub.h"
#include "service/gateway/message_centre.h"
#include "service/metrics/metrics.h"
#include "service/version.h"
#include "tasks/tasks.h"
#include "trading/platform.h"

namespace systask::service {
namespace {

namespace asio = boost::asio;

// Database, log, signals, and the files and pipes of tasks that run.
constexpr std::size_t kDescriptorsOfOurOwn = 512;
constexpr std::chrono::milliseconds kLookAtSites{20};
constexpr std::chrono::milliseconds kLookAtCalendars{1'000};
constexpr std::chrono::milliseconds kLookAtRun{100};
constexpr std::chrono::milliseconds kLongestClosing{5'000};

template <class T>
T value_or_throw(Result<T> result) {
  if (result.has_error()) throw std::runtime_error{result.error().message};
  return std::move(*result);
}

}  // namespace

// What the service is made of, in the order in which it is built; the last is the first to go.
struct Application::Parts {
  explicit Parts(Config config_)
      : config(std::move(config_)),
        secrets(value_or_throw(Secrets::load(config.service.secrets))),
        zone(value_or_throw(Zone::find(config.service.platform.time_zone))),
        database(value_or_throw(open_database(config.service))),
        stores(*database, metrics),
        centre(
            [this](trading::Publication publication, const std::string& error) {
              platform.publication_failed(std::move(publication), error);
            },
            [this](trading::OutNo kept) { platform.publication_made(kept); }),
        hub(centre, [this] { shutdown.recover_now(); }),
        platform(stores.trading, hub, clock, platform_options(config.service, secrets, hours)),
        sql_tasks(*database, clock),
        task_parts(make_task_parts()),
        kinds(kind_parts(sql_tasks, centre, config.service.passed_on)),
        alarms(metrics, clock, kinds.send_http, {.sendmail = config.service.sendmail}),
        readiness(readiness_parts(clock, *database, platform), metrics),
        heartbeat(config.service.heartbeat_file, clock, readiness),
        lanes(lane_options(config)),
        engine({clock, stores.ledger, stores.tasks, lanes, registry,
                [this](TimePoint at) { return civil_date(zone, at); }, &metrics, &stores.attempts,
                &stores.holds, &alarms, &stores.lane_sizes, &stores.outputs, &stores.skips,
                &stores.backfills}),
        ticker(clock, engine, &heartbeat),
        gateway(gateway_parts()),
        desk(platform),
        tables(stores.queries, stores.messages, zone),
        api(api_parts()),
        server(io, server_options(config.service), handlers()) {
    tasks::register_tasks(registry, task_parts);
    if (const auto& news = database->made_new())
      log::warn(*news,
                {{"what_to_do", "if there should be one: stop, and `systask restore BACKUP`"}});
  }

  GatewayParts gateway_parts() {
    return {
        platform,
        hub,
        centre,
        clock,
        [this](std::string_view role, std::string_view name) { return secrets.lookup(role, name); },
        [this](std::function<void()> work) { asio::post(io, std::move(work)); },
        [this](std::chrono::milliseconds delay, std::function<void()> work) {
          after(delay, std::move(work));
        }};
  }

  ApiParts api_parts() {
    Tokens tokens = config.service.token_file.empty()
                        ? Tokens{}
                        : value_or_throw(Tokens::load(config.service.token_file));
    return {desk,
            engine,
            lanes,
            stores.ledger,
            stores.history,
            stores.attempts,
            stores.outputs,
            tables,
            metrics,
            clock,
            zone,
            std::string{kVersion},
            std::move(tokens),
            database->path(),
            [this](std::function<void()> work) {
              asio::post(readers, std::move(work));
              return true;
            },
            [this](std::chrono::milliseconds delay, std::function<void()> work) {
              after(delay, std::move(work));
            },
            [this] { return not_ready(); },
            [this](const trading::AuditEntry& entry) { audit(entry); },
            [this] { return server.busy(); }};
  }

  tasks::TaskParts make_task_parts() {
    return {tasks::work_of(platform),
            stores.maintenance,
            stores.cache,
            stores.messages,
            stores.ledger,
            stores.attempts,
            stores.outputs,
            clock,
            [this](Micros silent) {
              return gateway.drop_silent_clients(
                  std::chrono::duration_cast<std::chrono::seconds>(silent));
            },
            [this] { return api.metrics_text(); },
            [this] { return running_runs(); },
            [this] { return lanes.depths(); },
            [this](Micros least) { return engine.lane_waits(least); },
            config.service.metrics_file,
            config.service.backup_directory};
  }

  std::vector<tasks::RunningRun> running_runs() const {
    std::vector<tasks::RunningRun> running;
    for (const scheduler::TaskStatus& task : engine.tasks())
      if (task.running && task.running_id && task.running_since)
        running.push_back({task.spec->id, task.spec->name, *task.running_id, *task.running_since});
    return running;
  }

  net::Server::Handlers handlers() {
    return {[this](net::HttpRequest request, const net::HttpAnswer& answer) {
              api.handle(std::move(request), answer);
            },
            [this](std::shared_ptr<net::Connection> connection,
                   const std::string& path) -> std::shared_ptr<net::Peer> {
              return path == "/ws" ? gateway.accept(std::move(connection)) : nullptr;
            }};
  }

  void after(std::chrono::milliseconds delay, std::function<void()> work) {
    auto timer = std::make_shared<asio::steady_timer>(io, delay);
    timer->async_wait([timer, work = std::move(work)](const boost::system::error_code& error) {
      if (!error) work();
    });
  }

  void audit(const trading::AuditEntry& entry) {
    const auto work = stores.transactions.begin();
    stores.records.add(*work, entry);
    work->commit();
  }

  std::optional<std::string> not_ready() const {
    if (shutdown.asked()) return "the service is " + shutdown.text();
    return readiness.why_not();
  }

  void start_engine() {
    fill_trading_sessions(stores, config.service);
    platform.start(true);
    calendars.take(config.calendars, config.tasks, clock.now());
    started_tasks = config.tasks.size();
    works = WorkTexts{config.tasks, config.works};
    // The engine's are the only ones: a hundred thousand tasks need not be kept twice.
    const auto started = engine.start(with_bodies(copies(std::exchange(config.tasks, {})),
                                                  std::exchange(config.works, {}), kinds));
    if (started.has_error()) throw std::runtime_error{started.error().message};
  }

  // The tasks as they run now.
  std::vector<scheduler::TaskSpec> tasks_now() const {
    std::vector<scheduler::TaskSpec> specs;
    for (const scheduler::TaskStatus& task : engine.tasks())
      specs.push_back(*task.spec);
    return specs;
  }

  // Copies lie together. The originals were made while their file was read, on a thread whose
  // memory can be given back when they are gone as well.
  static std::vector<scheduler::TaskSpec> copies(std::vector<scheduler::TaskSpec> specs) {
    return {specs.cbegin(), specs.cend()};
  }

  // Looks at the sites again and again, on the io thread.
  void watch_sites() {
    platform.watch_sites();
    watch.expires_after(kLookAtSites);
    watch.async_wait([this](const boost::system::error_code& error) {
      if (!error && !stopping) watch_sites();
    });
  }

  // Looks at the calendars again and again. Both this and reload() run on the strand `changes`.
  void watch_calendars() {
    after(kLookAtCalendars, [this] {
      if (stopping) return;
      asio::post(changes, [this] { look_at_calendars(); });
      watch_calendars();
    });
  }

  void look_at_calendars() {
    try {
      sessions_changed = calendars.look(clock.now()) || sessions_changed;
      if (!sessions_changed) return;
      const auto done = engine.reload(tasks_now());
      if (done.has_error())
        log::error("tasks not due by the new sessions", {{"why", done.error().message}});
      sessions_changed = false;
    } catch (const std::exception& error) {
      log::error("the calendars could not be looked at; trying again", {{"error", error.what()}});
    }
  }

  void keep_alive() {
    const auto interval = watchdog_interval();
    if (!interval || stopping) return;
    notify_alive();
    after(std::chrono::duration_cast<std::chrono::milliseconds>(*interval),
          [this] { keep_alive(); });
  }

  void listen_to_signals() {
    signals.async_wait([this](const boost::system::error_code& error, int signal) {
      if (error) return;
      if (signal == SIGHUP)
        ask_to_reload();
      else
        ask_to_stop(signal);
      listen_to_signals();
    });
  }

  void ask_to_reload() {
    if (shutdown.asked())
      log::warn("tasks not reloaded: the service is stopping, and reads them at its next start");
    else
      asio::post(changes, [this] { reload(); });
  }

  void ask_to_stop(int signal) {
    if (shutdown.ask(signal, config.service.stop_timeout))
      stopper = std::thread{[this] { stop(); }};
  }

  void tell_changes(const Config& fresh, const WorkTexts& fresh_works) {
    constexpr int kHours = 24;
    constexpr std::size_t kMostLines = 50;
    const std::vector<scheduler::TaskSpec> now = tasks_now();
    log_changes(task_changes({now, works}, {fresh.tasks, fresh_works}, clock.now(), kHours),
                kMostLines);
  }

  // What systemd is told says too where the file was refused.
  void reload() {
    notify_reloading();
    std::string refused;
    try {
      refused = take_file();
    } catch (const std::exception& error) {
      log::error("tasks not reloaded, the running ones go on", {{"why", error.what()}});
      calendars.take(config.calendars, tasks_now(), clock.now());
      refused = error.what();
    }
    constexpr std::size_t kShown = 300;
    notify_ready(refused.empty()
                     ? "ticking"
                     : "ticking; the last reload was refused, the tasks before it go on: " +
                           one_line(refused, kShown));
  }

  // Why the file was refused, or nothing.
  std::string take_file() {
    const MemoryGoesBack reading;
    ConfigResult fresh = load_config_aside(config.file, tasks::task_names());
    if (fresh.has_error()) {
      for (const Mistake& mistake : fresh.error().all)
        log::error("tasks not reloaded, the running ones go on",
                   {{"mistake", to_text(fresh.error().file, mistake)}});
      return to_text(fresh.error());
    }
    log_warnings(*fresh, clock.now());
    calendars.take(fresh->calendars, fresh->tasks, clock.now());
    WorkTexts fresh_works{fresh->tasks, fresh->works};
    tell_changes(*fresh, fresh_works);
    take_settings(*fresh, config, lanes, stores.lane_sizes);
    const std::size_t count = fresh->tasks.size();
    const auto done =
        engine.reload(with_bodies(copies(std::exchange(fresh->tasks, {})), fresh->works, kinds));
    if (done.has_error()) {
      log::error("tasks not reloaded, the running ones go on", {{"why", done.error().message}});
      calendars.take(config.calendars, tasks_now(), clock.now());
      return done.error().message;
    }
    hours->take(fresh->service.markets, market_calendars(fresh->service, fresh->calendars));
    config.calendars = std::move(fresh->calendars);
    works = std::move(fresh_works);
    log::info("tasks reloaded", {{"file", config.file}, {"tasks", count}});
    return {};
  }

  // On a thread of its own, while the io thread still sends answers and acknowledgements.
  void stop() {
    readiness.stopping();
    readiness.stop();
    ticker.stop();  // nothing becomes due
    // Begun bodies finish, while sites and messages are served as before; the rest stays claimed.
    shutdown.drain(config.service.stop_timeout);
    alarms.stop();    // nobody is told any more
    platform.stop();  // what was asked is committed and answered
    readers.join();
    asio::post(io, [this] {
      stopping = true;
      watch.cancel();
      signals.cancel();
      server.stop();  // what is queued is sent, then connections close
      io_work.reset();
      end_when_closed(kLongestClosing);
    });
  }

  // Timers of logins would keep the io thread for seconds: it ends when the last
  // connection is closed, or has had its time.
  void end_when_closed(std::chrono::milliseconds left) {
    constexpr std::chrono::milliseconds kLook{50};
    after(kLook, [this, left, kLook] {
      if (gateway.open_sessions() == 0 || left <= kLook) return io.stop();
      end_when_closed(left - kLook);
    });
  }

  Config config;  // its tasks go to the engine at start
  std::size_t started_tasks = 0;
  Secrets secrets;
  Zone zone;
  SystemClock clock;
  asio::io_context io{1};
  asio::executor_work_guard<asio::io_context::executor_type> io_work{io.get_executor()};
  asio::steady_timer watch{io};
  asio::signal_set signals{io};
  asio::thread_pool readers{2};
  asio::strand<asio::thread_pool::executor_type> changes{readers.get_executor()};
  bool stopping = false;
  std::thread stopper;

  Metrics metrics;
  std::unique_ptr<db::Database> database;
  SqlStores stores;
  EmbeddedCentre centre;
  Hub hub;
  const std::shared_ptr<MarketHours> hours = market_hours(config.service, config.calendars);
  trading::Platform platform;
  db::SqlTasks sql_tasks;
  tasks::TaskParts task_parts;  // the bodies refer to it
  tasks::KindParts kinds;
  WorkTexts works;  // of the tasks that run now: a reload says what it changes
  AlarmDesk alarms;
  Readiness readiness;
  Heartbeat heartbeat;
  bool sessions_changed = false;  // and the tasks are not due by them yet
  CalendarWatch calendars{[this] { return stores.day.session_texts(); }};
  scheduler::Registry registry;
  scheduler::LaneSet lanes;
  scheduler::Engine engine;
  scheduler::Ticker ticker;
  Shutdown shutdown{{engine, platform,
                     [this](std::function<void()> work) { asio::post(changes, std::move(work)); },
                     [this](std::chrono::milliseconds delay, std::function<void()> work) {
                       after(delay, std::move(work));
                     }}};
  Gateway gateway;
  PlatformDesk desk;
  QueryTables tables;
  Api api;
  net::Server server;
};

Application::Application(Config config) : parts_(std::make_unique<Parts>(std::move(config))) {}

Application::~Application() {
  if (parts_->stopper.joinable()) parts_->stopper.join();
}

void Application::run(const std::function<void(const std::string&)>& on_ready) {
  Parts& p = *parts_;
  for (const int signal : {SIGTERM, SIGINT, SIGHUP})
    p.signals.add(signal);
  log_warnings(p.config, p.clock.now());
  p.start_engine();
  raise_descriptor_limit(net::ServerOptions{}.connections + kDescriptorsOfOurOwn);
  p.server.start();
  p.ticker.start();
  p.watch_sites();
  p.watch_calendars();
  p.listen_to_signals();
  p.keep_alive();
  p.readiness.ticking();
  p.readiness.start();
  const std::string address =
      net::text_of({p.config.service.listen_host, std::to_string(p.server.port())});
  log::info("systask is ticking", {{"listen", address},
                                   {"tasks", p.started_tasks},
                                   {"database", p.database->path()},
                                   {"business_date", p.platform.business_date()}});
  notify_ready("ticking");
  on_ready(address);
  p.io.run();
  if (p.stopper.joinable()) p.stopper.join();
  log::info("stopped");
}

bool Application::has_left_bodies() const { return parts_->engine.bodies() > 0; }

Result<scheduler::RunRow> Application::run_once(
    const std::string& task, const std::map<std::string, std::string>& parameters) {
  Parts& p = *parts_;
  p.start_engine();
  std::promise<scheduler::RunRow> outcome;
  const auto run = p.engine.run_now(
      task, {"cli", parameters, [&](const scheduler::RunRow& row) { outcome.set_value(row); }});
  Result<scheduler::RunRow> result = Refusal{};
  if (run.has_error()) {
    result = run.error();
  } else {
    std::future<scheduler::RunRow> ended = outcome.get_future();
    while (ended.wait_for(kLookAtRun) != std::future_status::ready)
      p.engine.attend(p.clock.now());
    result = ended.get();
  }
  p.engine.stop();
  p.platform.stop();
  p.readers.join();
  return result;
}

std::string Application::printed_by(const scheduler::RunRow& run) {
  const auto outputs = parts_->stores.outputs.of(run.id);
  return outputs.empty() ? std::string{} : outputs.back().printed.text;
}

}  // namespace systask::service
