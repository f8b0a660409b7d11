// Prices and amounts, exact: fixed point with 8 decimals. A price fits 64 bits; the sum of
// price times quantity over a day needs more.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace systask::peers {

__extension__ using Wide = __int128;

// 1e-8 of the currency of "12.34"; nothing where the text is no decimal of at most 8
// decimals, or does not fit 64 bits.
std::optional<std::int64_t> parse_price(std::string_view text);

// An amount in 1e-8 of the currency.
struct Amount {
  Wide ticks = 0;

  void add(std::int64_t price_ticks, std::int64_t quantity) {
    ticks += static_cast<Wide>(price_ticks) * quantity;
  }
  friend bool operator==(const Amount&, const Amount&) = default;
};

std::optional<Amount> parse_amount(std::string_view text);
// Without trailing zeros: "57600", "12.5", "0".
std::string to_text(Amount amount);

}  // namespace systask::peers
