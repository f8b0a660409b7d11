// Whether a message says what its function must say, within the ranges of docs/protocol.md: what
// does not is quarantined by itself, and never holds a plan.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "trading/message.h"

namespace systask::trading {

// Which of the members that ill_formed() asks about were in the body at all.
struct Present {
  bool date = false;
  bool market = false;
  bool side = false;
  bool quantity = false;
  bool deal_quantity = false;
  bool deal_price = false;
  bool buy_quantity = false;
  bool sell_quantity = false;
};

// What is wrong: "deal_amount of function 402206 is 0: expected 1 to …", or "… is absent: it is
// required". Nothing where all is well.
std::optional<std::string> ill_formed(const Message& message, const Present& present);

// What a placement lacks that must create its order; nothing for any other message.
std::optional<std::string> lacks_for_an_order(const Message& message);

}  // namespace systask::trading
