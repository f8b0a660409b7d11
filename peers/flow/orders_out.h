// What the platform sends the order system (docs/protocol.md section 8), read out of JSON.
#pragma once

#include <boost/json/fwd.hpp>

#include "base/result.h"
#include "peers/flow/market.h"

namespace systask::peers::flow {

// Refused with BAD_REQUEST, naming the member, where the order cannot be read.
Result<OrderFacts> parse_order(const boost::json::object& body);
CancelRequest parse_cancel(const boost::json::object& body);

}  // namespace systask::peers::flow
