#include "trading/order.h"

#include <fmt/format.h>

#include <algorithm>

#include "trading/decimal.h"

namespace systask::trading {
namespace {

Refusal impossible(const Order& order, const std::string& what) {
  return {"IMPOSSIBLE", fmt::format("order {} of plan {}: {}",
                                    order.number.empty() ? order.algo_ordid : order.number,
                                    order.plan.value(), what)};
}

Result<void> fill(Order& order, const Message& message) {
  if (order.rejected) return impossible(order, "filled after it was rejected");
  if (message.deal_quantity <= 0)
    return impossible(order, fmt::format("a fill of {}", message.deal_quantity));
  if (message.deal_quantity > order.quantity - order.filled - order.cancelled)
    return impossible(
        order, fmt::format("filled {} + {} and cancelled {} exceed its quantity {}", order.filled,
                           message.deal_quantity, order.cancelled, order.quantity));
  const auto amount = amount_of(message.deal_price, message.deal_quantity);
  std::int64_t total = 0;
  if (!amount || __builtin_add_overflow(order.amount.value(), amount->value(), &total))
    return impossible(order, "the amount of its fills does not fit 64 bits");
  order.filled += message.deal_quantity;
  order.amount = AmountTicks{total};
  return {};
}

Result<void> cancel(Order& order, const Message& message) {
  if (order.rejected) return impossible(order, "cancelled after it was rejected");
  const Quantity rest = order.quantity - order.filled - order.cancelled;
  const Quantity off = message.cancel_quantity == 0 ? rest : message.cancel_quantity;
  if (off < 0 || off > rest)
    return impossible(order, fmt::format("filled {} and cancelled {} + {} exceed its quantity {}",
                                         order.filled, order.cancelled, off, order.quantity));
  order.cancelled += off;
  order.cancel_pending = false;
  return {};
}

// Room for the fill: first what was cancelled, then beyond what was ordered.
void make_room(Order& order, Quantity fill) {
  order.rejected = false;
  const Quantity lacks = fill - (order.quantity - order.filled - order.cancelled);
  if (lacks <= 0) return;
  const Quantity back = std::min(lacks, order.cancelled);
  order.cancelled -= back;
  order.quantity += lacks - back;
}

Result<void> reject(Order& order, const Message& message) {
  if (order.filled > 0) return impossible(order, "rejected after it was filled");
  order.rejected = true;
  order.cause = message.cause;
  return {};
}

}  // namespace

OrderState Order::state() const {
  if (rejected) return OrderState::kRejected;
  if (filled == quantity) return OrderState::kFilled;
  if (filled + cancelled == quantity)
    return filled > 0 ? OrderState::kPartlyCancelled : OrderState::kCancelled;
  if (cancel_pending) return OrderState::kCancelPending;
  if (filled > 0) return OrderState::kPartlyFilled;
  return confirmed ? OrderState::kReported : OrderState::kNotReported;
}

bool Order::open() const { return !rejected && filled + cancelled < quantity; }

OrderState CombinedOrder::state() const {
  if (rejected) return OrderState::kRejected;
  if (cancelled) return OrderState::kCancelled;
  if (cancel_pending) return OrderState::kCancelPending;
  return confirmed ? OrderState::kReported : OrderState::kNotReported;
}

bool CombinedOrder::open() const { return !rejected && !cancelled; }

Result<void> apply_event(Order& order, const Message& message) {
  switch (message.kind()) {
    case Kind::kPlaced: return {};
    case Kind::kConfirmed: order.confirmed = true; return {};
    case Kind::kFilled: return fill(order, message);
    case Kind::kRejected: return reject(order, message);
    case Kind::kCancelRequested:
      // Asked for after the order's end: nothing is pending.
      order.cancel_pending = order.open();
      return {};
    case Kind::kCancelled: return cancel(order, message);
    case Kind::kCancelRejected:
      order.cancel_pending = false;
      order.cause = message.cause;
      return {};
    default:
      return impossible(order, fmt::format("a message of function {} ({}) is not about an order",
                                           message.function->number, message.function->name));
  }
}

Result<void> force_event(Order& order, const Message& message) {
  if (!apply_event(order, message).has_error()) return {};
  Order bent = order;
  if (message.kind() == Kind::kFilled) {
    make_room(bent, message.deal_quantity);
  } else if (message.kind() == Kind::kCancelled || message.kind() == Kind::kRejected) {
    bent.cancelled = bent.quantity - bent.filled;
    bent.cancel_pending = false;
    if (!message.cause.empty()) bent.cause = message.cause;
    order = std::move(bent);
    return {};
  }
  if (const auto applied = apply_event(bent, message); applied.has_error()) return applied.error();
  order = std::move(bent);
  return {};
}

}  // namespace systask::trading
