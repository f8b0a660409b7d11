#include "peers/flow/decimal.h"

#include <fmt/format.h>

#include <charconv>

namespace systask::peers::flow {
namespace {

constexpr std::size_t kDecimals = 8;

std::optional<std::int64_t> parse_digits(std::string_view digits) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc{} || end != digits.data() + digits.size() || value < 0) return {};
  return digits.front() == '-' ? std::nullopt : std::optional{value};
}

}  // namespace

std::optional<std::int64_t> parse_decimal(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  const auto point = text.find('.');
  const auto whole_text = text.substr(0, point);
  std::string fraction_text{point == std::string_view::npos ? std::string_view{}
                                                            : text.substr(point + 1)};
  if (whole_text.empty() || fraction_text.size() > kDecimals) return {};
  if (point != std::string_view::npos && fraction_text.empty()) return {};
  fraction_text.resize(kDecimals, '0');
  const auto whole = parse_digits(whole_text);
  const auto fraction = parse_digits(fraction_text);
  std::int64_t units = 0;
  if (!whole || !fraction || __builtin_mul_overflow(*whole, kDecimalUnit, &units) ||
      __builtin_add_overflow(units, *fraction, &units))
    return {};
  return negative ? -units : units;
}

std::string plain_decimal(std::string_view text) {
  std::string plain{text.starts_with('+') ? text.substr(1) : text};
  const std::size_t sign = plain.starts_with('-') ? 1 : 0;
  if (plain.size() > sign && plain[sign] == '.' && plain.size() > sign + 1)
    plain.insert(sign, 1, '0');
  const auto point = plain.find('.');
  if (point == std::string::npos) return plain;
  while (plain.size() > point + 1 && plain.back() == '0')
    plain.pop_back();
  if (plain.back() == '.') plain.pop_back();
  return plain;
}

std::optional<std::int64_t> parse_recorded_price(std::string_view text) {
  return parse_decimal(plain_decimal(text));
}

int decimals_in(std::string_view text) {
  const std::string plain = plain_decimal(text);
  const auto point = plain.find('.');
  return point == std::string::npos ? 0 : static_cast<int>(plain.size() - point - 1);
}

std::optional<std::int64_t> parse_recorded_quantity(std::string_view text, int scale) {
  std::string plain = plain_decimal(text);
  const auto point = plain.find('.');
  const int decimals = decimals_in(text);
  if (decimals > scale) return {};
  if (point != std::string::npos) plain.erase(point, 1);
  plain.append(static_cast<std::size_t>(scale - decimals), '0');
  if (text.find_first_of("0123456789") == std::string_view::npos) return {};
  std::int64_t value = 0;
  const auto* const last = plain.data() + plain.size();
  const auto [end, error] = std::from_chars(plain.data(), last, value);
  if (error != std::errc{} || end != last || value < 0 || value > kMostQuantity) return {};
  return value;
}

std::string format_decimal(std::int64_t units) {
  const auto magnitude =
      units < 0 ? -static_cast<std::uint64_t>(units) : static_cast<std::uint64_t>(units);
  const auto unit = static_cast<std::uint64_t>(kDecimalUnit);
  std::string text =
      fmt::format("{}{}.{:08}", units < 0 ? "-" : "", magnitude / unit, magnitude % unit);
  text.resize(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text;
}

}  // namespace systask::peers::flow
