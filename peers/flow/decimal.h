// Prices and amounts as the order system counts them: units of 1e-8, never a double.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace systask::peers::flow {

inline constexpr std::int64_t kDecimalUnit = 100'000'000;

// "12.34", "-0.5", "7": at most 8 decimals, no exponent; nothing for any other text.
[[nodiscard]] std::optional<std::int64_t> parse_decimal(std::string_view text);

// Of recordings, whose writers also write "+12", "12.", ".5" and zeros behind the eighth decimal;
// nothing where more digits than eight count.
[[nodiscard]] std::optional<std::int64_t> parse_recorded_price(std::string_view text);

// What the platform takes, in units of 1e-8 (docs/protocol.md): of an order, 0 is none.
inline constexpr std::int64_t kMostPrice = 10'000'000'000 * kDecimalUnit;
constexpr bool is_order_price(std::int64_t price) { return price >= 0 && price <= kMostPrice; }
constexpr bool is_deal_price(std::int64_t price) { return price > 0 && price <= kMostPrice; }

// Beyond it, sums of a few would not fit.
inline constexpr std::int64_t kMostQuantity = 1'000'000'000'000'000;
inline constexpr int kMostScale = 12;

// A quantity of a recording in units of 10^-scale, from 0 to kMostQuantity: "0.015" is 15 with
// scale
// 3. Nothing where it is none, or finer than that.
[[nodiscard]] std::optional<std::int64_t> parse_recorded_quantity(std::string_view text, int scale);
// With one digit at least on each side of the point, and nothing behind the last digit that counts.
[[nodiscard]] std::string plain_decimal(std::string_view text);
// How many digits behind the point count.
[[nodiscard]] int decimals_in(std::string_view text);

// Without trailing zeros: "57600", "12.5", "0".
[[nodiscard]] std::string format_decimal(std::int64_t units);

}  // namespace systask::peers::flow
