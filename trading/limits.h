// The range of prices and amounts: of orders that sites place, of plans, and of what the order
// system says.
#pragma once

#include "trading/types.h"

namespace systask::trading {

inline constexpr PriceTicks kHighestPrice{1'000'000'000'000'000'000};  // 10 000 000 000 of currency
inline constexpr Quantity kMostQuantity = 1'000'000'000'000'000;       // exact also as a double
inline constexpr std::int32_t kMostTolerancePercent = 100;

}  // namespace systask::trading
