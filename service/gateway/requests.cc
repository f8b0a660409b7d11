#include "service/gateway/requests.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>

#include "service/api/body.h"
#include "service/gateway/frames.h"
#include "service/gateway/message_centre.h"
#include "trading/decimal.h"
#include "trading/limits.h"

namespace systask::service {
namespace {

using trading::LineNumber;
using trading::PlanStatus;

constexpr unsigned kSite = static_cast<unsigned>(Role::kSite);
constexpr unsigned kAnybody =
    kSite | static_cast<unsigned>(Role::kOrderSystem) | static_cast<unsigned>(Role::kClient);
constexpr std::int64_t kMost = INT64_MAX;

std::string empty_ok(const bool&) { return "{}"; }

std::string status_ok(const PlanStatus& status) {
  return fmt::format(R"({{"status":"{}"}})", static_cast<char>(status));
}

// The body of a request, or the answer that says what is wrong with it.
std::optional<Body> body_of(Session& session, const Envelope& envelope) {
  Result<Body> body = Body::parse(envelope.body);
  if (!body.has_error()) return std::move(*body);
  session.refuse(envelope.id, body.error());
  return std::nullopt;
}

bool refused(Session& session, const Envelope& envelope, const Body& body) {
  if (!body.wrong()) return false;
  session.refuse(envelope.id, body.refusal());
  return true;
}

void heartbeat(Session& session, const Envelope& envelope) {
  session.answer_ok(envelope.id,
                    fmt::format(R"({{"time":"{}"}})", to_rfc3339(session.parts().clock.now())));
}

void plan_done(Session& session, const Envelope& envelope) {
  auto body = body_of(session, envelope);
  if (!body) return;
  const std::string name = body->text("request");
  const auto request = trading::plan_request(name);
  if (refused(session, envelope, *body)) return;
  if (!request || *request == trading::PlanRequest::kModify)
    return session.refuse(envelope.id,
                          {"BAD_REQUEST", fmt::format("request: found '{}', expected start, pause, "
                                                      "resume, cancel or expire",
                                                      name)});
  session.parts().platform.plan_done(session.who(envelope), *request,
                                     session.answering<PlanStatus>(envelope, status_ok));
}

void plan_failed(Session& session, const Envelope& envelope) {
  auto body = body_of(session, envelope);
  if (!body) return;
  const std::string reason = body->text("reason");
  if (refused(session, envelope, *body)) return;
  session.parts().platform.plan_failed(session.who(envelope), reason,
                                       session.answering<PlanStatus>(envelope, status_ok));
}

void place(Session& session, const Envelope& envelope) {
  auto body = body_of(session, envelope);
  if (!body) return;
  trading::OrderRequest order;
  order.algo_ordid = body->text("algo_ordid");
  order.market = trading::Market{static_cast<int>(body->integer("market_no", 1, INT32_MAX))};
  order.security = body->text("stock_code");
  order.side = static_cast<trading::Side>(body->integer("entrust_direction", 1, 2));
  order.quantity = body->integer("entrust_amount", 1, trading::kMostQuantity);
  const std::string price = body->text("entrust_price");
  if (refused(session, envelope, *body)) return;
  const auto ticks = trading::parse_ticks(price);
  if (!ticks)
    return session.refuse(
        envelope.id,
        {"BAD_REQUEST", fmt::format("entrust_price: found '{}', expected {}", excerpt_of(price),
                                    trading::expected_price(price))});
  order.price = trading::PriceTicks{*ticks};
  session.parts().platform.place(
      session.who(envelope), order,
      [self = session.shared_from_this(), id = std::string{envelope.id},
       algo_ordid = order.algo_ordid](const Result<bool>& result) {
        if (result.has_error()) return self->refuse(id, result.error());
        self->answer_ok(id,
                        fmt::format(R"({{"algo_ordid":{}}})",
                                    boost::json::serialize(boost::json::string_view{algo_ordid})));
      });
}

void cancel(Session& session, const Envelope& envelope) {
  auto body = body_of(session, envelope);
  if (!body) return;
  trading::OrderName order;
  order.algo_ordid = body->text_or("algo_ordid", "");
  if (order.algo_ordid.empty()) {
    order.market = trading::Market{static_cast<int>(body->integer("market_no", 1, INT32_MAX))};
    order.number = body->text("entrust_no");
  }
  if (refused(session, envelope, *body)) return;
  session.parts().platform.cancel(session.who(envelope), order,
                                  session.answering<bool>(envelope, empty_ok));
}

std::string state_ok(const trading::PlanView& view) {
  return fmt::format(R"({{"plan":{},"last":{},"skipped":{},"digest":"{}"}})", view.plan_json,
                     view.applied.value(), view.skipped, view.digest);
}

void plan_state(Session& session, const Envelope& envelope) {
  session.parts().platform.plan_state(session.who(envelope),
                                      session.answering<trading::PlanView>(envelope, state_ok));
}

void logout(Session& session, const Envelope& envelope) {
  session.parts().platform.logout(session.who(envelope).session,
                                  session.answering<bool>(envelope, empty_ok));
}

void drain(Session& session, const Envelope& envelope) {
  session.parts().platform.drain(session.name(), "site " + session.name(), "the site asked for it",
                                 session.answering<bool>(envelope, empty_ok));
}

void open_orders(Session& session, const Envelope& envelope) {
  auto body = body_of(session, envelope);
  if (!body) return;
  const auto after = body->optional_integer("after", 0, kMost).value_or(0);
  const auto limit = body->optional_integer("limit", 1, 1000).value_or(500);
  if (refused(session, envelope, *body)) return;
  session.parts().platform.open_orders(
      session.who(envelope), trading::OrderId{after}, static_cast<std::size_t>(limit),
      session.answering<trading::OpenOrdersPage>(
          envelope, [](const trading::OpenOrdersPage& page) { return page.json; }));
}

void claim(Session& session, const Envelope& envelope) {
  auto body = body_of(session, envelope);
  if (!body) return;
  const LineNumber snapshot{body->integer("snapshot", 0, kMost)};
  if (refused(session, envelope, *body)) return;
  session.parts().platform.claim(
      session.who(envelope), snapshot,
      session.answering<trading::ClaimAnswer>(envelope, [](const trading::ClaimAnswer& won) {
        return fmt::format(R"({{"epoch":{},"snapshot":{}}})", won.epoch.value(),
                           won.snapshot.value());
      }));
}

void cached(Session& session, const Envelope& envelope) {
  auto body = body_of(session, envelope);
  if (!body) return;
  const auto limit = body->optional_integer("limit", 1, 2000).value_or(500);
  if (refused(session, envelope, *body)) return;
  session.parts().platform.cached(
      session.who(envelope), static_cast<std::size_t>(limit),
      session.answering<trading::CachedAnswer>(envelope, [](const trading::CachedAnswer& now) {
        return fmt::format(R"({{"through":{},"remaining":{}}})", now.through.value(),
                           now.remaining);
      }));
}

void finish(Session& session, const Envelope& envelope) {
  auto body = body_of(session, envelope);
  if (!body) return;
  const LineNumber through{body->integer("through", 0, kMost)};
  std::string digest = body->text_or("digest", "");
  if (refused(session, envelope, *body)) return;
  session.parts().platform.finish(session.who(envelope), through,
                                  session.answering<trading::FinishAnswer>(
                                      envelope,
                                      [](const trading::FinishAnswer& done) {
                                        return fmt::format(R"({{"status":"{}","last":{}}})",
                                                           static_cast<char>(done.status),
                                                           done.last.value());
                                      }),
                                  std::move(digest));
}

void recover_failed(Session& session, const Envelope& envelope) {
  auto body = body_of(session, envelope);
  if (!body) return;
  const std::string reason = body->text("reason");
  if (refused(session, envelope, *body)) return;
  session.parts().platform.recover_failed(session.who(envelope), reason,
                                          session.answering<bool>(envelope, empty_ok));
}

void subscribe(Session& session, const Envelope& envelope) {
  auto body = body_of(session, envelope);
  if (!body) return;
  auto topics = body->text_list("topics");
  if (refused(session, envelope, *body)) return;
  if (session.role() == Role::kSite)
    for (const std::string& topic : topics)
      if (topic.starts_with("asset.algo.") || topic.ends_with('*'))
        return session.refuse(envelope.id,
                              {"WRONG_ROLE", fmt::format("{}: a site gets its plans' events on "
                                                         "their lines only",
                                                         topic)});
  if (const auto done = session.parts().centre.subscribe(session.connection(), std::move(topics));
      done.has_error())
    return session.refuse(envelope.id, done.error());
  session.answer_ok(envelope.id, "{}");
}

constexpr std::array kRequests{
    Request{"login", 0, 0, [](Session& s, const Envelope& e) { s.challenge(e); }},
    Request{"prove", 0, 0, [](Session& s, const Envelope& e) { s.prove(e); }},
    Request{"heartbeat", 5180214, kAnybody, heartbeat},
    Request{"subscribe", 0, kAnybody, subscribe},
    Request{"plan_done", 0, kSite, plan_done, true},
    Request{"plan_failed", 0, kSite, plan_failed, true},
    Request{"plan_state", 0, kSite, plan_state, true},
    Request{"place", 0, kSite, place, true},
    Request{"cancel", 0, kSite, cancel, true},
    Request{"logout", 0, kSite, logout},
    Request{"drain", 0, kSite, drain},
    Request{"open_orders", 0, kSite, open_orders, true},
    Request{"claim", 5180246, kSite, claim, true},
    Request{"cached", 0, kSite, cached, true},
    Request{"finish", 5180224, kSite, finish, true},
    Request{"recover_failed", 0, kSite, recover_failed, true},
};

}  // namespace

const Request* find_request(std::string_view name) {
  const auto* const found = std::ranges::find(kRequests, name, &Request::name);
  return found == kRequests.end() ? nullptr : found;
}

}  // namespace systask::service
