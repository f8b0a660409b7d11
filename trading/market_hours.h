// What day it is: business dates as numbers, and markets' trading sessions as they stand
// in algojr_texectimeinfo ("093000-113000;130000-210000", in the platform's time zone).
// Pure but for the zone; any thread.
#pragma once

#include <chrono>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/zone.h"
#include "trading/types.h"

namespace systask::trading {

// Seconds from midnight of the business date; `end` may lie beyond 24 h, where a session
// runs through the night.
struct Session {
  std::chrono::seconds begin;
  std::chrono::seconds end;

  friend bool operator==(const Session&, const Session&) = default;
};

// BAD_SESSIONS names the part that is no session ("HHMMSS-HHMMSS", at most 240000).
Result<std::vector<Session>> parse_sessions(std::string_view text);

class MarketHours {
 public:
  explicit MarketHours(Zone zone) : zone_(zone) {}

  // The civil date of an instant.
  [[nodiscard]] BusinessDate date_of(TimePoint at) const;

  // When the last session of a business date ends; midnight after it where the text says
  // nothing, or nothing readable (which is logged: plans must not expire by a typing error).
  [[nodiscard]] TimePoint last_end(BusinessDate date, std::string_view sessions) const;

  // The business date of a plan that is created at `now`: the open one, or the next
  // weekday's once its market's last session is over.
  [[nodiscard]] BusinessDate date_for(BusinessDate open, Market market, TimePoint now,
                                      const std::map<Market, std::string>& sessions) const;

 private:
  Zone zone_;
};

// The next day that is no Saturday or Sunday.
BusinessDate next_weekday(BusinessDate date);

}  // namespace systask::trading
