#include "service/app/application.h"

#include <fmt/format.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <csignal>
#include <future>
#include <stdexcept>
#include <thread>

#include "base/log.h"
#include "net/server.h"
#include "scheduler/engine/engine.h"
#include "scheduler/engine/ticker.h"
#include "scheduler/lanes/lane.h"
#include "scheduler/registry.h"
#include "service/api/api.h"
#include "service/api/plan_desk.h"
#include "service/api/query_tables.h"
#include "service/app/notify.h"
#include "service/app/stores.h"
#include "service/config/secrets.h"
#include "service/gateway/gateway.h"
#include "service/gateway/hub.h"
#include "service/gateway/message_centre.h"
#include "service/metrics/metrics.h"
#include "tasks/tasks.h"
#include "trading/platform.h"

namespace systask::service {
namespace {

namespace asio = boost::asio;

constexpr std::chrono::milliseconds kLookAtSites{20};
constexpr std::chrono::milliseconds kLongestClosing{5'000};
constexpr std::string_view kRecoveryTask = "recover-plans";
constexpr std::string_view kVersion = "0.1.0";

template <class T>
T value_or_throw(Result<T> result) {
  if (result.has_error()) throw std::runtime_error{result.error().message};
  return std::move(*result);
}

std::map<int, scheduler::LaneOptions> lane_options(const Config& config) {
  std::map<int, scheduler::LaneOptions> lanes;
  for (const auto& [priority, lane] : config.lanes)
    lanes[priority] = {static_cast<std::size_t>(lane.threads), lane.queue};
  return lanes;
}

trading::PlatformOptions platform_options(const ServiceConfig& service, const Secrets& secrets) {
  trading::PlatformOptions options = service.platform;
  options.known_sites = secrets.names("site");
  return options;
}

net::ServerOptions server_options(const ServiceConfig& service) {
  net::ServerOptions options;
  options.address = service.listen_host;
  options.port = service.listen_port;
  return options;
}

// The business date of a run: the civil date in the service's zone.
int civil_date(const Zone& zone, TimePoint at) {
  const std::chrono::year_month_day date{std::chrono::floor<std::chrono::days>(zone.to_local(at))};
  return static_cast<int>(date.year()) * 10'000 +
         static_cast<int>(static_cast<unsigned>(date.month())) * 100 +
         static_cast<int>(static_cast<unsigned>(date.day()));
}

}  // namespace

// What the service is made of, in the order in which it is built; the last is the first
// to go.
struct Application::Parts {
  explicit Parts(Config config_)
      : config(std::move(config_)),
        secrets(value_or_throw(Secrets::load(config.service.secrets))),
        zone(value_or_throw(Zone::find(config.service.platform.time_zone))),
        database(value_or_throw(db::Database::open(config.service.database))),
        stores(*database, metrics),
        centre([this](trading::Publication publication, const std::string& error) {
          platform.publication_failed(std::move(publication), error);
        }),
        hub(centre, [this] { static_cast<void>(engine.trigger(kRecoveryTask)); }),
        platform(stores.trading, hub, clock, platform_options(config.service, secrets)),
        task_parts(make_task_parts()),
        lanes(lane_options(config)),
        engine({clock, stores.ledger, stores.tasks, lanes, registry,
                [this](TimePoint at) { return civil_date(zone, at); }, &metrics}),
        ticker(clock, engine, &metrics),
        gateway(gateway_parts()),
        desk(platform),
        tables(stores.queries, stores.messages, zone),
        api(api_parts()),
        server(io, server_options(config.service), handlers()) {
    tasks::register_tasks(registry, task_parts);
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
    const std::string token = config.service.token_file.empty()
                                  ? ""
                                  : value_or_throw(load_token(config.service.token_file));
    return {desk,
            engine,
            lanes,
            stores.ledger,
            tables,
            metrics,
            clock,
            zone,
            std::string{kVersion},
            token,
            database->path(),
            [this](std::function<void()> work) {
              asio::post(readers, std::move(work));
              return true;
            },
            [this] { return not_ready(); },
            [this](const trading::AuditEntry& entry) { audit(entry); }};
  }

  tasks::TaskParts make_task_parts() {
    return {tasks::work_of(platform),
            stores.maintenance,
            stores.cache,
            stores.messages,
            stores.ledger,
            clock,
            [this](Micros silent) {
              return gateway.drop_silent_clients(
                  std::chrono::duration_cast<std::chrono::seconds>(silent));
            },
            [this] { return api.metrics_text(); },
            config.service.metrics_file,
            config.service.backup_directory};
  }

  net::Server::Handlers handlers() {
    return {[this](net::HttpRequest request, const net::HttpAnswer& answer) {
              api.handle(std::move(request), answer);
            },
            [this](std::shared_ptr<net::Connection> connection,
                   const std::string& path) -> std::shared_ptr<net::Peer> {
              if (path != "/ws") return nullptr;
              return gateway.accept(std::move(connection));
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
    if (ready.load()) return std::nullopt;
    return "the service is starting or stopping";
  }

  // Markets without sessions get those of the configuration, once.
  void fill_trading_sessions() {
    const auto known = stores.day.session_texts();
    const auto work = stores.transactions.begin();
    for (const int market : config.service.markets)
      if (!known.contains(trading::Market{market}))
        stores.day.add_session_text(*work, trading::Market{market},
                                    config.service.day_exec_time_range);
    work->commit();
  }

  void start_engine() {
    fill_trading_sessions();
    platform.start(true);
    const auto started = engine.start(config.tasks);
    if (started.has_error()) throw std::runtime_error{started.error().message};
  }

  // Looks at the sites again and again, on the io thread.
  void watch_sites() {
    platform.watch_sites();
    watch.expires_after(kLookAtSites);
    watch.async_wait([this](const boost::system::error_code& error) {
      if (!error && !stopping) watch_sites();
    });
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
      if (signal == SIGHUP) {
        asio::post(readers, [this] { reload(); });
        return listen_to_signals();
      }
      log::info("stopping: what has begun is finished first", {{"signal", signal}});
      stopper = std::thread{[this] { stop(); }};
    });
  }

  void reload() {
    notify_reloading();
    const ConfigResult fresh = load_config(config.file, tasks::task_names());
    if (fresh.has_error()) {
      for (const Mistake& mistake : fresh.error().all)
        log::error("tasks not reloaded, the running ones go on",
                   {{"mistake", to_text(fresh.error().file, mistake)}});
    } else if (const auto done = engine.reload(fresh->tasks); done.has_error()) {
      log::error("tasks not reloaded, the running ones go on", {{"why", done.error().message}});
    } else {
      log::info("tasks reloaded", {{"file", config.file}, {"tasks", fresh->tasks.size()}});
    }
    notify_ready("ticking");
  }

  // On a thread of its own, while the io thread still sends answers and acknowledgements.
  void stop() {
    ready = false;
    notify_stopping();
    ticker.stop();    // nothing becomes due
    engine.stop();    // begun bodies finish; the rest stays claimed
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

  Config config;
  Secrets secrets;
  Zone zone;
  SystemClock clock;
  asio::io_context io{1};
  asio::executor_work_guard<asio::io_context::executor_type> io_work{io.get_executor()};
  asio::steady_timer watch{io};
  asio::signal_set signals{io};
  asio::thread_pool readers{2};
  std::atomic<bool> ready = false;
  bool stopping = false;
  std::thread stopper;

  Metrics metrics;
  std::unique_ptr<db::Database> database;
  SqlStores stores;
  EmbeddedCentre centre;
  Hub hub;
  trading::Platform platform;
  tasks::TaskParts task_parts;  // the bodies refer to it
  scheduler::Registry registry;
  scheduler::LaneSet lanes;
  scheduler::Engine engine;
  scheduler::Ticker ticker;
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
  p.start_engine();
  p.server.start();
  p.ticker.start();
  p.watch_sites();
  p.listen_to_signals();
  p.keep_alive();
  p.ready = true;
  const std::string address = fmt::format("{}:{}", p.config.service.listen_host, p.server.port());
  log::info("systask is ticking", {{"listen", address},
                                   {"tasks", p.config.tasks.size()},
                                   {"database", p.database->path()},
                                   {"business_date", p.platform.business_date()}});
  notify_ready("ticking");
  on_ready(address);
  p.io.run();
  if (p.stopper.joinable()) p.stopper.join();
  log::info("stopped");
}

Result<scheduler::RunRow> Application::run_once(
    const std::string& task, const std::map<std::string, std::string>& parameters) {
  Parts& p = *parts_;
  p.start_engine();
  std::promise<scheduler::RunRow> outcome;
  const auto run = p.engine.run_now(
      task, {"cli", parameters, [&](const scheduler::RunRow& row) { outcome.set_value(row); }});
  Result<scheduler::RunRow> result = Refusal{};
  if (run.has_error())
    result = run.error();
  else
    result = outcome.get_future().get();
  p.engine.stop();
  p.platform.stop();
  p.readers.join();
  return result;
}

}  // namespace systask::service
