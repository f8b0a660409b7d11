#include "trading/decimal.h"

#include <fmt/format.h>

#include <algorithm>

#include "trading/limits.h"

namespace systask::trading {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Appends one decimal digit; false where the value would not fit.
bool shift_in(std::int64_t& value, int digit) {
  return !__builtin_mul_overflow(value, 10, &value) &&
         !__builtin_add_overflow(value, digit, &value);
}

}  // namespace

std::optional<std::int64_t> parse_ticks(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  std::int64_t value = 0;
  int decimals = -1;  // none until the point
  bool any = false;
  for (const char c : text) {
    if (c == '.' && decimals < 0 && any) {
      decimals = 0;
      continue;
    }
    if (!is_digit(c) || decimals == 8 || !shift_in(value, c - '0')) return std::nullopt;
    any = true;
    if (decimals >= 0) ++decimals;
  }
  if (!any || decimals == 0) return std::nullopt;
  for (int i = decimals < 0 ? 0 : decimals; i < 8; ++i)
    if (!shift_in(value, 0)) return std::nullopt;
  return negative ? -value : value;
}

std::string expected_price(std::string_view text) {
  if (text.starts_with('-')) text.remove_prefix(1);
  const auto point = std::min(text.find('.'), text.size());
  const std::string_view decimals = text.substr(point);
  const bool is_decimal = point > 0 && std::ranges::all_of(text.substr(0, point), is_digit) &&
                          decimals.size() != 1 && decimals.size() <= 9 &&
                          (decimals.empty() || std::ranges::all_of(decimals.substr(1), is_digit));
  if (is_decimal)
    return fmt::format("a decimal above 0 and at most {}", format_ticks(kHighestPrice.value()));
  return "a decimal with at most 8 decimals and no exponent, such as 12.34";
}

std::string format_ticks(std::int64_t ticks) {
  const bool negative = ticks < 0;
  const std::uint64_t size =
      negative ? 0 - static_cast<std::uint64_t>(ticks) : static_cast<std::uint64_t>(ticks);
  std::string text =
      fmt::format("{}{}.{:08}", negative ? "-" : "", size / kTicksPerUnit, size % kTicksPerUnit);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text;
}

std::optional<AmountTicks> amount_of(PriceTicks price, Quantity quantity) {
  std::int64_t amount = 0;
  if (__builtin_mul_overflow(price.value(), quantity, &amount)) return std::nullopt;
  return AmountTicks{amount};
}

}  // namespace systask::trading
