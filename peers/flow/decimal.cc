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
