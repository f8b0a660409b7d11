#include "peers/flow/order_life.h"

#include <utility>

#include "base/check.h"

namespace systask::peers::flow {
namespace {

Report report_of(const OrderLife& life, std::int32_t time, Function function, char state) {
  Report report;
  report.function = function;
  report.order = life.facts;
  report.names_plan = life.names_plan || function == Function::kPlaced;
  report.time = time;
  report.state = state;
  return report;
}

}  // namespace

Report placed_report(const OrderLife& life, std::int32_t time) {
  return report_of(life, time, Function::kPlaced, '1');
}

Report confirmed_report(const OrderLife& life, std::int32_t time) {
  return report_of(life, time, Function::kConfirmed, '4');
}

Report rejected_report(const OrderLife& life, std::int32_t time, std::string cause) {
  Report report = report_of(life, time, Function::kRejected, '5');
  report.cause = std::move(cause);
  return report;
}

Report filled_report(OrderLife& life, std::int32_t time, std::int64_t quantity,
                     std::int64_t price) {
  const bool fits = quantity > 0 && quantity <= life.rest();
  CHECK(fits, "a fill is within the order's rest");
  life.filled += quantity;
  Report report = report_of(life, time, Function::kFilled, life.rest() == 0 ? '7' : '6');
  report.deal = ++life.deals;
  report.deal_price = price;
  report.deal_quantity = quantity;
  report.total_filled = life.filled;
  return report;
}

Report cancel_requested_report(OrderLife& life, std::int32_t time) {
  life.cancel_pending = true;
  return report_of(life, time, Function::kCancelRequested, 'a');
}

Report cancel_rejected_report(OrderLife& life, std::int32_t time, std::string cause) {
  life.cancel_pending = false;
  Report report = report_of(life, time, Function::kCancelRejected, life.filled > 0 ? '6' : '4');
  report.cause = std::move(cause);
  return report;
}

Report cancelled_report(OrderLife& life, std::int32_t time) {
  life.cancel_pending = false;
  Report report = report_of(life, time, Function::kCancelled, life.filled > 0 ? '8' : '9');
  report.cancelled = life.rest();
  return report;
}

}  // namespace systask::peers::flow
