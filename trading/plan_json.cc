#include "trading/plan_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <tuple>

#include "trading/decimal.h"
#include "trading/identifiers.h"
#include "trading/text_hash.h"

namespace systask::trading {
namespace {

namespace json = boost::json;

json::object parameters_object(const Parameters& parameters) {
  json::object object;
  for (const auto& [key, value] : parameters)
    object[key] = value;
  return object;
}

std::string state_text(OrderState state) { return std::string(1, static_cast<char>(state)); }

const std::string& or_dash(const std::string& text) {
  static const std::string kDash = "-";
  return text.empty() ? kDash : text;
}

std::string total_lines(const Plan& plan) {
  std::vector<PlanDetail> details = plan.details;
  std::ranges::sort(details, {}, [](const PlanDetail& detail) {
    return std::tuple{detail.market, detail.security, detail.side};
  });
  std::string text;
  for (const PlanDetail& detail : details)
    text += fmt::format("total {} {} {} {} {} {}\n", detail.market.value(), detail.security,
                        static_cast<int>(detail.side), detail.ordered, detail.filled,
                        format_ticks(detail.amount.value()));
  return text;
}

std::string open_lines(const Book& book, PlanId plan) {
  std::vector<const Order*> orders;
  for (const OrderId id : book.open_orders(plan))
    orders.push_back(book.orders.find(id));
  std::ranges::sort(orders, {}, [](const Order* order) {
    return std::tuple{order->market, or_dash(order->number), or_dash(order->algo_ordid)};
  });
  std::string text;
  for (const Order* const order : orders)
    text +=
        fmt::format("open {} {} {} {} {} {} {}\n", order->market.value(), or_dash(order->number),
                    or_dash(order->algo_ordid), static_cast<int>(order->side), order->quantity,
                    order->filled, static_cast<char>(order->state()));
  std::vector<const CombinedOrder*> pairs;
  for (const OrderId id : book.open_combined(plan))
    pairs.push_back(book.combined.find(id));
  std::ranges::sort(pairs, {}, [](const CombinedOrder* order) {
    return std::tuple{order->market, order->number};
  });
  for (const CombinedOrder* const pair : pairs)
    text += fmt::format("combined {} {} {}\n", pair->market.value(), pair->number,
                        static_cast<char>(pair->state()));
  return text;
}

}  // namespace

std::string plan_json(const Plan& plan) {
  json::array details;
  for (const PlanDetail& detail : plan.details)
    details.push_back({{"market_no", detail.market.value()},
                       {"stock_code", detail.security},
                       {"entrust_direction", static_cast<int>(detail.side)},
                       {"quantity", detail.quantity},
                       {"ordered", detail.ordered},
                       {"filled", detail.filled},
                       {"amount", format_ticks(detail.amount.value())}});
  const json::object object{{"plan", plan.id.value()},
                            {"business_date", plan.date.value()},
                            {"name", plan.name},
                            {"strategy", plan.strategy},
                            {"environment", plan.environment},
                            {"status", std::string(1, static_cast<char>(plan.effective_status()))},
                            {"parameters", parameters_object(*plan.parameters)},
                            {"tolerance_percent", plan.tolerance_percent},
                            {"details", std::move(details)}};
  return json::serialize(object);
}

std::string new_plan_json(const NewPlan& request) {
  json::array details;
  for (const PlanDetail& detail : request.details)
    details.push_back({{"market_no", detail.market.value()},
                       {"stock_code", detail.security},
                       {"entrust_direction", static_cast<int>(detail.side)},
                       {"quantity", detail.quantity}});
  json::object object{{"name", request.name},
                      {"strategy", request.strategy},
                      {"environment", request.environment},
                      {"parameters", parameters_object(request.parameters)},
                      {"last_date", request.last_date ? request.last_date->value() : 0},
                      {"details", std::move(details)}};
  // Absent where there is none: it is compared with what an earlier version of this program wrote.
  if (request.tolerance_percent != 0) object["tolerance_percent"] = request.tolerance_percent;
  return json::serialize(object);
}

std::string parameters_json(const Parameters& parameters) {
  return json::serialize(json::object{{"parameters", parameters_object(parameters)}});
}

Result<Parameters> parameters_of(const std::string& body) {
  json::error_code error;
  const json::value value = json::parse(body, error);
  const json::value* const found =
      !error && value.is_object() ? value.as_object().if_contains("parameters") : nullptr;
  if (found == nullptr || !found->is_object())
    return Refusal{"BAD_REQUEST", "parameters: expected an object of strings"};
  Parameters parameters;
  for (const auto& [key, text] : found->as_object()) {
    if (!text.is_string())
      return Refusal{"BAD_REQUEST",
                     fmt::format("parameters.{}: found {}, expected a string",
                                 std::string_view{key.data(), key.size()}, json::serialize(text))};
    parameters.emplace(key, text.as_string());
  }
  return parameters;
}

std::string order_json(const Order& order) {
  return json::serialize(json::object{{"order", order.id.value()},
                                      {"market_no", order.market.value()},
                                      {"stock_code", order.security},
                                      {"entrust_no", order.number},
                                      {"algo_ordid", order.algo_ordid},
                                      {"entrust_direction", static_cast<int>(order.side)},
                                      {"entrust_price", format_ticks(order.price.value())},
                                      {"entrust_amount", order.quantity},
                                      {"filled", order.filled},
                                      {"cancelled", order.cancelled},
                                      {"entrust_state", state_text(order.state())},
                                      {"confirmed", order.confirmed},
                                      {"cancel_pending", order.cancel_pending},
                                      {"amount", format_ticks(order.amount.value())}});
}

std::string combined_json(const Book& book, const CombinedOrder& order) {
  return json::serialize(json::object{{"order", order.id.value()},
                                      {"market_no", order.market.value()},
                                      {"entrust_no", order.number},
                                      {"buy_entrust_no", book.orders.find(order.buy)->number},
                                      {"sell_entrust_no", book.orders.find(order.sell)->number},
                                      {"entrust_state", state_text(order.state())},
                                      {"confirmed", order.confirmed},
                                      {"cancel_pending", order.cancel_pending}});
}

OpenOrdersPage open_orders_page(const Book& book, const Plan& plan, OrderId after,
                                std::size_t limit) {
  std::string orders;
  std::string next = "null";
  std::size_t count = 0;
  for (const OrderId id : book.open_orders(plan.id)) {
    if (id <= after) continue;
    if (count == limit) {
      next = fmt::to_string(after.value());
      break;
    }
    if (count++ > 0) orders += ',';
    orders += order_json(*book.orders.find(id));
    after = id;
  }
  std::string pairs;
  if (next == "null")  // combined orders come with the last page
    for (const OrderId id : book.open_combined(plan.id)) {
      if (!pairs.empty()) pairs += ',';
      pairs += combined_json(book, *book.combined.find(id));
    }
  return {fmt::format(R"({{"snapshot":{},"orders":[{}],"combined":[{}],"next":{}}})",
                      plan.applied.value(), orders, pairs, next),
          next == "null"};
}

std::string digest_text(const Book& book, const Plan& plan) {
  std::string text = fmt::format("plan {}\nstatus {}\n", plan.id.value(),
                                 static_cast<char>(plan.effective_status()));
  for (const auto& [key, value] : *plan.parameters)
    text += fmt::format("parameter {}={}\n", key, in_one_line(value));
  text += total_lines(plan);
  text += open_lines(book, plan.id);
  return text;
}

std::string digest(const Book& book, const Plan& plan) {
  return sha256_hex(digest_text(book, plan));
}

}  // namespace systask::trading
