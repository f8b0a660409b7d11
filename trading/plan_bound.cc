#include "trading/plan_bound.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "trading/applier.h"
#include "trading/book.h"

namespace systask::trading {
namespace {

std::string_view verb_of(Side side) { return side == Side::kBuy ? "buy" : "sell"; }

std::string detail_name(const PlanDetail& detail) {
  return fmt::format("{} {} of market {}", verb_of(detail.side), detail.security,
                     detail.market.value());
}

std::string known_details(const Plan& plan) {
  constexpr std::size_t kMostNamed = 5;
  std::string names;
  std::size_t count = 0;
  for (const PlanDetail& detail : plan.details) {
    if (!detail.planned || ++count > kMostNamed) continue;
    names += (names.empty() ? "" : ", ") + detail_name(detail);
  }
  return count > kMostNamed ? fmt::format("{} and {} more", names, count - kMostNamed) : names;
}

// Of orders that have not ended, also of those the order system has not confirmed yet.
Quantity open_of(const Book& book, PlanId plan, const PlanDetail& detail) {
  Quantity open = 0;
  for (const OrderId id : book.open_orders(plan)) {
    const Order& order = *book.orders.find(id);
    if (order.market == detail.market && order.security == detail.security &&
        order.side == detail.side)
      open += order.quantity - order.filled - order.cancelled;
  }
  return open;
}

}  // namespace

Quantity most_of(const PlanDetail& detail, std::int32_t tolerance_percent) {
  return tolerance_percent == 0 ? detail.quantity
                                : detail.quantity + detail.quantity * tolerance_percent / 100;
}

Result<void> within_plan(const Book& book, const Plan& plan, const OrderRequest& order) {
  const PlanDetail* const detail = find_detail(plan, order.market, order.security, order.side);
  if (detail == nullptr || !detail->planned)
    return Refusal{"NOT_OF_PLAN",
                   fmt::format("plan {} does not {} {} of market {}: its details are {}",
                               plan.id.value(), verb_of(order.side), order.security,
                               order.market.value(), known_details(plan))};
  if (detail->quantity == 0) return {};
  const Quantity most = most_of(*detail, plan.tolerance_percent);
  // Everything that was ever ordered is no less than what is filled and open, and needs no sum.
  if (order.quantity <= most - detail->ordered) return {};
  const Quantity open = open_of(book, plan.id, *detail);
  const Quantity left = most - detail->filled - open;
  if (order.quantity <= left) return {};
  return Refusal{
      "PLAN_EXCEEDED",
      fmt::format("entrust_amount: found {}, and {} may be placed: plan {} is to {}, {} "
                  "at most (quantity {}, tolerance {} percent), {} are filled and {} open",
                  order.quantity, std::max<Quantity>(left, 0), plan.id.value(),
                  detail_name(*detail), most, detail->quantity, plan.tolerance_percent,
                  detail->filled, open)};
}

}  // namespace systask::trading
