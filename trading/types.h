// The ids, numbers and amounts of trading, each a type of its own.
#pragma once

#include <cstdint>

#include "base/named.h"
#include "calendar/market.h"

namespace systask::trading {

using systask::BusinessDate;
using systask::Market;

using PlanId = Named<std::int64_t, struct PlanIdTag>;
using SiteId = Named<std::int32_t, struct SiteIdTag>;        // one per site name, for ever
using SessionId = Named<std::int64_t, struct SessionIdTag>;  // one per login
using Epoch = Named<std::int64_t, struct EpochTag>;          // raised whenever a plan changes hands
using LineNumber = Named<std::int64_t, struct LineNumberTag>;    // place in a plan's line, from 1
using OrderId = Named<std::int64_t, struct OrderIdTag>;          // ours; 0 is none
using MessageNo = Named<std::int64_t, struct MessageNoTag>;      // row of the message table
using OutNo = Named<std::int64_t, struct OutNoTag>;              // row of the outbox
using OrderLinkId = Named<std::int64_t, struct OrderLinkIdTag>;  // connection of an order system
using AttemptId = Named<std::int64_t, struct AttemptIdTag>;      // row of the recovery table
using Quantity = std::int64_t;                                   // shares, contracts

// What the order system says is filled of an order in all; 0: it does not say.
using SaidTotal = Named<std::int64_t, struct SaidTotalTag>;

using PriceTicks = Named<std::int64_t, struct PriceTicksTag>;    // 1e-8 of the currency
using AmountTicks = Named<std::int64_t, struct AmountTicksTag>;  // 1e-8 of the currency

enum class Side : std::uint8_t { kBuy = 1, kSell = 2 };

}  // namespace systask::trading
