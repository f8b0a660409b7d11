#include "peers/flow/limits.h"

namespace systask::peers::flow {

bool Limits::add_order(const OrderFacts& order) {
  Sums& sums = sums_[{order.plan, order.security, order.direction}];
  std::int64_t ordered = 0;
  if (__builtin_add_overflow(sums.ordered, order.quantity, &ordered)) return false;
  sums.ordered = ordered;
  return true;
}

bool Limits::add_fill(const OrderFacts& order, std::int64_t quantity, std::int64_t price) {
  Sums& sums = sums_[{order.plan, order.security, order.direction}];
  std::int64_t amount = 0;
  if (__builtin_mul_overflow(quantity, price, &amount) ||
      __builtin_add_overflow(sums.amount, amount, &amount))
    return false;
  sums.amount = amount;
  return true;
}

}  // namespace systask::peers::flow
