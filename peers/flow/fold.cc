#include "peers/flow/fold.h"

#include <boost/json.hpp>

#include "base/check.h"
#include "peers/flow/decimal.h"

namespace systask::peers::flow {

namespace json = boost::json;

char Fold::Open::state() const {
  if (cancel_pending) return 'a';
  if (filled > 0) return '6';
  return confirmed ? '4' : '1';
}

Fold::Total& Fold::total_of(Plan& plan, const OrderFacts& order) {
  return plan.totals[{order.market, order.security, order.direction}];
}

void Fold::take_order(const OrderFacts& order) {
  Plan& plan = plans_[order.plan];
  total_of(plan, order).ordered += order.quantity;
  plan.open[order.number].facts = order;
}

void Fold::apply(const Report& report) {
  Plan& plan = plans_[report.order.plan];
  ++plan.unique;
  auto found = plan.open.find(report.order.number);
  if (report.function == Function::kPlaced && found == plan.open.end()) {
    take_order(report.order);
    found = plan.open.find(report.order.number);
  }
  if (report.function == Function::kFilled) return apply_fill(plan, report);
  if (found == plan.open.end()) return;  // it had ended
  Open& order = found->second;
  switch (report.function) {
    case Function::kPlaced: order.placed = true; break;
    case Function::kConfirmed: order.confirmed = true; break;
    case Function::kCancelRequested: order.cancel_pending = true; break;
    case Function::kCancelRejected: order.cancel_pending = false; break;
    case Function::kRejected: plan.open.erase(found); break;
    case Function::kCancelled:
      order.cancel_pending = false;
      order.cancelled += report.cancelled;
      if (order.ended()) plan.open.erase(found);
      break;
    case Function::kFilled: break;
  }
}

void Fold::apply_fill(Plan& plan, const Report& report) {
  Total& total = total_of(plan, report.order);
  total.filled += report.deal_quantity;
  std::int64_t amount = 0;
  const bool too_large = __builtin_mul_overflow(report.deal_price, report.deal_quantity, &amount) ||
                         __builtin_add_overflow(total.amount, amount, &total.amount);
  CHECK(!too_large, "the amount of a plan fits 64 bits");
  const auto found = plan.open.find(report.order.number);
  if (found == plan.open.end()) return;
  found->second.filled += report.deal_quantity;
  if (found->second.ended()) plan.open.erase(found);
}

std::int64_t Fold::unique(std::int64_t plan) const {
  const auto found = plans_.find(plan);
  return found == plans_.end() ? 0 : found->second.unique;
}

std::string Fold::to_json(std::int64_t id, const Plan& plan) {
  json::array totals;
  for (const auto& [key, total] : plan.totals)
    totals.push_back(json::object{{"market", key.market},
                                  {"security", key.security},
                                  {"direction", key.direction},
                                  {"ordered", total.ordered},
                                  {"filled", total.filled},
                                  {"amount", format_decimal(total.amount)}});
  json::array open;
  for (const auto& [number, order] : plan.open) {
    const auto& algo = order.facts.algo_ordid;
    open.push_back(json::object{{"market", order.facts.market},
                                {"number", order.placed ? std::to_string(number) : "-"},
                                {"algo", algo.empty() ? "-" : algo},
                                {"direction", order.facts.direction},
                                {"quantity", order.facts.quantity},
                                {"filled", order.filled},
                                {"state", std::string(1, order.state())}});
  }
  return json::serialize(json::object{{"plan", id},
                                      {"unique", plan.unique},
                                      {"totals", std::move(totals)},
                                      {"open", std::move(open)}});
}

std::string Fold::to_json() const {
  std::string text = "{\"plans\":[";
  for (const auto& [id, plan] : plans_) {
    if (text.back() == '}') text += ",\n";
    text += to_json(id, plan);
  }
  return text + "]}\n";
}

}  // namespace systask::peers::flow
