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

// Without trailing zeros: "57600", "12.5", "0".
[[nodiscard]] std::string format_decimal(std::int64_t units);

}  // namespace systask::peers::flow
