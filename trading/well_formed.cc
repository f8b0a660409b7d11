#include "trading/well_formed.h"

#include <fmt/format.h>

#include "calendar/market_hours.h"
#include "trading/decimal.h"
#include "trading/limits.h"

namespace systask::trading {
namespace {

using Wrong = std::optional<std::string>;

// Says of the message's members, in turn, what is wrong; the first that is decides.
class Check {
 public:
  explicit Check(const Message& message) : function_(message.function->number) {}

  void required(bool present, std::string_view member) {
    if (!present)
      say(fmt::format("{} of function {} is absent: it is required", member, function_));
  }
  void text(std::string_view member, std::string_view value) {
    if (value.empty())
      say(fmt::format("{} of function {} is absent or empty: it is required", member, function_));
  }
  void quantity(std::string_view member, Quantity value, Quantity least) {
    if (value < least || value > kMostQuantity)
      expected(member, fmt::to_string(value), fmt::format("{} to {}", least, kMostQuantity));
  }
  void price(std::string_view member, PriceTicks value, bool zero_too) {
    if (value.value() >= (zero_too ? 0 : 1) && value <= kHighestPrice) return;
    expected(member, format_ticks(value.value()),
             fmt::format("{} and at most {}", zero_too ? "0 or more" : "above 0",
                         format_ticks(kHighestPrice.value())));
  }
  void product(std::string_view members, PriceTicks price, Quantity quantity) {
    if (!amount_of(price, quantity))
      expected(members, fmt::format("{} times {}", format_ticks(price.value()), quantity),
               fmt::format("at most {}", format_ticks(INT64_MAX)));
  }
  void expected(std::string_view member, const std::string& found, const std::string& expected) {
    say(fmt::format("{} of function {} is {}: expected {}", member, function_, found, expected));
  }
  [[nodiscard]] Wrong wrong() && { return std::move(wrong_); }

 private:
  void say(std::string what) {
    if (!wrong_) wrong_ = std::move(what);
  }

  const int function_;
  Wrong wrong_;
};

void check_fill(Check& check, const Message& m, const Present& present) {
  check.text("deal_no", m.deal_no);
  check.required(present.deal_quantity, "deal_amount");
  check.quantity("deal_amount", m.deal_quantity, 1);
  if (present.deal_price) check.price("deal_price", m.deal_price, false);
  check.product("deal_price and deal_amount", m.deal_price, m.deal_quantity);
}

void check_placement(Check& check, const Message& m, const Present& present) {
  // 0 is an order without a limit.
  check.price("entrust_price", m.price, true);
  if (present.quantity) check.quantity("entrust_amount", m.quantity, 1);
  check.product("entrust_price and entrust_amount", m.price, m.quantity);
}

void check_combined_placement(Check& check, const Message& m, const Present& present) {
  check.text("buy_entrust_no", m.buy.number);
  check.text("sell_entrust_no", m.sell.number);
  check.price("buy_entrust_price", m.buy.price, true);
  check.price("sell_entrust_price", m.sell.price, true);
  if (present.buy_quantity) check.quantity("buy_entrust_amount", m.buy.quantity, 1);
  if (present.sell_quantity) check.quantity("sell_entrust_amount", m.sell.quantity, 1);
  check.product("buy_entrust_price and buy_entrust_amount", m.buy.price, m.buy.quantity);
  check.product("sell_entrust_price and sell_entrust_amount", m.sell.price, m.sell.quantity);
}

}  // namespace

Wrong ill_formed(const Message& m, const Present& present) {
  Check check{m};
  check.required(present.date, "business_date");
  if (present.date && !is_date(m.date))
    check.expected("business_date", fmt::to_string(m.date.value()), "a date, YYYYMMDD");
  if (m.kind() == Kind::kApproval) return std::move(check).wrong();
  check.required(present.market, "market_no");
  if (m.market.value() <= 0)
    check.expected("market_no", fmt::to_string(m.market.value()), "a number above 0");
  check.text("entrust_no", m.order_number());
  if (present.side && m.side != 1 && m.side != 2)
    check.expected("entrust_direction", fmt::to_string(m.side), "1 (buy) or 2 (sell)");
  switch (m.kind()) {
    case Kind::kFilled: check_fill(check, m, present); break;
    case Kind::kPlaced: check_placement(check, m, present); break;
    case Kind::kCombinedPlaced: check_combined_placement(check, m, present); break;
    case Kind::kCancelled: check.quantity("cancel_amount", m.cancel_quantity, 0); break;
    case Kind::kCombinedCancelled:
      check.quantity("buy_cancel_amount", m.buy.cancel_quantity, 0);
      check.quantity("sell_cancel_amount", m.sell.cancel_quantity, 0);
      break;
    default: break;
  }
  return std::move(check).wrong();
}

Wrong lacks_for_an_order(const Message& m) {
  Check check{m};
  if (m.kind() == Kind::kPlaced) {
    check.text("stock_code", m.security);
    check.required(m.side != 0, "entrust_direction");
    check.required(m.quantity != 0, "entrust_amount");
  } else if (m.kind() == Kind::kCombinedPlaced) {
    check.text("stock_code", m.security);
    check.required(m.buy.quantity != 0, "buy_entrust_amount");
    check.required(m.sell.quantity != 0, "sell_entrust_amount");
  }
  Wrong wrong = std::move(check).wrong();
  if (wrong) *wrong += " where the message creates its order";
  return wrong;
}

}  // namespace systask::trading
