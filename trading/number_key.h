// The key under which an order number is known, and under which a message waits for one.
#pragma once

#include <cstddef>
#include <functional>
#include <string>

#include "trading/ports/order_store.h"
#include "trading/types.h"

namespace systask::trading {

// Orders' own numbers, legs' numbers and combined orders' numbers are found apart, since
// an internal number may be an external one, too.
enum class NumberSpace : char { kOrder, kLeg, kCombined };

constexpr NumberSpace space_of(NumberKind kind) {
  if (kind == NumberKind::kCombined) return NumberSpace::kCombined;
  return kind == NumberKind::kOrder ? NumberSpace::kOrder : NumberSpace::kLeg;
}

struct NumberKey {
  BusinessDate date;
  Market market;
  NumberSpace space = NumberSpace::kOrder;
  std::string number;

  friend bool operator==(const NumberKey&, const NumberKey&) = default;
};

// Mixes one more value into a hash.
constexpr std::size_t mix(std::size_t seed, std::size_t value) {
  return seed ^ (value + 0x9e3779b97f4a7c15ULL + (seed << 6U) + (seed >> 2U));
}

struct NumberKeyHash {
  std::size_t operator()(const NumberKey& key) const noexcept {
    const std::size_t place =
        mix(std::hash<BusinessDate>{}(key.date), std::hash<Market>{}(key.market));
    return mix(mix(place, static_cast<std::size_t>(key.space)),
               std::hash<std::string>{}(key.number));
  }
};

}  // namespace systask::trading
