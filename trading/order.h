// A child order, kept as facts that arrive in any order: how much was filled, whether it
// was confirmed, cancelled or rejected. Its state is derived from the facts, so a fill
// that overtakes its confirmation needs no special case. The impossible (more filled than
// ordered) is refused, with the reason.
#pragma once

#include <string>

#include "base/result.h"
#include "trading/message.h"
#include "trading/seen_cancels.h"
#include "trading/types.h"

namespace systask::trading {

// entrust_state, as the order system names it.
enum class OrderState : char {
  kNotReported = '1',
  kReported = '4',
  kRejected = '5',
  kPartlyFilled = '6',
  kFilled = '7',
  kPartlyCancelled = '8',
  kCancelled = '9',
  kCancelPending = 'a',
};

struct Order {
  OrderId id;
  PlanId plan;
  BusinessDate date;
  Market market;
  std::string security;
  Side side = Side::kBuy;
  PriceTicks price;
  Quantity quantity = 0;
  std::string number;      // entrust_no; empty until the order system has given it
  std::string algo_ordid;  // the site's own; empty for orders placed elsewhere
  OrderId combined;        // the combined order of which this is a leg; 0: none
  Epoch epoch;             // of the plan when it was made

  bool placed = false;  // the order system has said so (402213)
  bool confirmed = false;
  bool rejected = false;
  bool cancel_pending = false;
  Quantity filled = 0;
  Quantity cancelled = 0;
  AmountTicks amount;
  SaidTotal said;     // the greatest total that the fills' reports carried
  std::string cause;  // why it, or its cancel, was rejected
  SeenCancels cancels;

  friend bool operator==(const Order&, const Order&) = default;

  [[nodiscard]] OrderState state() const;
  [[nodiscard]] bool open() const;
};

// One quote of a market maker: a buy leg and a sell leg, which are orders of their own.
struct CombinedOrder {
  OrderId id;
  PlanId plan;
  BusinessDate date;
  Market market;
  std::string number;  // its own entrust_no, a name space apart from orders'
  OrderId buy;
  OrderId sell;
  bool confirmed = false;
  bool rejected = false;
  bool cancel_pending = false;
  bool cancelled = false;
  std::string cause;
  SeenCancels cancels;

  friend bool operator==(const CombinedOrder&, const CombinedOrder&) = default;

  [[nodiscard]] OrderState state() const;
  [[nodiscard]] bool open() const;
};

// Adds what the message says to the facts; Refusal IMPOSSIBLE, and nothing changed, where
// the two contradict: filled plus cancelled beyond the quantity, a fill of a rejected order.
// The message must be about this very order.
Result<void> apply_event(Order& order, const Message& message);

// For an operator who says that the message is right and the facts are not: bends the facts
// until the message fits. The order grows by what was filled beyond it, what was cancelled
// comes back, a rejection after a fill takes off the rest. What has no sense at all (a fill
// of nothing) is refused still.
Result<void> force_event(Order& order, const Message& message);

}  // namespace systask::trading
