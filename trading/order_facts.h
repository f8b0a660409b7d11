// What a message says of its order, held against the order as it is known.
#pragma once

#include <optional>
#include <string>

#include "trading/message.h"
#include "trading/order.h"

namespace systask::trading {

// In what the message contradicts the order that it is about: "names security 600000, and order E1
// of plan 1 is of 600570". Nothing where the two agree; what the message does not say agrees.
std::optional<std::string> contradiction_of(const Order& order, const Message& message);
std::optional<std::string> contradiction_of(const CombinedOrder& pair, const Order& buy,
                                            const Order& sell, const Message& message);

// How the message, under whatever id, stands to what was applied of the order: new, a repeat that
// changes nothing, or a cancel that is said otherwise now (`why` says how).
struct Standing {
  enum class Is { kNew, kRepeat, kContradiction };
  Is is = Is::kNew;
  std::string why;
};
Standing standing_of(const Order& order, const Message& message);
Standing standing_of(const CombinedOrder& pair, const Message& message);

}  // namespace systask::trading
