// What sites do in a story: log in, die, place orders, take plans over.
#include <fmt/format.h>

#include "tests/scenarios/teller.h"
#include "tests/scenarios/words.h"
#include "trading/decimal.h"

namespace systask::scenarios {

using namespace trading;  // NOLINT: a story is made of trading's types

template <class T, class Describe>
Teller::Outcome Teller::outcome_of(const Result<T>& result, Describe&& describe) {
  if (result.has_error())
    return {result.error().code, result.error().message + " " + result.error().details, {}};
  return {.values = describe(*result)};
}

Teller::Outcome Teller::site(const Step& step) {
  const std::string& name = step.word(1, "a site");
  const std::string& verb = step.word(2, "what the site does");
  if (verb == "login" || verb == "resumes") return log_in(step, name, verb == "resumes");
  SiteState& state = site_of(step, name);
  if (verb == "dies") {
    world_.platform().disconnected(state.session);
    world_.silence(state.session, true);
    return {};
  }
  if (verb == "hangs" || verb == "wakes") {
    world_.silence(state.session, verb == "hangs");
    return {};
  }
  const auto done = [](bool) { return support::Fields{}; };
  if (verb == "logout")
    return outcome_of(world_.ask<bool>([&](Answer<bool> answer) {
      world_.platform().logout(state.session, std::move(answer));
    }),
                      done);
  if (verb == "drains")
    return outcome_of(world_.ask<bool>([&](Answer<bool> answer) {
      world_.platform().drain(name, "operator", "maintenance", std::move(answer));
    }),
                      done);
  return ask_site(step, state, verb);
}

Teller::Outcome Teller::log_in(const Step& step, const std::string& name, bool resume) {
  SiteState& state = sites_[name];
  LoginRequest request = support::login_of(name);
  request.from = step.option("from", "");
  request.capacity = static_cast<int>(step.number_option("capacity", 100));
  request.environment = step.option("environment", "prod");
  request.strategies = {step.option("strategy", "twap")};
  if (resume) {
    request.resume = state.session;
    const PlanId plan{step.number_option("plan", 1)};
    if (step.options.contains("through"))
      request.held.push_back({plan, Epoch{step.number_option("epoch", state.epochs[plan].value())},
                              LineNumber{step.number_option("through", 0)}});
  }
  const auto answer = world_.login(request);
  if (answer.has_value() && answer->session != state.session) {
    state.previous = state.session;
    state.session = answer->session;
    state.read = 0;
  }
  return outcome_of(answer, [](const LoginAnswer& login) {
    return support::Fields{{"resumed", login.resumed ? "yes" : "no"},
                           {"plans", fmt::to_string(login.plans.size())}};
  });
}

SiteRequest Teller::who(const Step& step, const SiteState& state) {
  const PlanId plan{step.number(3, "a plan")};
  const auto known = state.epochs.find(plan);
  const std::int64_t epoch = known == state.epochs.end() ? 0 : known->second.value();
  const bool before = step.option("session", "") == "previous";
  return {before ? state.previous : state.session, plan, Epoch{step.number_option("epoch", epoch)}};
}

Teller::Outcome Teller::ask_site(const Step& step, const SiteState& state,
                                 const std::string& verb) {
  Platform& platform = world_.platform();
  const SiteRequest asks = who(step, state);
  const auto done = [](bool) { return support::Fields{}; };
  const auto status = [](PlanStatus now) {
    return support::Fields{{"status", std::string(1, static_cast<char>(now))}};
  };
  if (verb == "places") {
    const auto price = parse_ticks(step.option("price", "10"));
    if (!price) step.fail("price: expected a decimal");
    OrderRequest order{step.option("id", ""),
                       Market{static_cast<int>(step.number_option("market", 1))},
                       step.option("stock", "600570"),
                       static_cast<Side>(step.number_option("side", 1)),
                       PriceTicks{*price},
                       step.number_option("amount", 100)};
    return outcome_of(world_.ask<bool>([&](Answer<bool> a) { platform.place(asks, order, a); }),
                      done);
  }
  if (verb == "cancels") {
    const OrderName order{step.option("id", ""), Market{1}, step.option("no", "")};
    return outcome_of(world_.ask<bool>([&](Answer<bool> a) { platform.cancel(asks, order, a); }),
                      done);
  }
  if (verb == "has") {
    const auto request = plan_request(step.word(4, "start, pause, resume, cancel or expire"));
    if (!request) step.fail(fmt::format("there is no request '{}'", step.words[4]));
    return outcome_of(world_.ask<PlanStatus>(
                          [&](Answer<PlanStatus> a) { platform.plan_done(asks, *request, a); }),
                      status);
  }
  if (verb == "fails")
    return outcome_of(
        world_.ask<PlanStatus>([&](Answer<PlanStatus> a) { platform.plan_failed(asks, "-", a); }),
        status);
  if (verb == "acks")
    return outcome_of(world_.ask<bool>([&](Answer<bool> a) {
      platform.acknowledge(asks, LineNumber{step.number_option("through", 0)}, a);
    }),
                      done);
  return recover_site(step, site_of(step, step.words[1]), asks, verb);
}

Teller::Outcome Teller::recover_site(const Step& step, SiteState& state, const SiteRequest& asks,
                                     const std::string& verb) {
  Platform& platform = world_.platform();
  // What a site that does everything right would send, unless the story says otherwise.
  const std::int64_t applied = world_.plan(asks.plan).applied.value();
  if (verb == "pages") {
    const auto page = world_.ask<OpenOrdersPage>([&](Answer<OpenOrdersPage> a) {
      platform.open_orders(asks, OrderId{step.number_option("after", 0)},
                           static_cast<std::size_t>(step.number_option("limit", 500)), a);
    });
    return {page.has_value() ? "ok" : page.error().code,
            page.has_value() ? page->json : page.error().message,
            {}};
  }
  if (verb == "claims") {
    const LineNumber snapshot{step.number_option("snapshot", applied)};
    const auto claim =
        world_.ask<ClaimAnswer>([&](Answer<ClaimAnswer> a) { platform.claim(asks, snapshot, a); });
    if (claim.has_value()) state.epochs[asks.plan] = claim->epoch;
    return outcome_of(claim, [](const ClaimAnswer& won) {
      return support::Fields{{"epoch", fmt::to_string(won.epoch.value())},
                             {"snapshot", fmt::to_string(won.snapshot.value())}};
    });
  }
  if (verb == "replays") {
    const auto limit = static_cast<std::size_t>(step.number_option("limit", 500));
    return outcome_of(
        world_.ask<CachedAnswer>([&](Answer<CachedAnswer> a) { platform.cached(asks, limit, a); }),
        [](const CachedAnswer& cached) {
          return support::Fields{{"through", fmt::to_string(cached.through.value())},
                                 {"remaining", fmt::to_string(cached.remaining)}};
        });
  }
  if (verb == "finishes") {
    const LineNumber through{step.number_option("through", applied)};
    std::string digest = step.option("digest", "");
    if (digest == "right") digest = world_.view(asks.plan)->digest;
    return outcome_of(
        world_.ask<FinishAnswer>(
            [&](Answer<FinishAnswer> a) { platform.finish(asks, through, a, digest); }),
        [](const FinishAnswer& finished) {
          return support::Fields{{"status", std::string(1, static_cast<char>(finished.status))},
                                 {"last", fmt::to_string(finished.last.value())}};
        });
  }
  if (verb == "gives-up")
    return outcome_of(
        world_.ask<bool>([&](Answer<bool> a) { platform.recover_failed(asks, "no memory", a); }),
        [](bool) { return support::Fields{}; });
  step.fail(fmt::format("a site does not '{}'", verb));
}

}  // namespace systask::scenarios
