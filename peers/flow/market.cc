#include "peers/flow/market.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

namespace systask::peers::flow {
namespace {

constexpr std::int64_t kMostParts = 4;

std::string key_of(std::int64_t plan, const std::string& algo_ordid) {
  return fmt::format("{}/{}", plan, algo_ordid);
}

}  // namespace

Market::Market(const MarketOptions& options)
    : options_(options), random_(options.seed), next_number_(options.first_number) {}

std::optional<std::int64_t> Market::place(OrderFacts order, MonotonicPoint now) {
  const auto [taken, is_new] = taken_.try_emplace(key_of(order.plan, order.algo_ordid), 0);
  if (!is_new) return {};
  const auto number = next_number_++;
  taken->second = number;
  order.number = number;
  Order& kept = orders_[number];
  kept.facts = std::move(order);
  kept.last_at = now;
  kept.names_plan = chance(0.5);
  const auto placed_at = now + within(options_.latency);
  const auto answered_at = placed_at + within(options_.latency);
  schedule(kept, placed_at, Step::kPlaced);
  if (chance(options_.reject)) {
    schedule(kept, answered_at, Step::kRejected);
    return number;
  }
  schedule(kept, answered_at, Step::kConfirmed);
  if (!chance(options_.no_fill)) schedule_fills(kept, answered_at);
  return number;
}

Taken Market::cancel(const CancelRequest& request, MonotonicPoint now) {
  if (!cancels_.insert(request.cancel_no).second) return Taken::kRepeat;
  Order* order = find(request);
  if (order == nullptr) return Taken::kUnknown;
  const auto requested_at = now + within(options_.latency);
  schedule(*order, requested_at, Step::kCancelRequested);
  schedule(*order, requested_at + within(options_.latency), Step::kCancelDecided);
  return Taken::kNew;
}

std::optional<Report> Market::next(MonotonicPoint now) {
  while (!due_.empty() && due_.top().at <= now) {
    const Due due = due_.top();
    due_.pop();
    if (auto report = carry_out(due)) return report;
  }
  return {};
}

std::optional<MonotonicPoint> Market::next_at() const {
  if (due_.empty()) return {};
  return due_.top().at;
}

bool Market::chance(double probability) {
  return std::uniform_real_distribution<>{}(random_) < probability;
}

std::chrono::microseconds Market::within(const Range& range) {
  using Micros = std::chrono::microseconds;
  const auto from = Micros{range.from}.count();
  const auto to = std::max(from, Micros{range.to}.count());
  return Micros{std::uniform_int_distribution<std::int64_t>{from, to}(random_)};
}

void Market::schedule(Order& order, MonotonicPoint at, Step step, std::int64_t quantity) {
  // A cancel does not wait for the fills to come: it is what may prevent them.
  const bool of_cancel = step == Step::kCancelRequested || step == Step::kCancelDecided;
  if (!of_cancel && step != Step::kFilled) order.last_at = std::max(order.last_at, at);
  due_.push({std::max(at, order.last_at), turn_++, order.facts.number, step, quantity});
}

void Market::schedule_fills(Order& order, MonotonicPoint at) {
  std::int64_t rest = order.facts.quantity;
  std::int64_t parts = 1;
  if (rest > 1 && chance(options_.partial))
    parts = std::uniform_int_distribution<std::int64_t>{2, std::min(rest, kMostParts)}(random_);
  for (; parts > 0; --parts) {
    const auto quantity = parts == 1 ? rest : std::max<std::int64_t>(1, rest / parts);
    at += within(options_.fill);
    schedule(order, at, Step::kFilled, quantity);
    rest -= quantity;
  }
}

Market::Order* Market::find(const CancelRequest& request) {
  const auto taken = taken_.find(key_of(request.plan, request.algo_ordid));
  if (taken != taken_.end()) return &orders_.at(taken->second);
  std::int64_t number = 0;
  std::from_chars(request.number.data(), request.number.data() + request.number.size(), number);
  const auto found = orders_.find(number);
  const bool is_it = found != orders_.end() && found->second.facts.plan == request.plan;
  return is_it ? &found->second : nullptr;
}

std::optional<Report> Market::carry_out(const Due& due) {
  Order& order = orders_.at(due.number);
  if (due.step == Step::kFilled) {
    if (order.closed) return {};
    return fill_report(order, due.quantity);
  }
  if (due.step == Step::kCancelDecided) return cancel_report(order);
  Report report{.order = order.facts, .names_plan = order.names_plan};
  switch (due.step) {
    case Step::kPlaced: report.names_plan = true; break;
    case Step::kConfirmed:
      report.function = Function::kConfirmed;
      report.state = '4';
      break;
    case Step::kRejected:
      order.closed = true;
      report.function = Function::kRejected;
      report.state = '5';
      report.cause = "rejected by the simulated market, as --reject asked";
      break;
    default:
      report.function = Function::kCancelRequested;
      report.state = 'a';
      break;
  }
  return report;
}

Report Market::fill_report(Order& order, std::int64_t quantity) {
  order.filled += quantity;
  order.closed = order.filled == order.facts.quantity;
  return {.function = Function::kFilled,
          .order = order.facts,
          .names_plan = order.names_plan,
          .state = order.closed ? '7' : '6',
          .deal = ++order.deals,
          .deal_price = order.facts.price,
          .deal_quantity = quantity,
          .total_filled = order.filled};
}

Report Market::cancel_report(Order& order) {
  Report report{.order = order.facts, .names_plan = order.names_plan};
  if (order.closed) {
    report.function = Function::kCancelRejected;
    report.state = order.filled > 0 ? '7' : '5';
    report.cause = "the order had ended before its cancel came";
    return report;
  }
  order.closed = true;
  report.function = Function::kCancelled;
  report.state = order.filled > 0 ? '8' : '9';
  report.cancelled = order.facts.quantity - order.filled;
  return report;
}

}  // namespace systask::peers::flow
