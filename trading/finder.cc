#include "trading/finder.h"

#include <fmt/format.h>

namespace systask::trading {
namespace {

Result<const OrderNumber*> find_number(const Book& book, const Message& message, bool trust_plan) {
  NumberKey key = number_key(message);
  const OrderNumber* const own = book.numbers.find(key);
  if (key.space == NumberSpace::kCombined) return own;
  key.space = NumberSpace::kLeg;
  const OrderNumber* const leg = book.numbers.find(key);
  if (own != nullptr && leg != nullptr && trust_plan && own->plan != leg->plan) {
    if (own->plan == message.plan) return own;
    if (leg->plan == message.plan) return leg;
  }
  if (own != nullptr && leg != nullptr)
    return Refusal{"AMBIGUOUS",
                   fmt::format("number {} of market {} on {} is an order of plan {} and a leg of "
                               "plan {}",
                               key.number, key.market.value(), key.date.value(), own->plan.value(),
                               leg->plan.value())};
  return own != nullptr ? own : leg;
}

// By the site's own number of the order; 0 where it has placed none of that number.
OrderId order_of_site(const Book& book, PlanId plan, const Message& message) {
  if (message.algo_ordid.empty() || about_combined(message.kind())) return OrderId{};
  const OrderId* const order = book.by_algo.find({plan, message.algo_ordid});
  return order == nullptr ? OrderId{} : *order;
}

}  // namespace

NumberKey number_key(const Message& message) {
  return {message.date, message.market,
          about_combined(message.kind()) ? NumberSpace::kCombined : NumberSpace::kOrder,
          message.order_number()};
}

NumberKey number_key(const MessageRow& row) {
  const Function* const function = find_function(row.function_no);
  const bool combined = function != nullptr && about_combined(function->kind);
  return {row.date, row.market, combined ? NumberSpace::kCombined : NumberSpace::kOrder,
          row.order_number};
}

Result<Found> find_plan(const Book& book, const Message& message, bool trust_plan) {
  const bool named = message.plan != PlanId{};
  if (named && book.plans.find(message.plan) == nullptr)
    return Refusal{"UNKNOWN_PLAN", fmt::format("message {} names plan {}, which does not exist",
                                               message.message_id, message.plan.value())};
  const Result<const OrderNumber*> hit = find_number(book, message, trust_plan);
  if (hit.has_error()) return hit.error();
  if (const OrderNumber* const number = *hit; number != nullptr) {
    if (named && number->plan != message.plan)
      return Refusal{"CONTRADICTION",
                     fmt::format("message {} names plan {}, but order number {} is of plan {}",
                                 message.message_id, message.plan.value(), number->number,
                                 number->plan.value())};
    // A number that a cached placement revealed has no order yet; the site may have placed it.
    return Found{number->plan, number->order != OrderId{}
                                   ? number->order
                                   : order_of_site(book, number->plan, message)};
  }
  if (!named) return Found{};
  return Found{message.plan, order_of_site(book, message.plan, message)};
}

}  // namespace systask::trading
