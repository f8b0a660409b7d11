#include "trading/platform.h"

#include <fmt/format.h>

#include <atomic>
#include <future>
#include <stdexcept>
#include <utility>

#include "base/log.h"
#include "trading/book.h"
#include "trading/changes.h"
#include "trading/day.h"
#include "trading/intake.h"
#include "trading/logins.h"
#include "trading/market_hours.h"
#include "trading/order_entry.h"
#include "trading/placement.h"
#include "trading/plan_json.h"
#include "trading/ports/message_store.h"
#include "trading/ports/outbox.h"
#include "trading/recovery.h"
#include "trading/site_watch.h"
#include "trading/unpack.h"
#include "trading/worker.h"

namespace systask::trading {
namespace {

constexpr std::size_t kRowsAtATime = 500;  // of long work, so that messages go in between

SiteWatch::Limits limits_of(const PlatformOptions& options) {
  SiteWatch::Limits limits;
  limits.site_timeout = options.site_timeout;
  limits.site_grace = options.site_grace;
  limits.start_grace = options.start_grace;
  limits.hold_max = options.hold_max;
  return limits;
}

}  // namespace

// Everything that trading consists of, in the order in which it is built.
struct Platform::Parts {
  Parts(const Stores& stores_, Outlet& outlet, const Clock& clock_, PlatformOptions options_)
      : stores(stores_),
        clock(clock_),
        options(std::move(options_)),
        hours(Zone::find(options.time_zone).value()),
        watch(limits_of(options)),
        placement(watch, options.known_sites),
        intake(stores),
        changes(stores, intake, placement, hours, monotonic()),
        recovery({stores, intake, changes, placement, options, monotonic()}),
        entry(stores, recovery, intake.applier()),
        logins(stores, recovery, watch, monotonic()),
        day(stores, intake, changes, recovery, hours),
        worker(stores, book, outlet, clock_) {}

  std::function<MonotonicPoint()> monotonic() {
    return [this] { return clock.monotonic(); };
  }

  // Runs `ask` as a command; its answer leaves after the commit. A refusal is an answer
  // like any other: the command has changed nothing then.
  template <class T>
  void request(Answer<T> answer, std::function<Result<T>(Turn&)> ask) {
    Command command;
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
    Result<T> result = promise->get_future().get();
    if (result.has_error()) throw std::runtime_error{result.error().message};
    return std::move(*result);
  }

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
  MarketHours hours;
  SiteWatch watch;
  Placement placement;
  Intake intake;
  Changes changes;
  Recovery recovery;
  OrderEntry entry;
  Logins logins;
  Day day;
  std::atomic<std::int32_t> open_date = 0;
  Worker worker;
};

Platform::Platform(const Stores& stores, Outlet& outlet, const Clock& clock,
                   PlatformOptions options)
    : parts_(std::make_unique<Parts>(stores, outlet, clock, std::move(options))) {}

Platform::~Platform() { stop(); }

const PlatformOptions& Platform::options() const { return parts_->options; }

void Platform::start(bool sites_return) {
  Parts& p = *parts_;
  p.book.load(p.stores);
  for (const auto& [id, site] : p.book.sites.committed()) {
    if (!site.live) continue;
    // Without grace they are found lost at the first look.
    const auto since =
        sites_return ? p.clock.monotonic() : p.clock.monotonic() - p.options.start_grace;
    p.watch.expected(site.session, since);
  }
  p.worker.start();
  p.call<bool>([&p](Turn& turn) {
    p.day.open_first(turn);
    p.recovery.resume_attempts(turn);
    p.open_date = turn.book.open_date().value();
    return true;
  });
}

void Platform::stop() { parts_->worker.stop(); }

// --- the order system ---

void Platform::take(std::string_view topic, std::string_view body, std::function<void()> done,
                    std::function<void(const std::string&)> failed) {
  Parts& p = *parts_;
  Result<Message> unpacked = unpack(topic, body);
  Command command;
  command.failed = failed;
  command.poisoned = [&p, text = std::string{body}, done](Turn& turn, const std::string& why) {
    p.intake.quarantine_text(turn, text, why);
    turn.effects.call(done);
  };
  if (unpacked.has_error())
    command.run = [&p, text = std::string{body}, done,
                   reason = unpacked.error().message](Turn& turn) {
      p.intake.quarantine_text(turn, text, reason);
      turn.effects.call(done);
    };
  else
    command.run = [&p, message = std::move(*unpacked), done = std::move(done)](Turn& turn) {
      p.intake.take(turn, message);
      turn.effects.call(done);
    };
  if (!p.worker.post(std::move(command))) failed("the platform's queue is full");
}

void Platform::orders_acknowledged(OutNo through) {
  Parts& p = *parts_;
  p.request<bool>([](const Result<bool>&) {},
                  [&p, through](Turn& turn) -> Result<bool> {
                    p.stores.outbox.remove_through(turn.work, through);
                    return true;
                  });
}

void Platform::order_system_ready(std::function<void()> ready) {
  Parts& p = *parts_;
  Command command;
  command.run = [&p, ready = std::move(ready)](Turn& turn) {
    turn.effects.call(ready);
    OutNo after;
    while (true) {
      auto rows = p.stores.outbox.pending(turn.work, OutKind::kOrder, after, kRowsAtATime);
      if (rows.empty()) return;
      after = rows.back().no;
      for (OutRow& row : rows)
        turn.effects.order(std::move(row));
    }
  };
  if (!p.worker.post(std::move(command)))
    log::error("the order system cannot be served: the worker takes no command");
}

void Platform::publication_failed(Publication publication, const std::string& error) {
  Parts& p = *parts_;
  p.request<bool>([](const Result<bool>&) {},
                  [&p, publication = std::move(publication), error](Turn& turn) -> Result<bool> {
                    OutRow row;
                    row.no = OutNo{turn.book.new_out_no()};
                    row.kind = OutKind::kPublication;
                    row.topic = publication.topic;
                    row.plan = publication.plan;
                    row.line = publication.line;
                    row.body = publication.body;
                    row.created_at = turn.now;
                    row.attempts = 1;
                    row.last_error = error;
                    return p.stores.outbox.add(turn.work, row, std::nullopt);
                  });
}

// --- sites ---

void Platform::login(LoginRequest request, Answer<LoginAnswer> answer) {
  Parts& p = *parts_;
  Command command;
  command.run = [&p, request = std::move(request), answer](Turn& turn) {
    p.logins.login(turn, request, answer);
  };
  command.failed = [answer](const std::string& why) {
    answer(Refusal{"INTERNAL", "nothing was changed: " + why});
  };
  if (!p.worker.post(std::move(command)))
    answer(Refusal{"BUSY", "the platform's queue is full, or it is stopping: try again"});
}

void Platform::watch_sites() {
  Parts& p = *parts_;
  for (const SiteWatch::Lost& lost : p.watch.look(p.clock.monotonic())) {
    p.watch.forget(lost.session);
    p.request<bool>(
        [&p, lost](const Result<bool>& result) {
          if (result.has_error()) p.watch.expected(lost.session, {});  // look again
        },
        [&p, lost](Turn& turn) -> Result<bool> {
          turn.effects.session_lost(lost.session);
          return p.recovery.lose(turn, lost.session, lost.why, lost.since_heard);
        });
  }
}

void Platform::heard(SessionId session) { parts_->watch.heard(session, parts_->clock.monotonic()); }

void Platform::disconnected(SessionId session) {
  parts_->watch.disconnected(session, parts_->clock.monotonic());
}

void Platform::logout(SessionId session, Answer<bool> answer) {
  Parts& p = *parts_;
  p.request<bool>(std::move(answer),
                  [&p, session](Turn& turn) { return p.logins.logout(turn, session); });
}

void Platform::drain(const std::string& site, const std::string& actor, const std::string& reason,
                     Answer<bool> answer) {
  Parts& p = *parts_;
  p.request<bool>(std::move(answer), [&p, site, actor, reason](Turn& turn) {
    return p.logins.drain(turn, site, actor, reason);
  });
}

void Platform::acknowledge(const SiteRequest& who, LineNumber through, Answer<bool> answer) {
  Parts& p = *parts_;
  p.request<bool>(std::move(answer), [&p, who, through](Turn& turn) -> Result<bool> {
    const auto plan = p.recovery.fenced(turn, who);
    if (plan.has_error()) return plan.error();
    if (through > (*plan)->applied)
      return Refusal{"BAD_REQUEST",
                     fmt::format("ack through {}: plan {} was pushed through {}", through.value(),
                                 who.plan.value(), (*plan)->applied.value())};
    return true;
  });
}

void Platform::place(const SiteRequest& who, OrderRequest order, Answer<bool> answer) {
  Parts& p = *parts_;
  p.request<bool>(std::move(answer), [&p, who, order = std::move(order)](Turn& turn) {
    return p.entry.place(turn, who, order);
  });
}

void Platform::cancel(const SiteRequest& who, OrderName order, Answer<bool> answer) {
  Parts& p = *parts_;
  p.request<bool>(std::move(answer), [&p, who, order = std::move(order)](Turn& turn) {
    return p.entry.cancel(turn, who, order);
  });
}

void Platform::plan_done(const SiteRequest& who, PlanRequest request, Answer<PlanStatus> answer) {
  Parts& p = *parts_;
  p.request<PlanStatus>(std::move(answer), [&p, who, request](Turn& turn) -> Result<PlanStatus> {
    const auto plan = p.recovery.fenced(turn, who);
    if (plan.has_error()) return plan.error();
    return p.changes.done(turn, who.plan, request);
  });
}

void Platform::plan_failed(const SiteRequest& who, const std::string& reason,
                           Answer<PlanStatus> answer) {
  Parts& p = *parts_;
  p.request<PlanStatus>(std::move(answer), [&p, who, reason](Turn& turn) -> Result<PlanStatus> {
    const auto plan = p.recovery.fenced(turn, who);
    if (plan.has_error()) return plan.error();
    return p.changes.failed(turn, who.plan, reason);
  });
}

namespace {

PlanView view_of(const Stores& stores, Turn& turn, const Plan& plan) {
  const Site* const site = turn.book.sites.find(plan.site);
  return {plan_json(plan),
          plan.status == PlanStatus::kAbnormal,
          plan.epoch,
          site == nullptr ? "" : site->name,
          plan.last,
          plan.skipped,
          stores.cache.depth(turn.work, plan.id),
          digest(turn.book, plan)};
}

}  // namespace

void Platform::plan_state(const SiteRequest& who, Answer<PlanView> answer) {
  Parts& p = *parts_;
  p.request<PlanView>(std::move(answer), [&p, who](Turn& turn) -> Result<PlanView> {
    const auto plan = p.recovery.fenced(turn, who);
    if (plan.has_error()) return plan.error();
    return view_of(p.stores, turn, **plan);
  });
}

void Platform::open_orders(const SiteRequest& who, OrderId after, std::size_t limit,
                           Answer<OpenOrdersPage> answer) {
  Parts& p = *parts_;
  p.request<OpenOrdersPage>(
      std::move(answer), [&p, who, after, limit](Turn& turn) -> Result<OpenOrdersPage> {
        const auto plan = p.recovery.fenced(turn, who);
        if (plan.has_error()) return plan.error();
        return OpenOrdersPage{open_orders_page(turn.book, **plan, after, limit)};
      });
}

void Platform::claim(const SiteRequest& who, LineNumber snapshot, Answer<ClaimAnswer> answer) {
  Parts& p = *parts_;
  p.request<ClaimAnswer>(std::move(answer), [&p, who, snapshot](Turn& turn) {
    return p.recovery.claim(turn, who, snapshot);
  });
}

void Platform::cached(const SiteRequest& who, std::size_t limit, Answer<CachedAnswer> answer) {
  Parts& p = *parts_;
  p.request<CachedAnswer>(std::move(answer), [&p, who, limit](Turn& turn) {
    return p.recovery.cached(turn, who, limit);
  });
}

void Platform::finish(const SiteRequest& who, LineNumber through, Answer<FinishAnswer> answer) {
  Parts& p = *parts_;
  p.request<FinishAnswer>(std::move(answer), [&p, who, through](Turn& turn) {
    return p.recovery.finish(turn, who, through);
  });
}

void Platform::recover_failed(const SiteRequest& who, const std::string& reason,
                              Answer<bool> answer) {
  Parts& p = *parts_;
  p.request<bool>(std::move(answer),
                  [&p, who, reason](Turn& turn) { return p.recovery.failed(turn, who, reason); });
}

// --- clients ---

void Platform::create(NewPlan plan, Answer<CreatedPlan> answer) {
  Parts& p = *parts_;
  p.request<CreatedPlan>(std::move(answer), [&p, plan = std::move(plan)](Turn& turn) {
    return p.changes.create(turn, plan);
  });
}

void Platform::change(PlanId plan, PlanRequest request, Parameters parameters,
                      const std::string& actor, Answer<LineNumber> answer) {
  Parts& p = *parts_;
  p.request<LineNumber>(std::move(answer),
                        [&p, plan, request, parameters = std::move(parameters), actor](Turn& turn) {
                          return p.changes.change(turn, plan, request, parameters, actor);
                        });
}

void Platform::view(PlanId plan, Answer<PlanView> answer) {
  Parts& p = *parts_;
  p.request<PlanView>(std::move(answer), [&p, plan](Turn& turn) -> Result<PlanView> {
    const Plan* const found = turn.book.plans.find(plan);
    if (found == nullptr)
      return Refusal{"NO_SUCH_PLAN", fmt::format("there is no plan {}", plan.value())};
    return view_of(p.stores, turn, *found);
  });
}

// --- scheduled tasks ---

RecoveryReport Platform::recover_plans() {
  Parts& p = *parts_;
  return p.call<RecoveryReport>([&p](Turn& turn) { return p.recovery.step(turn); });
}

WorkReport Platform::expire_sites() {
  watch_sites();
  // What the look posted runs before this: the answer is about what was found.
  return parts_->call<WorkReport>([](Turn& turn) {
    std::int64_t live = 0;
    std::int64_t dead = 0;
    turn.book.sites.for_each([&](SiteId, const Site& site) { ++(site.live ? live : dead); });
    return WorkReport{dead, fmt::format("{} sites live, {} not logged in", live, dead)};
  });
}

WorkReport Platform::retry_outbox() {
  Parts& p = *parts_;
  return p.call<WorkReport>([&p](Turn& turn) {
    const auto rows =
        p.stores.outbox.pending(turn.work, OutKind::kPublication, OutNo{}, kRowsAtATime);
    for (const OutRow& row : rows) {
      p.stores.outbox.remove(turn.work, row.no);  // a new failure adds it again
      turn.effects.publish({row.topic, row.plan, row.line, row.body});
    }
    return WorkReport{static_cast<std::int64_t>(rows.size()),
                      fmt::format("{} publications made again", rows.size())};
  });
}

WorkReport Platform::apply_parked() {
  Parts& p = *parts_;
  return p.call<WorkReport>([&p](Turn& turn) {
    const auto given_up =
        p.intake.give_up_parked(turn, turn.now - p.options.park_max, kRowsAtATime);
    return WorkReport{
        static_cast<std::int64_t>(given_up),
        fmt::format("{} parked messages whose order never came are quarantined", given_up)};
  });
}

WorkReport Platform::archive_day() {
  Parts& p = *parts_;
  const auto applied =
      p.repeat([&p](Turn& turn) { return p.day.apply_stale_cache(turn, kRowsAtATime); });
  std::int64_t rows = 0;
  while (true) {  // one kind of row at a time: done when a step moves nothing
    const auto step =
        p.call<WorkReport>([&p](Turn& turn) { return p.day.archive(turn, kRowsAtATime); });
    if (step.rows == 0) break;
    rows += step.rows;
  }
  // The book must not keep what the database no longer has.
  p.call<bool>([&p](Turn& turn) {
    turn.effects.call([&p] { p.book.load(p.stores); });
    return true;
  });
  return {rows, fmt::format("{} rows of earlier business dates archived, {} cached messages "
                            "applied first",
                            rows, applied)};
}

WorkReport Platform::clear_message_cache(int keep_days) {
  Parts& p = *parts_;
  const auto cleared =
      p.repeat([&p](Turn& turn) { return p.day.apply_stale_cache(turn, kRowsAtATime); });
  const auto pruned = p.call<WorkReport>([&p, keep_days](Turn& turn) {
    return WorkReport{static_cast<std::int64_t>(p.day.prune_cache_archive(turn, keep_days)), ""};
  });
  return {cleared, fmt::format("{} cached messages of earlier business dates archived and "
                               "cleared, {} archived ones older than {} days dropped",
                               cleared, pruned.rows, keep_days)};
}

WorkReport Platform::roll_business_date() {
  Parts& p = *parts_;
  return p.call<WorkReport>([&p](Turn& turn) {
    WorkReport report = p.day.roll(turn);
    turn.effects.call([&p, date = turn.book.open_date()] { p.open_date = date.value(); });
    return report;
  });
}

WorkReport Platform::reopen_day_expired_plans() {
  Parts& p = *parts_;
  return p.call<WorkReport>([&p](Turn& turn) { return p.day.reopen(turn); });
}

WorkReport Platform::expire_plans() {
  Parts& p = *parts_;
  return p.call<WorkReport>([&p](Turn& turn) { return p.day.expire(turn); });
}

WorkReport Platform::reconcile_totals() {
  Parts& p = *parts_;
  return p.call<WorkReport>([&p](Turn& turn) { return p.day.reconcile(turn); });
}

// --- readable at any time ---

IntakeCounts Platform::counts() const {
  const IntakeCounters& now = parts_->intake.counters();
  return {now.applied, now.cached,      now.replayed, now.passed,
          now.parked,  now.quarantined, now.duplicate};
}

std::size_t Platform::queue_depth() const { return parts_->worker.depth(); }

BusinessDate Platform::business_date() const { return BusinessDate{parts_->open_date}; }

}  // namespace systask::trading
