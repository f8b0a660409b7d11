#include "trading/applier.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <stdexcept>

#include "trading/decimal.h"
#include "trading/order_facts.h"
#include "trading/ports/order_store.h"
#include "trading/stores.h"
#include "trading/well_formed.h"

namespace systask::trading {
namespace {

using Outcome = Applied::Outcome;

Applied impossible(std::string reason) { return {Outcome::kImpossible, std::move(reason)}; }

// Every target is filled: the plan has done what it was for.
bool all_filled(const Plan& plan) {
  return !plan.details.empty() && std::ranges::all_of(plan.details, [](const PlanDetail& detail) {
    return detail.quantity > 0 && detail.filled >= detail.quantity;
  });
}

void complete_if_filled(Plan& plan, TimePoint now) {
  if (!all_filled(plan)) return;
  PlanStatus& status = plan.status == PlanStatus::kAbnormal ? plan.saved_status : plan.status;
  if (!allowed(status, PlanStatus::kCompleted)) return;
  status = PlanStatus::kCompleted;
  plan.status_at = now;
}

// Nothing but a fill lies between them.
bool differ_by_fill(const Order& before, const Order& after) {
  return before.confirmed == after.confirmed && before.rejected == after.rejected &&
         before.cancel_pending == after.cancel_pending && before.cancelled == after.cancelled &&
         before.quantity == after.quantity && before.price == after.price &&
         before.combined == after.combined && before.number == after.number &&
         before.cause == after.cause && before.placed == after.placed &&
         before.cancels == after.cancels;
}

std::optional<Applied> said_before(const Standing& standing) {
  if (standing.is == Standing::Is::kContradiction) return impossible(standing.why);
  if (standing.is == Standing::Is::kRepeat) return Applied{Outcome::kDuplicate, standing.why};
  return std::nullopt;
}

// A message that changes nothing: what it says contradicts its order, or was applied before.
std::optional<Applied> known_already(const Order& order, const Message& message) {
  if (auto why = contradiction_of(order, message)) return impossible(std::move(*why));
  return said_before(standing_of(order, message));
}

std::optional<Applied> known_already(const CombinedOrder& pair, const Order& buy, const Order& sell,
                                     const Message& message) {
  if (auto why = contradiction_of(pair, buy, sell, message)) return impossible(std::move(*why));
  return said_before(standing_of(pair, message));
}

}  // namespace

const PlanDetail* find_detail(const Plan& plan, Market market, const std::string& security,
                              Side side) {
  const auto found = std::ranges::find_if(plan.details, [&](const PlanDetail& detail) {
    return detail.market == market && detail.security == security && detail.side == side;
  });
  return found == plan.details.end() ? nullptr : &*found;
}

PlanDetail& detail_of(Plan& plan, Market market, const std::string& security, Side side) {
  if (const PlanDetail* const found = find_detail(plan, market, security, side))
    return plan.details[static_cast<std::size_t>(found - plan.details.data())];
  plan.details.push_back({.market = market, .security = security, .side = side, .planned = false});
  return plan.details.back();
}

bool can_order(const Plan& plan, Market market, const std::string& security, Side side,
               Quantity quantity) {
  const PlanDetail* const detail = find_detail(plan, market, security, side);
  std::int64_t sum = 0;
  return detail == nullptr || !__builtin_add_overflow(detail->ordered, quantity, &sum);
}

Applied Applier::apply(Turn& turn, Plan& plan, const Message& message, OrderId order,
                       LineNumber number, bool force) {
  if (message.kind() == Kind::kPlaced) return apply_placed(turn, plan, message, order);
  if (message.kind() == Kind::kCombinedPlaced)
    return apply_combined_placed(turn, plan, message, order);
  if (order == OrderId{}) return {Outcome::kUnknownOrder, {}};
  if (about_combined(message.kind())) return apply_combined(turn, message, order, force);
  if (message.kind() == Kind::kFilled) return apply_fill(turn, plan, message, order, number, force);
  Order changed = *turn.book.orders.find(order);
  if (auto known = known_already(changed, message)) return std::move(*known);
  const auto applied = force ? force_event(changed, message) : apply_event(changed, message);
  if (applied.has_error()) return impossible(applied.error().message);
  if (about_cancel(message.kind())) changed.cancels.add(message);
  bind_number(turn, changed, message);
  if (changed.number.empty()) changed.number = message.order_number();
  write(turn, std::move(changed));
  return {};
}

Applied Applier::apply_placed(Turn& turn, Plan& plan, const Message& message, OrderId order) {
  if (order == OrderId{}) {
    if (auto lacks = lacks_for_an_order(message)) return impossible(std::move(*lacks));
    if (!can_order(plan, message.market, message.security, static_cast<Side>(message.side),
                   message.quantity))
      return impossible(fmt::format("with {} more, what plan {} ordered of {} does not fit 64 bits",
                                    message.quantity, plan.id.value(), message.security));
    create(turn, plan, message);
    return {};
  }
  Order placed = *turn.book.orders.find(order);
  if (auto known = known_already(placed, message)) return std::move(*known);
  if (placed.number.empty()) {
    bind_number(turn, placed, message);
    placed.number = message.number;
  }
  placed.placed = true;
  write(turn, std::move(placed));
  return {};
}

void Applier::create(Turn& turn, Plan& plan, const Message& message) {
  Order order;
  order.id = turn.book.new_order_id();
  order.plan = plan.id;
  order.date = message.date;
  order.market = message.market;
  order.security = message.security;
  order.side = static_cast<Side>(message.side);
  order.price = message.price;
  order.quantity = message.quantity;
  order.number = message.number;
  order.algo_ordid = message.algo_ordid;
  order.epoch = plan.epoch;
  order.placed = true;
  if (!stores_.orders.insert(turn.work, order, std::nullopt))
    throw std::runtime_error{
        fmt::format("plan {} has an order {} in the database that is not known "
                    "here",
                    plan.id.value(), order.algo_ordid)};
  put_number(turn, {order.date, order.market, order.number, NumberKind::kOrder, plan.id, order.id});
  if (!order.algo_ordid.empty()) turn.book.by_algo.put({plan.id, order.algo_ordid}, order.id);
  add_ordered(turn, plan, order);
  const OrderId id = order.id;
  turn.book.orders.put(id, std::move(order));
}

void Applier::add_ordered(Turn& turn, Plan& plan, const Order& order) {
  PlanDetail& detail = detail_of(plan, order.market, order.security, order.side);
  detail.ordered += order.quantity;
  turn.book.unsaved.details.push_back({plan.id, order.market, order.security, order.side});
}

std::optional<std::string> Applier::contradiction(Turn& turn, const Message& message) const {
  const auto before = stores_.orders.find_fill(turn.work, message.date, message.market,
                                               message.order_number(), message.deal_no);
  if (!before || (before->price == message.deal_price && before->quantity == message.deal_quantity))
    return std::nullopt;
  return fmt::format("deal {} of order {} was {} at {} and is now said to be {} at {}",
                     message.deal_no, message.order_number(), before->quantity,
                     format_ticks(before->price.value()), message.deal_quantity,
                     format_ticks(message.deal_price.value()));
}

// What the order grew by belongs to what was ordered for the plan.
void Applier::add_grown(Turn& turn, Plan& plan, Quantity before, const Order& after) {
  if (after.quantity == before) return;
  Order grown = after;
  grown.quantity -= before;
  add_ordered(turn, plan, grown);
}

Applied Applier::apply_fill(Turn& turn, Plan& plan, const Message& message, OrderId order,
                            LineNumber number, bool force) {
  Order filled = *turn.book.orders.find(order);
  if (auto why = contradiction_of(filled, message)) return impossible(std::move(*why));
  const Quantity ordered = filled.quantity;
  const std::string& own_number = message.order_number();
  const auto repeated = [&]() -> Applied {
    if (auto why = contradiction(turn, message)) return impossible(std::move(*why));
    return {Outcome::kDuplicate, fmt::format("deal {} was applied before", message.deal_no)};
  };
  const auto applied = force ? force_event(filled, message) : apply_event(filled, message);
  if (applied.has_error()) {
    const bool known =
        stores_.orders
            .find_fill(turn.work, message.date, message.market, own_number, message.deal_no)
            .has_value();
    return known ? repeated() : impossible(applied.error().message);
  }
  const AmountTicks amount = *amount_of(message.deal_price, message.deal_quantity);
  const PlanDetail* const so_far = find_detail(plan, filled.market, filled.security, filled.side);
  std::int64_t total = so_far == nullptr ? 0 : so_far->amount.value();
  if (__builtin_add_overflow(total, amount.value(), &total))
    return impossible(fmt::format("the filled amount of plan {} does not fit", plan.id.value()));
  if (!can_order(plan, filled.market, filled.security, filled.side, filled.quantity - ordered))
    return impossible(fmt::format("what plan {} ordered does not fit 64 bits", plan.id.value()));
  const Fill fill{message.date, message.market, own_number,         message.deal_no,
                  order,        plan.id,        message.deal_price, message.deal_quantity,
                  number,       turn.now};
  if (!stores_.orders.add_fill(turn.work, fill)) return repeated();
  add_grown(turn, plan, ordered, filled);
  PlanDetail& detail = detail_of(plan, filled.market, filled.security, filled.side);
  detail.filled += message.deal_quantity;
  detail.amount = AmountTicks{total};
  turn.book.unsaved.details.push_back({plan.id, filled.market, filled.security, filled.side});
  complete_if_filled(plan, turn.now);
  bind_number(turn, filled, message);
  if (filled.number.empty()) filled.number = own_number;
  filled.said = std::max(filled.said, message.deal_total);
  write(turn, std::move(filled));
  return {};
}

Order Applier::make_leg(Turn& turn, const Plan& plan, const Message& message, bool buy,
                        OrderId combined) {
  const LegFields& fields = buy ? message.buy : message.sell;
  Order leg;
  leg.id = turn.book.new_order_id();
  leg.plan = plan.id;
  leg.date = message.date;
  leg.market = message.market;
  leg.security = message.security;
  leg.side = buy ? Side::kBuy : Side::kSell;
  leg.price = fields.price;
  leg.quantity = fields.quantity;
  leg.number = fields.number;
  leg.combined = combined;
  leg.epoch = plan.epoch;
  return leg;
}

Applied Applier::apply_combined_placed(Turn& turn, Plan& plan, const Message& message,
                                       OrderId order) {
  if (order != OrderId{}) return placed_again(turn, message, order);
  if (auto lacks = lacks_for_an_order(message)) return impossible(std::move(*lacks));
  if (!can_order(plan, message.market, message.security, Side::kBuy, message.buy.quantity) ||
      !can_order(plan, message.market, message.security, Side::kSell, message.sell.quantity))
    return impossible(
        fmt::format("with combined order {}, what plan {} ordered of {} does not fit "
                    "64 bits",
                    message.number, plan.id.value(), message.security));
  CombinedOrder pair;
  pair.id = turn.book.new_order_id();
  pair.plan = plan.id;
  pair.date = message.date;
  pair.market = message.market;
  pair.number = message.number;
  for (const bool buy : {true, false}) {
    Order leg = make_leg(turn, plan, message, buy, pair.id);
    (buy ? pair.buy : pair.sell) = leg.id;
    stores_.orders.insert(turn.work, leg, std::nullopt);
    put_number(turn, {leg.date, leg.market, leg.number,
                      buy ? NumberKind::kBuyLeg : NumberKind::kSellLeg, plan.id, leg.id});
    add_ordered(turn, plan, leg);
    const OrderId id = leg.id;
    turn.book.orders.put(id, std::move(leg));
  }
  stores_.orders.insert(turn.work, pair);
  put_number(turn, {pair.date, pair.market, pair.number, NumberKind::kCombined, plan.id, pair.id});
  const OrderId id = pair.id;
  turn.book.combined.put(id, std::move(pair));
  return {};
}

Applied Applier::placed_again(Turn& turn, const Message& message, OrderId order) {
  const CombinedOrder& pair = *turn.book.combined.find(order);
  return *known_already(pair, *turn.book.orders.find(pair.buy), *turn.book.orders.find(pair.sell),
                        message);
}

Applied Applier::apply_combined(Turn& turn, const Message& message, OrderId order, bool force) {
  CombinedOrder pair = *turn.book.combined.find(order);
  Order buy = *turn.book.orders.find(pair.buy);
  Order sell = *turn.book.orders.find(pair.sell);
  if (auto known = known_already(pair, buy, sell, message)) return std::move(*known);
  const auto both_open = [&] { return buy.open() || sell.open(); };
  switch (message.kind()) {
    case Kind::kCombinedConfirmed: pair.confirmed = buy.confirmed = sell.confirmed = true; break;
    case Kind::kCombinedRejected:
      if (buy.filled > 0 || sell.filled > 0) {
        if (!force)
          return impossible(
              fmt::format("combined order {} is rejected after a leg was filled", pair.number));
        for (Order* const leg : {&buy, &sell})
          leg->cancelled = leg->quantity - leg->filled;
        pair.cancelled = true;
        pair.cause = message.cause;
        break;
      }
      pair.rejected = buy.rejected = sell.rejected = true;
      pair.cause = message.cause;
      break;
    case Kind::kCombinedCancelRequested:
      pair.cancel_pending = both_open();
      buy.cancel_pending = buy.open();
      sell.cancel_pending = sell.open();
      break;
    case Kind::kCombinedCancelled: {
      const bool all = message.buy.cancel_quantity == 0 && message.sell.cancel_quantity == 0;
      for (auto& [leg, fields] : {std::pair<Order&, const LegFields&>{buy, message.buy},
                                  std::pair<Order&, const LegFields&>{sell, message.sell}}) {
        const Quantity rest = leg.quantity - leg.filled - leg.cancelled;
        const Quantity said = all ? rest : fields.cancel_quantity;
        const Quantity off = force ? std::clamp<Quantity>(said, 0, rest) : said;
        if (off < 0 || off > rest)
          return impossible(
              fmt::format("combined order {}: {} taken off leg {} of which {} is open", pair.number,
                          off, leg.number, rest));
        leg.cancelled += off;
        leg.cancel_pending = false;
      }
      pair.cancel_pending = false;
      pair.cancelled = !both_open();
      break;
    }
    default:  // kCombinedCancelRejected
      pair.cancel_pending = buy.cancel_pending = sell.cancel_pending = false;
      pair.cause = message.cause;
      break;
  }
  if (about_cancel(message.kind())) pair.cancels.add(message);
  write(turn, std::move(buy));
  write(turn, std::move(sell));
  stores_.orders.update(turn.work, pair);
  turn.book.combined.edit(pair.id) = pair;
  return {};
}

void Applier::bind_number(Turn& turn, const Order& order, const Message& message) {
  if (!order.number.empty() || message.order_number().empty()) return;
  put_number(turn, {order.date, order.market, message.order_number(), NumberKind::kOrder,
                    order.plan, order.id});
}

void Applier::put_number(Turn& turn, const OrderNumber& number) {
  stores_.orders.put_number(turn.work, number);
  turn.book.numbers.put({number.date, number.market, space_of(number.kind), number.number}, number);
}

void Applier::reveal(Turn& turn, const Plan& plan, const Message& message) {
  const auto say = [&](const std::string& number, NumberKind kind) {
    if (turn.book.numbers.find({message.date, message.market, space_of(kind), number}) == nullptr)
      put_number(turn, {message.date, message.market, number, kind, plan.id, OrderId{}});
  };
  if (message.kind() == Kind::kPlaced) say(message.number, NumberKind::kOrder);
  if (message.kind() == Kind::kCombinedPlaced) {
    say(message.number, NumberKind::kCombined);
    say(message.buy.number, NumberKind::kBuyLeg);
    say(message.sell.number, NumberKind::kSellLeg);
  }
}

void Applier::write(Turn& turn, Order order) {
  const OrderId id = order.id;
  const Order* const before = turn.book.orders.find(id);
  turn.book.unsaved.orders.push_back({id, before != nullptr && differ_by_fill(*before, order)});
  turn.book.orders.put(id, std::move(order));
}

}  // namespace systask::trading
