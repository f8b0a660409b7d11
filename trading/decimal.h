// Decimal texts and fixed point: prices and amounts have 8 decimals in 64 bits.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "trading/types.h"

namespace systask::trading {

inline constexpr std::int64_t kTicksPerUnit = 100'000'000;

// "12.34" -> 1'234'000'000; an optional sign, at most 8 decimals, no exponent. Nothing
// where the text is not such a number or does not fit.
std::optional<std::int64_t> parse_ticks(std::string_view text);

// What was expected of a price instead of a text that parse_ticks() does not take: the form, or the
// range.
std::string expected_price(std::string_view text);

// 1'234'000'000 -> "12.34": no trailing zeros, no trailing point.
std::string format_ticks(std::int64_t ticks);

// price times quantity, or nothing where it does not fit.
std::optional<AmountTicks> amount_of(PriceTicks price, Quantity quantity);

}  // namespace systask::trading
