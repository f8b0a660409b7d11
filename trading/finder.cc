#include "trading/finder.h"

#include <fmt/format.h>

namespace systask::trading {
namespace {

Result<const OrderNumber*> find_number(const Book& book, const Message& message) {
  NumberKey key = number_key(message);
  const OrderNumber* const own = book.numbers.find(key);
  if (key.space == NumberSpace::kCombined) return own;
  key.space = NumberSpace::kLeg;
  const OrderNumber* const leg = book.numbers.find(key);
  if (own != nullptr && leg != nullptr)
    return Refusal{"AMBIGUOUS",
                   fmt::format("number {} of market {} on {} is an order of plan {} and a leg of "
                               "plan {}",
                               key.number, key.market.value(), key.date.value(), own->plan.value(),
                               leg->plan.value())};
  return own != nullptr ? own : leg;
}

}  // namespace

NumberKey number_key(const Message& message) {
  return {message.date, message.market,
          about_combined(message.kind()) ? NumberSpace::kCombined : NumberSpace::kOrder,
          message.order_number()};
}

Result<Found> find_plan(const Book& book, const Message& message) {
  const bool named = message.plan != PlanId{};
  if (named && book.plans.find(message.plan) == nullptr)
    return Refusal{"UNKNOWN_PLAN", fmt::format("message {} names plan {}, which does not exist",
                                               message.message_id, message.plan.value())};
  const Result<const OrderNumber*> hit = find_number(book, message);
  if (hit.has_error()) return hit.error();
  if (const OrderNumber* const number = *hit; number != nullptr) {
    if (named && number->plan != message.plan)
      return Refusal{"CONTRADICTION",
                     fmt::format("message {} names plan {}, but order number {} is of plan {}",
                                 message.message_id, message.plan.value(), number->number,
                                 number->plan.value())};
    return Found{number->plan, number->order};
  }
  if (!named) return Found{};
  if (!message.algo_ordid.empty() && !about_combined(message.kind()))
    if (const OrderId* const order = book.by_algo.find({message.plan, message.algo_ordid}))
      return Found{message.plan, *order};
  return Found{message.plan, OrderId{}};
}

}  // namespace systask::trading
