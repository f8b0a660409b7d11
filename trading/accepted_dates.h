// AcceptedDates says of which business dates messages are taken: the open one, the one that the
// clock and the calendars open now, and where the message's market has a night session, the next.
// Whatever is of another date would stay in the tables of a day that never comes.
//
// Worker's thread only.
#pragma once

#include <optional>
#include <string>

#include "trading/turn.h"
#include "trading/types.h"

namespace systask::trading {

class MarketHours;
struct Stores;

class AcceptedDates {
 public:
  AcceptedDates(const Stores& stores, const MarketHours& hours) : stores_(stores), hours_(hours) {}

  // Why a message of this date comes too soon; nothing where it does not, or comes too late.
  // Market 0: any market.
  std::optional<std::string> too_soon(const Turn& turn, Market market, BusinessDate date);

 private:
  // What was found last; sessions may be changed, so it is looked at again each second.
  struct Found {
    BusinessDate open;
    Market market;
    TimePoint at;
    BusinessDate coming;
    BusinessDate night;  // 0: no night session
  };

  [[nodiscard]] BusinessDate night_of(const Turn& turn, Market market) const;

  const Stores& stores_;
  const MarketHours& hours_;
  std::optional<Found> found_;
};

}  // namespace systask::trading
