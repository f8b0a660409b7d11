#include "tests/support/trading_world.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "trading/line.h"
#include "trading/unpack.h"

namespace systask::support {
namespace {

using namespace trading;  // NOLINT: this file is made of trading's types

constexpr Micros kStep{100'000};

}  // namespace

TradingWorld::TradingWorld(PlatformOptions options)
    : clock(from_rfc3339("2026-05-22T10:00:00+08:00").value()), options_(std::move(options)) {
  outlet.centre = [this](const Publication& publication) {
    if (centre_ == Centre::kRefuses)
      platform_->publication_failed(publication, "timeout");
    else if (centre_ == Centre::kTakes && publication.kept != OutNo{})
      platform_->publication_made(publication.kept);
  };
  restart(true);
}

void TradingWorld::restart(bool sites_return) {
  platform_.reset();
  silent_.clear();
  platform_ = std::make_unique<Platform>(ports_, outlet, clock, options_);
  platform_->start(sites_return);
  settle();
}

void TradingWorld::settle() {
  // The first answer may leave with the batch that is waited for, the second comes after it.
  for (int round = 0; round < 2; ++round) {
    auto promise = std::make_shared<std::promise<void>>();
    platform_->view(PlanId{}, [promise](const Result<PlanView>&) { promise->set_value(); });
    promise->get_future().get();
  }
}

void TradingWorld::pass(Micros time) {
  while (time > Micros{0}) {
    const Micros step = std::min(time, kStep);
    clock.advance(step);
    for (const auto& [session, silent] : silent_)
      if (!silent) platform_->heard(session);
    platform_->watch_sites();
    settle();
    time -= step;
  }
}

void TradingWorld::stall(Micros time) {
  clock.advance(time);
  platform_->watch_sites();
  settle();
}

void TradingWorld::silence(SessionId session, bool silent) { silent_[session] = silent; }

std::string TradingWorld::report(int function_no, const Fields& fields) {
  const Function* const function = find_function(function_no);
  if (function == nullptr)
    throw std::invalid_argument(fmt::format("there is no function {}", function_no));
  return report_text(std::string{function->topic_in}, body_of(function_no, fields));
}

std::string TradingWorld::report_text(const std::string& topic, const std::string& body) {
  const auto before = messages();
  auto promise = std::make_shared<std::promise<bool>>();
  platform_->take(
      topic, body, [promise] { promise->set_value(true); },
      [promise](const std::string&) { promise->set_value(false); });
  const bool kept = promise->get_future().get();
  settle();
  if (!kept) return "failed";
  const auto after = messages();
  // The report's own row is the first that was not there; a repeat has none.
  if (after.size() == before.size()) return "duplicate";
  return std::string{name_of(after[before.size()].disposition)};
}

Result<LoginAnswer> TradingWorld::login(LoginRequest request) {
  auto answer = ask<LoginAnswer>(
      [&](Answer<LoginAnswer> reply) { platform_->login(std::move(request), std::move(reply)); });
  if (answer.has_value()) silent_[answer->session] = false;
  return answer;
}

Result<CreatedPlan> TradingWorld::create(const NewPlan& plan) {
  return ask<CreatedPlan>(
      [&](Answer<CreatedPlan> reply) { platform_->create(plan, std::move(reply)); });
}

Result<PlanView> TradingWorld::view(PlanId plan) {
  return ask<PlanView>([&](Answer<PlanView> reply) { platform_->view(plan, std::move(reply)); });
}

Plan TradingWorld::plan(PlanId id) {
  const std::scoped_lock lock{stores.tables().mutex};
  return stores.tables().plans.at(id);
}

std::vector<MessageRow> TradingWorld::messages() {
  const std::scoped_lock lock{stores.tables().mutex};
  std::vector<MessageRow> rows;
  for (const auto* table : {&stores.tables().archived_messages, &stores.tables().messages})
    for (const auto& [no, row] : *table)
      rows.push_back(row);
  std::ranges::sort(rows, {}, &MessageRow::no);
  return rows;
}

std::string TradingWorld::breach() {
  if (std::string lines = breach_of_lines(); !lines.empty()) return lines;
  if (std::string kept = breach_of_messages(); !kept.empty()) return kept;
  const WorkReport totals = platform_->reconcile_totals();
  return totals.rows == 0 ? "" : "totals: " + totals.detail;
}

std::string TradingWorld::breach_of_lines() {
  std::map<std::tuple<SessionId, PlanId, Epoch>, LineNumber> reached;
  for (const Push& push : outlet.all().pushes) {
    if (push.line == LineNumber{}) continue;
    const auto [it, first] = reached.try_emplace({push.session, push.plan, push.epoch}, push.line);
    if (push.line > next_of(it->second))
      return fmt::format("session {} got number {} of plan {} after {}", push.session.value(),
                         push.line.value(), push.plan.value(), it->second.value());
    it->second = push.line;  // a resumed site gets some of them again
  }
  return "";
}

std::string TradingWorld::breach_of_messages() {
  const std::scoped_lock lock{stores.tables().mutex};
  const MemoryTables& t = stores.tables();
  std::map<std::pair<PlanId, LineNumber>, int> numbers;
  for (const auto& [no, row] : t.messages) {
    const bool waits = t.cache.contains({row.plan, row.number});
    if (waits != (row.disposition == Disposition::kCached))
      return fmt::format("message {} is {} and in the cache: {}", row.message_id,
                         name_of(row.disposition), waits);
    if (row.number != LineNumber{} && ++numbers[{row.plan, row.number}] > 1)
      return fmt::format("number {} of plan {} was given twice", row.number.value(),
                         row.plan.value());
  }
  for (const auto& [id, plan] : t.plans)
    if (plan.applied > plan.last ||
        (plan.applied < plan.last && plan.status != PlanStatus::kAbnormal &&
         plan.quarantine_reason.empty()))
      return fmt::format("plan {} is {} and applied through {} of {}", id.value(),
                         trading::name_of(plan.status), plan.applied.value(), plan.last.value());
  return "";
}

std::string body_of(int function_no, const Fields& fields) {
  Fields all{{"function_no", std::to_string(function_no)},
             {"business_date", "20260522"},
             {"market_no", "1"}};
  const trading::Function* const function = trading::find_function(function_no);
  const auto kind = function == nullptr ? trading::Kind::kApproval : function->kind;
  if (kind == trading::Kind::kPlaced || kind == trading::Kind::kCombinedPlaced)
    all.insert({{"stock_code", "600570"}, {"entrust_direction", "1"}, {"entrust_price", "10"}});
  if (kind == trading::Kind::kFilled) all.insert({"deal_price", "10"});
  for (const auto& [name, value] : fields)
    all[name] = value;
  std::string body;
  for (const auto& [name, value] : all)
    body += fmt::format(R"({}"{}":"{}")", body.empty() ? "{" : ",", name, value);
  return body + "}";
}

NewPlan plan_to_buy(Quantity quantity) {
  NewPlan plan;
  plan.name = "buy";
  plan.strategy = "twap";
  plan.parameters = {{"price", "10"}};
  plan.details = {{Market{1}, "600570", Side::kBuy, quantity, 0, 0, AmountTicks{}}};
  plan.actor = "tester";
  return plan;
}

LoginRequest login_of(const std::string& site) {
  LoginRequest request;
  request.name = site;
  request.strategies = {"twap"};
  return request;
}

}  // namespace systask::support
