// What clients and the order system do in a story, and what is looked at in the tables.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "tests/scenarios/teller.h"
#include "tests/scenarios/words.h"

namespace systask::scenarios {

using namespace trading;  // NOLINT: a story is made of trading's types

namespace {

NewPlan plan_of(const Step& step) {
  NewPlan plan = support::plan_to_buy(step.number_option("quantity", 1000));
  plan.tolerance_percent = static_cast<std::int32_t>(step.number_option("tolerance", 0));
  plan.strategy = step.option("strategy", "twap");
  plan.environment = step.option("environment", "prod");
  plan.message_id = step.option("msg", "");
  if (step.options.contains("last_date"))
    plan.last_date = BusinessDate{static_cast<std::int32_t>(step.number_option("last_date", 0))};
  return plan;
}

}  // namespace

std::string Teller::site_name(const Plan& plan) {
  if (plan.session == SessionId{}) return "nobody";
  for (const auto& [name, site] : sites_)
    if (site.session == plan.session) return name;
  return "a session that is over";
}

Teller::Outcome Teller::plan(const Step& step) {
  const PlanId id{step.number(1, "a plan")};
  if (step.word(2, "'running on' or 'is'") == "running") return plan_runs_on(step, id);
  if (step.words[2] == "is") return plan_is(step, world_.plan(id));
  step.fail("expected 'plan N running on SITE' or 'plan N is [STATUS] [on SITE]'");
}

// A plan is created, its only possible site has started it, and the story has read that.
Teller::Outcome Teller::plan_runs_on(const Step& step, PlanId id) {
  const std::string& name = step.word(4, "a site");
  const auto created = world_.create(plan_of(step));
  if (created.has_error()) return {created.error().code, created.error().message, {}};
  if (created->plan != id || created->site != name)
    step.fail(fmt::format("plan {} started on {}", created->plan.value(), created->site));
  learn_epochs();
  SiteState& site = site_of(step, name);
  const SiteRequest who{site.session, id, site.epochs[id]};
  const auto started = world_.ask<PlanStatus>([&](Answer<PlanStatus> answer) {
    world_.platform().plan_done(who, PlanRequest::kStart, std::move(answer));
  });
  if (started.has_error()) return {started.error().code, started.error().message, {}};
  site.read = pushes_to(site.session).size();
  return {};
}

Teller::Outcome Teller::plan_is(const Step& step, const Plan& plan) {
  std::string status = step.rest(3);
  const auto on = status.rfind("on ");
  if (on != std::string::npos && (on == 0 || status[on - 1] == ' ')) {
    if (status.substr(on + 3) != site_name(plan))
      step.fail(fmt::format("plan {} is on {}", plan.id.value(), site_name(plan)));
    status = on == 0 ? "" : status.substr(0, on - 1);
  }
  if (!status.empty() && status != name_of(plan.status))
    step.fail(fmt::format("plan {} is {}", plan.id.value(), name_of(plan.status)));
  const auto view = world_.view(plan.id);
  const PlanDetail& detail = plan.details.front();
  support::Fields known{{"ordered", fmt::to_string(detail.ordered)},
                        {"filled", fmt::to_string(detail.filled)},
                        {"last", fmt::to_string(plan.last.value())},
                        {"applied", fmt::to_string(plan.applied.value())},
                        {"epoch", fmt::to_string(plan.epoch.value())},
                        {"skipped", fmt::to_string(plan.skipped)},
                        {"date", fmt::to_string(plan.date.value())},
                        {"was", std::string{name_of(plan.effective_status())}},
                        {"cached", fmt::to_string(view.has_value() ? view->cached : -1)}};
  for (const auto& [key, value] : *plan.parameters)
    known[key] = value;
  for (const auto& [name, value] : step.options)
    if (known[name] != value)
      step.fail(fmt::format("expected {}={}, got '{}'", name, value, known[name]));
  return {};
}

Teller::Outcome Teller::client(const Step& step) {
  const std::string& verb = step.word(1, "what the client does");
  if (verb == "creates") {
    const auto created = world_.create(plan_of(step));
    if (created.has_error()) return {created.error().code, created.error().message, {}};
    return {.values = {{"plan", fmt::to_string(created->plan.value())},
                       {"site", created->site},
                       {"date", fmt::to_string(created->date.value())}}};
  }
  const auto request = plan_request(verb);
  if (!request) step.fail("expected creates, pause, resume, cancel, modify or expire");
  const PlanId id{step.number(2, "a plan")};
  const Parameters parameters{step.options.begin(), step.options.end()};
  const auto changed = world_.ask<LineNumber>([&](Answer<LineNumber> answer) {
    world_.platform().change(id, *request, parameters, "tester", std::move(answer));
  });
  if (changed.has_error()) return {changed.error().code, changed.error().message, {}};
  return {.values = {{"seq", fmt::to_string(changed->value())}}};
}

Teller::Outcome Teller::market(const Step& step) {
  const std::string& verb = step.word(1, "got, publication, login or acks");
  const auto gone = world_.outlet.all();
  if (verb == "got")
    return {.values = {{"orders", fmt::to_string(std::ranges::count(gone.orders, "stp.order.place",
                                                                    &OutRow::topic))},
                       {"cancels", fmt::to_string(std::ranges::count(
                                       gone.orders, "stp.order.cancel", &OutRow::topic))},
                       {"publications", fmt::to_string(gone.publications.size())}}};
  if (verb == "login" || verb == "closes" || verb == "acks" || verb == "is")
    return market_of(step, verb);
  const std::map<std::string, support::TradingWorld::Centre> centre{
      {"listens", support::TradingWorld::Centre::kTakes},
      {"refuses", support::TradingWorld::Centre::kRefuses},
      {"is-mute", support::TradingWorld::Centre::kNeverAnswers}};
  if (const auto how = centre.find(verb); how != centre.end()) {
    world_.set_centre(how->second);
    return {};
  }
  step.fail(
      "expected 'market got', 'login', 'closes', 'acks N', 'is', 'listens', 'refuses' or "
      "'is-mute'");
}

// The connections of order systems: one, unless the story names others.
Teller::Outcome Teller::market_of(const Step& step, const std::string& verb) {
  const std::string name = step.option("as", "market");
  Platform& platform = world_.platform();
  Outcome outcome;
  if (verb == "login") {
    markets_[name] = platform.order_system_ready(
        name, [] {}, [] {}, [](const std::string&) {});
  } else if (verb == "closes") {
    platform.order_system_gone(markets_[name]);
  } else if (verb == "acks") {
    const auto acked = world_.ask<bool>([&](Answer<bool> answer) {
      platform.orders_acknowledged(markets_[name], OutNo{step.number(2, "a number of the outbox")},
                                   std::move(answer));
    });
    if (acked.has_error()) outcome = {acked.error().code, acked.error().message, {}};
  }
  world_.settle();
  const OrdersOutView view = platform.orders_out();
  outcome.values = {{"to", view.receiver.empty() ? "nobody" : view.receiver},
                    {"connected", fmt::format("{}", fmt::join(view.connected, ","))},
                    {"waiting", fmt::to_string(view.waiting)},
                    {"longest_s", fmt::to_string(view.longest / std::chrono::seconds{1})}};
  return outcome;
}

namespace {

// Put into the cache by hand, as an operator might.
MessageRow row_by_hand(const Step& step) {
  MessageRow row;
  row.message_id = step.option("msg", "by-hand");
  row.plan = PlanId{step.number_option("plan", 99)};
  row.number = LineNumber{step.number_option("seq", 1)};
  row.function_no = 402206;
  row.date = BusinessDate{static_cast<std::int32_t>(step.number_option("date", 20260521))};
  row.disposition = Disposition::kCached;
  return row;
}

}  // namespace

Teller::Outcome Teller::table(const Step& step) {
  const std::string& what = step.word(1, "messages, quarantine, cache, archive, sessions or disk");
  support::MemoryTables& t = world_.stores.tables();
  const std::scoped_lock lock{t.mutex};
  if (what == "disk") {
    world_.stores.lose_transaction_at_write(static_cast<int>(step.number(3, "a write")),
                                            static_cast<int>(step.number_option("times", 1)));
    return {};
  }
  if (what == "sessions") {
    std::string text = step.word(2, "sessions");  // with commas: a semicolon ends the step
    std::ranges::replace(text, ',', ';');
    t.sessions[Market{1}] = std::move(text);
    return {};
  }
  Outcome outcome;
  const auto count = [](auto number) { return fmt::to_string(number); };
  if (what == "messages") {
    for (const auto& [name, of] : {std::pair{"applied", Disposition::kApplied},
                                   {"cached", Disposition::kCached},
                                   {"parked", Disposition::kParked},
                                   {"quarantined", Disposition::kQuarantined},
                                   {"duplicate", Disposition::kDuplicate},
                                   {"passed", Disposition::kPassed}})
      outcome.values[name] = count(std::ranges::count_if(
          t.messages, [of = of](const auto& entry) { return entry.second.disposition == of; }));
  } else if (what == "quarantine") {
    for (const auto& [no, row] : t.messages)
      if (row.disposition == Disposition::kQuarantined) outcome.message += row.reason + "\n";
  } else if (what == "cache") {
    outcome.values["rows"] = count(t.cache.size());
    for (const auto& [key, row] : t.cache)
      outcome.message += fmt::format("{} of plan {}\n", row.message_id, row.plan.value());
    if (step.word(2, "'holds' or 'gets'") == "gets") {
      const MessageRow row = row_by_hand(step);
      t.cache[{row.plan, row.number}] = row;
    }
  } else if (what == "outbox") {
    outcome.values["rows"] = count(t.outbox.size());
    for (const auto& [no, row] : t.outbox)
      outcome.message +=
          fmt::format("{} tried {} times: {}\n", row.topic, row.attempts, row.last_error);
  } else if (what == "attempts") {
    outcome.values["rows"] = count(t.recoveries.size());
    outcome.values["running"] = count(std::ranges::count_if(
        t.recoveries, [](const auto& entry) { return entry.second.outcome == kRunningAttempt; }));
    for (const auto& [id, row] : t.recoveries)
      outcome.message += fmt::format("{} from {} to {}: {}\n", row.attempt, row.from_site,
                                     row.to_site, row.outcome);
  } else if (what == "archive") {
    outcome.values = {{"cached", count(t.archived_cache.size())},
                      {"plans", count(t.archived_plans.size())},
                      {"messages", count(t.archived_messages.size())}};
    for (const auto& [id, row] : t.archived_cache)
      outcome.message += fmt::format("{}: {}\n", row.row.message_id, row.outcome);
  } else {
    step.fail(fmt::format("there is no table '{}'", what));
  }
  return outcome;
}

}  // namespace systask::scenarios
