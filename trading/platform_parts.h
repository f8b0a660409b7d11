// What a Platform is made of. Only trading/platform*.cc include this.
#pragma once

#include <atomic>
#include <functional>
#include <future>
#include <memory>
#include <stdexcept>
#include <utility>

#include "calendar/market_hours.h"
#include "trading/book.h"
#include "trading/changes.h"
#include "trading/day.h"
#include "trading/intake.h"
#include "trading/logins.h"
#include "trading/name_disputes.h"
#include "trading/order_entry.h"
#include "trading/orders_out.h"
#include "trading/placement.h"
#include "trading/platform.h"
#include "trading/publishing.h"
#include "trading/quarantine.h"
#include "trading/recovery.h"
#include "trading/site_watch.h"
#include "trading/worker.h"

namespace systask::trading {

inline constexpr std::size_t kRowsAtATime = 500;  // of long work, so that messages go between

SiteWatch::Limits limits_of(const PlatformOptions& options);

// The plan as it is served to sites and clients.
PlanView view_of(const Stores& stores, Turn& turn, const Plan& plan);

// Everything that trading consists of, in the order in which it is built.
struct Platform::Parts {
  Parts(const Stores& stores_, Outlet& outlet, const Clock& clock_, PlatformOptions options_)
      : stores(stores_),
        clock(clock_),
        options(std::move(options_)),
        book([this](TimePoint received_at) {
          return parked_since(received_at, clock.now(), clock.monotonic(), options.park_max);
        }),
        hours(options.hours
                  ? options.hours
                  : std::make_shared<const MarketHours>(Zone::find(options.time_zone).value())),
        watch(limits_of(options)),
        placement(watch, options.known_sites, options.rebuilds_per_site),
        publishing(stores, [this] { settle_publications(); }),
        intake(stores, *hours, publishing,
               {.most = options.park_most,
                .most_bytes = options.park_most_mib << 20,
                .longest = options.park_max,
                .monotonic = monotonic()},
               [this](Turn& turn, PlanId plan, const std::string& reason) {
                 recovery.quarantine(turn, plan, reason);
               }),
        changes(stores, intake, placement, *hours, monotonic()),
        recovery({stores, intake, changes, placement, options, monotonic(), awake()}),
        orders_out(
            {stores, outlet, options.order_timeout, awake(), [this] { appoint_receiver(); }}),
        entry(stores, recovery, intake.applier(), orders_out),
        logins(stores, recovery, watch, disputes, options, monotonic()),
        quarantine(stores, intake, recovery),
        day(stores, intake, changes, recovery, *hours, monotonic()),
        worker(stores, book, outlet, clock_, {.batch_commands = options.batch_commands}) {}

  std::function<MonotonicPoint()> monotonic() {
    return [this] { return clock.monotonic(); };
  }

  std::function<MonotonicPoint()> awake() {
    return [this] { return watch.awake(clock.monotonic()); };
  }

  // Runs `ask` as a command; its answer leaves after the commit. A refusal is an answer
  // like any other: the command has changed nothing then.
  template <class T>
  void request(Answer<T> answer, std::function<Result<T>(Turn&)> ask,
               std::shared_ptr<Stream> stream = nullptr) {
    Command command;
    command.stream = std::move(stream);
    command.run = [answer, ask](Turn& turn) {
      Result<T> result = ask(turn);
      turn.effects.call([answer, result = std::move(result)] { answer(result); });
    };
    command.failed = [answer](const std::string& why) {
      answer(Refusal{"INTERNAL", "nothing was changed: " + why});
    };
    if (!worker.post(std::move(command)))
      answer(Refusal{"BUSY", "the platform's queue is full, or it is stopping: try again"});
  }

  // Runs `work` as a command and waits for it to be durable.
  template <class T>
  T call(std::function<T(Turn&)> work) {
    auto promise = std::make_shared<std::promise<Result<T>>>();
    request<T>([promise](Result<T> result) { promise->set_value(std::move(result)); },
               [work = std::move(work)](Turn& turn) -> Result<T> { return work(turn); });
    auto answered = promise->get_future();
    while (!options.own_thread && worker.run_batch() > 0) {
    }
    Result<T> result = answered.get();
    if (result.has_error()) throw std::runtime_error{result.error().message};
    return std::move(*result);
  }

  // Marks these dead, and takes their plans away.
  void lose(const std::vector<SiteWatch::Lost>& found);

  void settle_publications();
  // Where orders have no receiver; what does not come to it is done at the next look.
  void appoint_receiver();

  // Steps of long work until one of them finds nothing to do.
  std::int64_t repeat(const std::function<WorkReport(Turn&)>& step) {
    std::int64_t rows = 0;
    while (true) {
      const auto report = call<WorkReport>(step);
      rows += report.rows;
      if (report.rows < static_cast<std::int64_t>(kRowsAtATime)) return rows;
    }
  }

  const Stores& stores;
  const Clock& clock;
  const PlatformOptions options;
  Book book;
  std::shared_ptr<const MarketHours> hours;
  SiteWatch watch;
  Placement placement;
  Publishing publishing;
  Intake intake;
  Changes changes;
  Recovery recovery;
  OrdersOut orders_out;
  OrderEntry entry;
  NameDisputes disputes;
  Logins logins;
  Quarantine quarantine;
  Day day;
  std::atomic<std::int32_t> open_date = 0;
  Worker worker;
};

}  // namespace systask::trading
