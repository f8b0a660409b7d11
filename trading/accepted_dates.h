// AcceptedDates says of which business dates messages are taken: the open one, the one that the
// clock and the calendars open now, and where the message's market has a night session, the next.
// Whatever is of another date would stay in the tables of a day that never comes.
//
// Worker's thread only.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "trading/turn.h"
#include "trading/types.h"

namespace systask {
class MarketHours;
}  // namespace systask

namespace systask::trading {

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
    TimePoint at;
    BusinessDate coming;
    std::map<Market, BusinessDate> nights;  // of the markets that have a night session

    // 0: no night session. Market 0: the latest of any market.
    [[nodiscard]] BusinessDate night_of(Market market) const;
  };

  const Found& look(const Turn& turn, BusinessDate open);

  const Stores& stores_;
  const MarketHours& hours_;
  std::optional<Found> found_;
};

}  // namespace systask::trading
