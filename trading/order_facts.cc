#include "trading/order_facts.h"

#include <fmt/format.h>

#include "trading/decimal.h"

namespace systask::trading {
namespace {

std::string name_of(const Order& order) {
  return fmt::format("order {} of plan {}", order.number.empty() ? order.algo_ordid : order.number,
                     order.plan.value());
}

// What a placement says besides.
std::optional<std::string> placed_otherwise(const Order& order, Quantity quantity,
                                            PriceTicks price) {
  if (quantity != 0 && quantity != order.quantity)
    return fmt::format("places {} of {}, which is over {}", quantity, name_of(order),
                       order.quantity);
  if (price != PriceTicks{} && order.price != PriceTicks{} && price != order.price)
    return fmt::format("places {} at {}, which is at {}", name_of(order),
                       format_ticks(price.value()), format_ticks(order.price.value()));
  return std::nullopt;
}

std::optional<std::string> other_leg(const Order& leg, const LegFields& fields,
                                     const Message& message) {
  if (!fields.number.empty() && fields.number != leg.number)
    return fmt::format("names leg {}, and combined order {} has leg {}", fields.number,
                       message.order_number(), leg.number);
  if (!message.security.empty() && message.security != leg.security)
    return fmt::format("names security {}, and {} is of {}", message.security, name_of(leg),
                       leg.security);
  if (message.kind() != Kind::kCombinedPlaced) return std::nullopt;
  return placed_otherwise(leg, fields.quantity, fields.price);
}

Standing repeat(std::string why) { return {Standing::Is::kRepeat, std::move(why)}; }

Standing standing_of_cancel(const SeenCancels& seen, const Message& message) {
  const auto before = seen.find(message);
  if (!before) return {};
  const std::string now = taken_off(message);
  const std::string what =
      fmt::format("cancel {} of order {}", message.number, message.order_number());
  if (now.empty() || before->empty() || now == *before) return repeat(what + " was applied before");
  return {Standing::Is::kContradiction,
          fmt::format("{} took off {} and is now said to take off {}", what, *before, now)};
}

}  // namespace

std::optional<std::string> contradiction_of(const Order& order, const Message& message) {
  if (!message.security.empty() && message.security != order.security)
    return fmt::format("names security {}, and {} is of {}", message.security, name_of(order),
                       order.security);
  if (message.side != 0 && message.side != static_cast<int>(order.side))
    return fmt::format("names entrust_direction {}, and {} has {}", message.side, name_of(order),
                       static_cast<int>(order.side));
  if (message.market != order.market)
    return fmt::format("names market {}, and {} is of market {}", message.market.value(),
                       name_of(order), order.market.value());
  if (!message.algo_ordid.empty() && !order.algo_ordid.empty() &&
      message.algo_ordid != order.algo_ordid)
    return fmt::format("names algo_ordid {}, and {} has {}", message.algo_ordid, name_of(order),
                       order.algo_ordid);
  if (message.kind() != Kind::kPlaced) return std::nullopt;
  if (!order.number.empty() && order.number != message.number)
    return fmt::format("places order {} of plan {} as number {}, which has number {}",
                       order.algo_ordid, order.plan.value(), message.number, order.number);
  return placed_otherwise(order, message.quantity, message.price);
}

std::optional<std::string> contradiction_of(const CombinedOrder& pair, const Order& buy,
                                            const Order& sell, const Message& message) {
  if (message.market != pair.market)
    return fmt::format("names market {}, and combined order {} is of market {}",
                       message.market.value(), pair.number, pair.market.value());
  if (auto why = other_leg(buy, message.buy, message)) return why;
  return other_leg(sell, message.sell, message);
}

Standing standing_of(const Order& order, const Message& message) {
  const Kind kind = message.kind();
  if (about_cancel(kind)) return standing_of_cancel(order.cancels, message);
  const auto known = [&](std::string_view what) {
    return repeat(fmt::format("order {} was {} before", message.number, what));
  };
  if (kind == Kind::kPlaced && order.placed) return known("placed");
  // The combined order said it of its legs; what a leg's own message says is new all the same.
  if (order.combined != OrderId{}) return {};
  if (kind == Kind::kConfirmed && order.confirmed) return known("confirmed");
  if (kind == Kind::kRejected && order.rejected) return known("rejected");
  return {};
}

Standing standing_of(const CombinedOrder& pair, const Message& message) {
  const Kind kind = message.kind();
  if (about_cancel(kind)) return standing_of_cancel(pair.cancels, message);
  const auto known = [&](std::string_view what) {
    return repeat(fmt::format("combined order {} was {} before", pair.number, what));
  };
  if (kind == Kind::kCombinedPlaced) return known("placed");
  if (kind == Kind::kCombinedConfirmed && pair.confirmed) return known("confirmed");
  if (kind == Kind::kCombinedRejected && pair.rejected) return known("rejected");
  return {};
}

}  // namespace systask::trading
