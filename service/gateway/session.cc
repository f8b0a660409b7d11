#include "service/gateway/session.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <optional>

#include "base/log.h"
#include "service/api/body.h"
#include "service/api/new_plan.h"
#include "service/gateway/frames.h"
#include "service/gateway/hub.h"
#include "service/gateway/message_centre.h"
#include "service/gateway/proof.h"
#include "service/gateway/requests.h"
#include "trading/identifiers.h"

namespace systask::service {
namespace {

constexpr std::string_view kNewPlanTopic = "stp.api.scheme_new";
constexpr std::string_view kNewPlanAnswerTopic = "asset.algo.scheme_new_answer";
constexpr std::size_t kLongestMessageId = 256;  // bytes, as in reports

Role role_of(std::string_view name) {
  for (const Role role : {Role::kSite, Role::kOrderSystem, Role::kClient})
    if (name == name_of(role)) return role;
  return Role::kNone;
}

bool is_empty(std::string_view body) {
  return body.find_first_not_of(" {}\t\r\n") == std::string_view::npos || body == "null" ||
         body == "\"\"";
}

// What is missing in a frame about a plan; `place` stands before the member's name.
std::optional<std::string> lacking(const Envelope& envelope, std::string_view place) {
  for (const auto& [key, number] :
       {std::pair{"plan", envelope.plan}, std::pair{"epoch", envelope.epoch}}) {
    if (!number)
      return fmt::format("{}{}: absent, expected the {} that this is about", place, key, key);
    if (*number <= 0) return fmt::format("{}{}: found {}, expected 1 or more", place, key, *number);
  }
  return std::nullopt;
}

// The first of a site's own words that is no identifier.
std::optional<std::string> wrong_word(const trading::LoginRequest& login) {
  if (!trading::is_identifier(login.environment))
    return trading::not_identifier("environment", login.environment);
  for (const std::string& strategy : login.strategies)
    if (!trading::is_identifier(strategy)) return trading::not_identifier("strategies", strategy);
  return std::nullopt;
}

Refusal mismatch(std::int64_t fn, const Request& request) {
  constexpr const char* kCode = "FUNCTION_MISMATCH";
  if (request.fn == 0)
    return {kCode,
            fmt::format("fn: found {}, and '{}' has no number: leave it out", fn, request.name)};
  return {kCode,
          fmt::format("fn: found {}, expected {}, which is '{}'", fn, request.fn, request.name)};
}

std::string login_text(const trading::LoginAnswer& login, const trading::PlatformOptions& limits) {
  std::string plans;
  for (const auto& kept : login.plans)
    plans += fmt::format(R"({}{{"plan":{},"epoch":{},"status":"{}","claimed":{}}})",
                         plans.empty() ? "" : ",", kept.plan.value(), kept.epoch.value(),
                         static_cast<char>(kept.status), kept.claimed);
  return fmt::format(R"({{"site":{},"session":{},"resumed":{},"heartbeat_ms":{},)"
                     R"("site_timeout_ms":{},"plans":[{}]}})",
                     login.site.value(), login.session.value(), login.resumed,
                     limits.heartbeat.count(), limits.suspect_after().count(), plans);
}

}  // namespace

std::string_view name_of(Role role) {
  switch (role) {
    case Role::kSite: return "site";
    case Role::kOrderSystem: return "order_system";
    case Role::kClient: return "client";
    case Role::kNone: break;
  }
  return "";
}

Session::Session(const GatewayParts& parts, std::shared_ptr<net::Connection> connection)
    : parts_(parts),
      connection_(std::move(connection)),
      publications_(std::make_shared<Publications>(connection_, parts.post)),
      heard_(parts.platform.awake().time_since_epoch().count()) {}

void Session::expect_login() {
  if (!logged_in_) connection_->close("no login within 5 s");
}

bool Session::close_if_silent(MonotonicPoint awake, std::chrono::seconds silence) {
  const MonotonicPoint heard{MonotonicPoint::duration{heard_.load()}};
  if (!logged_in_ || role_ != Role::kClient || awake - heard < silence) return false;
  log::info("silent client dropped", {{"client", name_}});
  connection_->close(fmt::format("silent for {} s", silence.count()));
  return true;
}

void Session::on_text(std::string_view text) {
  if (role_ == Role::kClient) heard_ = parts_.platform.awake().time_since_epoch().count();
  if (const trading::SessionId session{session_}; session != trading::SessionId{})
    parts_.platform.heard(session);
  const Result<Envelope> envelope = read_envelope(text);
  if (envelope.has_error()) return refuse({}, envelope.error());
  if (envelope->pub) return publication(*envelope);
  if (envelope->wrong) return refuse(envelope->id, *envelope->wrong);
  if (!envelope->ack.empty()) return acknowledgement(*envelope);
  request(*envelope);
}

void Session::on_closed(std::string_view reason) {
  if (!logged_in_) return;
  log::info("connection closed", {{"role", name_of(role_)}, {"name", name_}, {"why", reason}});
  parts_.centre.unsubscribe(connection_.get());
  if (role_ == Role::kOrderSystem) {
    parts_.hub.unbind_order_system(connection_.get());
    parts_.platform.order_system_gone(order_link_);
  }
  const trading::SessionId session{session_};
  if (role_ == Role::kSite && parts_.hub.unbind_site(session, connection_.get()))
    parts_.platform.disconnected(session);
}

void Session::refuse(std::string_view id, const Refusal& refusal) {
  connection_->send(error_frame(id, refusal));
}

void Session::answer_ok(std::string_view id, std::string_view ok) {
  connection_->send(ok_frame(id, ok));
}

trading::SiteRequest Session::who(const Envelope& envelope) const {
  return {trading::SessionId{session_}, trading::PlanId{envelope.plan.value_or(0)},
          trading::Epoch{envelope.epoch.value_or(0)}};
}

// --- requests ---

void Session::request(const Envelope& envelope) {
  if (envelope.name.empty())
    return refuse(envelope.id, {"BAD_REQUEST", envelope.name.data() == nullptr
                                                   ? "name: absent, expected what is asked"
                                                   : "name: empty, expected what is asked"});
  const Request* const request = find_request(envelope.name);
  if (request == nullptr)
    return refuse(envelope.id, {"UNKNOWN_FUNCTION", fmt::format("there is no function '{}'",
                                                                excerpt_of(envelope.name))});
  if (envelope.fn && *envelope.fn != request->fn)
    return refuse(envelope.id, mismatch(*envelope.fn, *request));
  if (envelope.id.empty())
    return refuse({}, {"BAD_REQUEST", fmt::format("id: absent in a request '{}'", envelope.name)});
  if (request->roles == 0) return request->handle(*this, envelope);
  if (!logged_in_)
    return refuse(envelope.id, {"NOT_LOGGED_IN", "log in first: name login, then prove"});
  if ((request->roles & static_cast<unsigned>(role_)) == 0)
    return refuse(envelope.id, {"WRONG_ROLE", fmt::format("role {} may not ask '{}'",
                                                          name_of(role_), envelope.name)});
  if (request->about_plan)
    if (const auto lacks = lacking(envelope, ""))
      return refuse(envelope.id, {"BAD_REQUEST", *lacks});
  request->handle(*this, envelope);
}

// --- publications and acknowledgements ---

void Session::refuse_publication(std::int64_t number, const Refusal& refusal) {
  connection_->send(publication_error_frame(number, refusal));
}

void Session::publication(const Envelope& envelope) {
  const std::int64_t number = *envelope.pub;
  if (!logged_in_)
    return refuse_publication(number, {"NOT_LOGGED_IN", "log in first: name login, then prove"});
  if (role_ != Role::kOrderSystem)
    return refuse_publication(number,
                              {"WRONG_ROLE", fmt::format("a {} may not publish", name_of(role_))});
  if (envelope.wrong) return refuse_publication(number, *envelope.wrong);
  if (envelope.topic.empty())
    return refuse_publication(
        number, {"BAD_REQUEST", "topic: absent or empty, expected where this is published"});
  if (const auto arrived = publications_->arrived(number, envelope.body.size());
      arrived.has_error())
    return refuse_publication(number, arrived.error());
  if (is_empty(envelope.body)) {
    connection_->send(publication_error_frame(
        number,
        {"EMPTY_BODY", fmt::format("publication {} to {} has an empty body: it was not sent on",
                                   number, envelope.topic)},
        kEmptyBodyError));
    return publications_->dealt_with(number);
  }
  if (envelope.topic == kNewPlanTopic) return new_plan(number, envelope.body);
  parts_.platform.take(
      envelope.topic, envelope.body, [p = publications_, number] { p->dealt_with(number); },
      [p = publications_, number](const std::string& why) { p->failed(number, why); },
      publications_->stream());
}

void Session::new_plan(std::int64_t number, std::string_view text) {
  std::string message_id;
  Result<trading::NewPlan> plan = Refusal{};
  if (auto body = Body::parse(text); body.has_error()) {
    plan = body.error();
  } else {
    message_id = body->text_or("message_id", "");
    std::string actor = body->text_or("actor", "order system " + name_);
    plan = new_plan_of(std::move(*body), std::move(actor));
    if (message_id.size() > kLongestMessageId)
      plan = Refusal{"BAD_REQUEST", fmt::format("message_id: found {} bytes, expected {} at most",
                                                message_id.size(), kLongestMessageId)};
  }
  const auto answer = [self = shared_from_this(), message_id,
                       number](const Result<trading::CreatedPlan>& created) {
    if (created.has_error() &&
        (created.error().code == "INTERNAL" || created.error().code == "BUSY"))
      return self->publications_->failed(number, created.error().message);
    const std::string id = boost::json::serialize(boost::json::string_view{message_id});
    std::string text_out;
    if (created.has_error())
      text_out = fmt::format(
          R"({{"message_id":{},"error":{{"code":"{}","message":{}}}}})", id, created.error().code,
          boost::json::serialize(boost::json::string_view{created.error().message}));
    else
      text_out = fmt::format(R"({{"message_id":{},"plan":{}}})", id, created->plan.value());
    self->parts_.hub.publish({std::string{kNewPlanAnswerTopic},
                              created ? created->plan : trading::PlanId{},
                              {},
                              text_out});
    self->publications_->dealt_with(number);
  };
  if (plan.has_error()) return answer(plan.error());
  plan->message_id = message_id;
  parts_.platform.create(std::move(*plan), answer, publications_->stream());
}

void Session::acknowledgement(const Envelope& envelope) {
  const Result<Envelope> ack = read_envelope(envelope.ack);
  if (ack.has_error())
    return refuse(envelope.id, {"BAD_REQUEST", fmt::format("ack: found {}, expected an object",
                                                           excerpt_of(envelope.ack))});
  if (ack->wrong)
    return refuse(envelope.id, {"BAD_REQUEST", fmt::format("ack.{}", ack->wrong->message)});
  if (!logged_in_)
    return refuse(envelope.id, {"NOT_LOGGED_IN", "log in first: name login, then prove"});
  if (role_ == Role::kOrderSystem && ack->out)
    return parts_.platform.orders_acknowledged(
        order_link_, trading::OutNo{*ack->out},
        [self = shared_from_this(), out = *ack->out](const Result<bool>& result) {
          if (result.has_error())
            self->connection_->send(
                error_frame({}, result.error(), fmt::format(R"("out":{})", out)));
        });
  if (role_ != Role::kSite || !ack->through)
    return refuse(
        envelope.id,
        {"BAD_REQUEST",
         role_ == Role::kOrderSystem ? "ack.out: absent, expected the last number that you have"
         : role_ == Role::kSite      ? "ack.through: absent, expected the last number that you have"
                                     : "ack: a client is pushed nothing that it acknowledges"});
  if (const auto lacks = lacking(*ack, "ack.")) return refuse(envelope.id, {"BAD_REQUEST", *lacks});
  parts_.platform.acknowledge(
      who(*ack), trading::LineNumber{*ack->through},
      [self = shared_from_this(), plan = *ack->plan, epoch = *ack->epoch](Result<bool> result) {
        if (result.has_error())
          self->connection_->send(
              error_frame({}, result.error(), fmt::format(R"("plan":{},"epoch":{})", plan, epoch)));
      });
}

// --- login ---

void Session::challenge(const Envelope& envelope) {
  if (logged_in_)
    return refuse(envelope.id, {"BAD_REQUEST", "login: this connection is logged in already"});
  Result<Body> body = Body::parse(envelope.body);
  if (body.has_error()) return refuse(envelope.id, body.error());
  claimed_role_ = body->text("role");
  name_ = body->text("name");
  if (body->wrong()) return refuse(envelope.id, body->refusal());
  challenge_ = new_challenge();
  answer_ok(envelope.id, fmt::format(R"({{"challenge":"{}"}})", challenge_));
}

void Session::prove(const Envelope& envelope) {
  Result<Body> body = Body::parse(envelope.body);
  if (body.has_error()) return refuse(envelope.id, body.error());
  const std::string given = body->text("proof");
  if (body->wrong()) return refuse(envelope.id, body->refusal());
  const std::string challenge = std::exchange(challenge_, {});
  const Role role = role_of(claimed_role_);
  const auto secret = parts_.secret(claimed_role_, name_);
  if (logged_in_ || challenge.empty() || role == Role::kNone || !secret ||
      !same_proof(proof_of(challenge, claimed_role_, name_, *secret), given)) {
    log::warn("login refused",
              {{"role", claimed_role_}, {"name", name_}, {"from", connection_->remote()}});
    refuse(envelope.id, {"LOGIN_REFUSED",
                         "role, name and proof do not belong together: check the "
                         "secret of this peer"});
    return connection_->close("login refused");
  }
  role_ = role;
  if (role == Role::kSite) return prove_site(envelope);
  logged_in_ = true;
  parts_.logged_in(*this);
  log::info("peer logged in", {{"role", claimed_role_}, {"name", name_}});
  if (role == Role::kOrderSystem) return prove_order_system(envelope);
  answer_ok(envelope.id, R"({"session":0})");
}

void Session::prove_order_system(const Envelope& envelope) {
  const std::string id{envelope.id};
  order_link_ = parts_.platform.order_system_ready(
      name_,
      [weak = weak_from_this()] {
        if (const auto self = weak.lock()) self->parts_.hub.bind_order_system(self->connection_);
      },
      [self = shared_from_this(), id] { self->answer_ok(id, R"({"session":0})"); },
      [self = shared_from_this(), id](const std::string& why) {
        self->refuse(id, {"INTERNAL", "not logged in: " + why});
        self->connection_->close("the login could not be served: log in again");
      });
}

void Session::prove_site(const Envelope& envelope) {
  Result<Body> parsed = Body::parse(envelope.body);
  Body& body = *parsed;
  trading::LoginRequest login;
  login.name = name_;
  login.from = connection_->remote();
  login.environment = body.text_or("environment", "prod");
  login.capacity = static_cast<int>(body.optional_integer("capacity", 0, 1'000'000).value_or(1000));
  for (std::string& strategy : body.text_list("strategies"))
    login.strategies.insert(std::move(strategy));
  if (auto resume = body.object("resume")) {
    login.resume = trading::SessionId{resume->integer("session", 0, INT64_MAX)};
    for (Body& plan : resume->objects_if_any("plans")) {
      login.held.push_back({trading::PlanId{plan.integer("plan", 1, INT64_MAX)},
                            trading::Epoch{plan.integer("epoch", 1, INT64_MAX)},
                            trading::LineNumber{plan.integer("through", 0, INT64_MAX)}});
      body.take_mistakes(plan);
    }
    body.take_mistakes(*resume);
  }
  std::optional<Refusal> wrong;
  if (body.wrong()) wrong = body.refusal();
  if (const auto word = wrong_word(login); word && !wrong) wrong = Refusal{"BAD_REQUEST", *word};
  if (wrong) {
    role_ = Role::kNone;
    return refuse(envelope.id, *wrong);
  }
  parts_.platform.login(
      std::move(login),
      [self = shared_from_this(), id = std::string{envelope.id}](
          const Result<trading::LoginAnswer>& result) { self->site_logged_in(id, result); });
}

void Session::site_logged_in(std::string_view id, const Result<trading::LoginAnswer>& result) {
  if (result.has_error()) {
    refuse(id, result.error());
    if (result.error().code == "NAME_IN_USE") connection_->close("the name of this site is in use");
    return;
  }
  session_ = result->session.value();
  logged_in_ = true;
  parts_.hub.bind_site(result->session, connection_);
  answer_ok(id, login_text(*result, parts_.platform.options()));
}

}  // namespace systask::service
