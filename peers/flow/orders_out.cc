#include "peers/flow/orders_out.h"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <charconv>

#include "peers/flow/decimal.h"

namespace systask::peers::flow {
namespace {

namespace json = boost::json;

// Numbers may come as integers or as strings.
std::string text_of(const json::object& body, std::string_view key) {
  const auto* value = body.if_contains(key);
  if (value == nullptr) return {};
  if (value->is_string()) return std::string{value->get_string()};
  return value->is_int64() ? std::to_string(value->get_int64()) : std::string{};
}

std::int64_t integer_of(const json::object& body, std::string_view key) {
  const auto text = text_of(body, key);
  std::int64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

Refusal missing(std::string_view what) {
  return {"BAD_REQUEST",
          fmt::format("the order has no usable {}; expected the body of stp.order.place", what)};
}

}  // namespace

Result<OrderFacts> parse_order(const json::object& body) {
  OrderFacts order;
  order.plan = integer_of(body, "scheme_id");
  order.algo_ordid = text_of(body, "algo_ordid");
  order.business_date = static_cast<std::int32_t>(integer_of(body, "business_date"));
  order.market = static_cast<std::int32_t>(integer_of(body, "market_no"));
  order.security = text_of(body, "stock_code");
  order.direction = static_cast<int>(integer_of(body, "entrust_direction"));
  order.quantity = integer_of(body, "entrust_amount");
  const auto price = parse_decimal(text_of(body, "entrust_price"));
  if (order.plan <= 0) return missing("scheme_id");
  if (order.algo_ordid.empty()) return missing("algo_ordid");
  if (order.business_date <= 0) return missing("business_date");
  if (order.direction != 1 && order.direction != 2) return missing("entrust_direction");
  if (order.quantity <= 0) return missing("entrust_amount");
  if (!price) return missing("entrust_price");
  order.price = *price;
  return order;
}

CancelRequest parse_cancel(const json::object& body) {
  return {.plan = integer_of(body, "scheme_id"),
          .algo_ordid = text_of(body, "algo_ordid"),
          .number = text_of(body, "entrust_no"),
          .cancel_no = text_of(body, "cancel_no")};
}

}  // namespace systask::peers::flow
