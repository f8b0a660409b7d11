// What calendars say about the dates of markets: all that trading asks of them. Any thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "trading/types.h"

namespace systask::trading {

class BusinessDays {
 public:
  enum class Day { kOpen, kClosed, kUnknown };  // unknown: the calendar does not cover the date

  virtual ~BusinessDays() = default;

  // The markets whose dates count for the platform; none where no market has a calendar.
  [[nodiscard]] virtual std::vector<Market> markets() const = 0;
  // A market without a calendar is open from Monday to Friday.
  [[nodiscard]] virtual Day day(Market market, BusinessDate date) const = 0;
  // When the market's last session ends on a date that has other hours than its weekday has;
  // nothing on every other date.
  [[nodiscard]] virtual std::optional<TimePoint> unusual_close(Market market,
                                                               BusinessDate date) const = 0;
  // For people: "calendar xshg, 1990-12-03 to 2026-12-31"; "no calendar".
  [[nodiscard]] virtual std::string calendar(Market market) const = 0;
};

}  // namespace systask::trading
