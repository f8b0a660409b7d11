// Markets, and the dates that they trade on, each a type of its own.
#pragma once

#include <cstdint>

#include "base/named.h"

namespace systask {

using BusinessDate = Named<std::int32_t, struct BusinessDateTag>;  // YYYYMMDD
using Market = Named<std::int32_t, struct MarketTag>;              // market_no

}  // namespace systask
