#include "trading/platform.h"

#include <fmt/format.h>

#include "base/log.h"
#include "trading/plan_json.h"
#include "trading/platform_parts.h"
#include "trading/ports/message_store.h"
#include "trading/ports/outbox.h"
#include "trading/unpack.h"

namespace systask::trading {

SiteWatch::Limits limits_of(const PlatformOptions& options) {
  SiteWatch::Limits limits;
  limits.heartbeat = options.heartbeat;
  limits.suspect_after = options.suspect_after();
  limits.site_timeout = options.site_timeout;
  limits.site_grace = options.site_grace;
  limits.start_grace = options.start_grace;
  limits.hold_max = options.hold_max;
  return limits;
}

Platform::Platform(const Stores& stores, Outlet& outlet, const Clock& clock,
                   PlatformOptions options)
    : parts_(std::make_unique<Parts>(stores, outlet, clock, std::move(options))) {}

Platform::~Platform() { stop(); }

const PlatformOptions& Platform::options() const { return parts_->options; }

void Platform::start(bool sites_return) {
  Parts& p = *parts_;
  p.book.load(p.stores);
  p.watch.begin(p.clock.monotonic());
  for (const auto& [id, site] : p.book.sites.committed()) {
    if (!site.live) continue;
    // Without grace they are found lost at the first look.
    const auto since =
        sites_return ? p.clock.monotonic() : p.clock.monotonic() - p.options.start_grace;
    p.watch.expected(site.session, since);
  }
  if (p.options.own_thread) p.worker.start();
  p.call<bool>([&p](Turn& turn) {
    p.day.open_first(turn);
    p.recovery.resume_attempts(turn);
    p.orders_out.load(turn);
    p.open_date = turn.book.open_date().value();
    return true;
  });
}

void Platform::stop() { parts_->worker.stop(); }

std::size_t Platform::run_batch() { return parts_->worker.run_batch(); }

// --- the order system ---

void Platform::take(std::string_view topic, std::string_view body, std::function<void()> done,
                    std::function<void(const std::string&)> failed,
                    std::shared_ptr<Stream> stream) {
  Parts& p = *parts_;
  Result<Message> unpacked = unpack(topic, body);
  Command command;
  command.stream = std::move(stream);
  command.failed = failed;
  if (unpacked.has_error()) {
    command.run = [&p, text = std::string{body}, done = std::move(done),
                   reason = unpacked.error().message](Turn& turn) {
      p.intake.quarantine_text(turn, text, reason);
      turn.effects.call(done);
    };
  } else {
    const auto message = std::make_shared<const Message>(std::move(*unpacked));
    command.poisoned = [&p, message, done](Turn& turn, const std::string& why) {
      p.intake.take_failed(turn, *message, why);
      turn.effects.call(done);
    };
    command.run = [&p, message, done = std::move(done)](Turn& turn) {
      p.intake.take(turn, *message);
      turn.effects.call(done);
    };
  }
  if (!p.worker.post(std::move(command))) failed("the platform's queue is full");
}

void Platform::orders_acknowledged(OrderLinkId link, OutNo through, Answer<bool> answer) {
  Parts& p = *parts_;
  p.request<bool>(std::move(answer), [&p, link, through](Turn& turn) {
    return p.orders_out.acknowledged(turn, link, through);
  });
}

OrderLinkId Platform::order_system_ready(std::string name, std::function<void()> bind,
                                         std::function<void()> ready,
                                         std::function<void(const std::string&)> failed) {
  Parts& p = *parts_;
  const OrderLinkId link = p.orders_out.log_in(std::move(name), std::move(bind));
  Command command;
  command.failed = failed;
  command.run = [&p, link, ready = std::move(ready)](Turn& turn) {
    p.orders_out.serve(turn, link, ready);
  };
  if (!p.worker.post(std::move(command))) failed("the platform's queue is full, or it is stopping");
  return link;
}

void Platform::order_system_gone(OrderLinkId link) { parts_->orders_out.log_out(link); }

void Platform::Parts::appoint_receiver() {
  request<bool>([](const Result<bool>&) {},
                [this](Turn& turn) -> Result<bool> {
                  orders_out.appoint(turn);
                  return true;
                });
}

void Platform::publication_made(OutNo kept) { parts_->publishing.made(kept); }

void Platform::publication_failed(Publication publication, const std::string& error) {
  parts_->publishing.failed(std::move(publication), error);
}

void Platform::Parts::settle_publications() {
  request<bool>(
      [this](const Result<bool>& result) {
        if (result.has_error()) publishing.settle_later();
      },
      [this](Turn& turn) -> Result<bool> {
        publishing.settle(turn);
        return true;
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
  p.lose(p.watch.look(p.clock.monotonic()));
}

void Platform::Parts::lose(const std::vector<SiteWatch::Lost>& found) {
  for (const SiteWatch::Lost& lost : found) {
    watch.forget(lost.session);
    request<bool>(
        [this, lost](const Result<bool>& result) {
          if (result.has_error())
            watch.still_lost(lost, clock.monotonic());
          else
            watch.forget(lost.session);  // whoever resumed meanwhile was told that it is dead
        },
        [this, lost](Turn& turn) -> Result<bool> {
          turn.effects.session_lost(lost.session);
          return recovery.lose(turn, lost.session, lost.why, lost.since_heard);
        });
  }
}

MonotonicPoint Platform::awake() const { return parts_->watch.awake(parts_->clock.monotonic()); }

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
  p.request<bool>(std::move(answer), [&p, who, through](Turn& turn) {
    return p.recovery.acknowledge(turn, who, through);
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
  p.request<OpenOrdersPage>(std::move(answer), [&p, who, after, limit](Turn& turn) {
    return p.recovery.open_orders(turn, who, after, limit);
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

void Platform::finish(const SiteRequest& who, LineNumber through, Answer<FinishAnswer> answer,
                      std::string digest) {
  Parts& p = *parts_;
  p.request<FinishAnswer>(std::move(answer),
                          [&p, who, through, digest = std::move(digest)](Turn& turn) {
                            return p.recovery.finish(turn, who, through, digest);
                          });
}

void Platform::recover_failed(const SiteRequest& who, const std::string& reason,
                              Answer<bool> answer) {
  Parts& p = *parts_;
  p.request<bool>(std::move(answer),
                  [&p, who, reason](Turn& turn) { return p.recovery.failed(turn, who, reason); });
}

}  // namespace systask::trading
