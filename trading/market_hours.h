// What day it is: business dates as numbers, and markets' trading sessions as they stand
// in algojr_texectimeinfo ("093000-113000;130000-210000", in the platform's time zone). Which
// dates are business dates, calendars say (ports/business_days.h). Any thread.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/zone.h"
#include "trading/ports/business_days.h"
#include "trading/types.h"

namespace systask::trading {

// Seconds from midnight of the business date or, where `evening_before`, of the business date
// before it; `end` may lie beyond 24 h, where a session runs through the night.
struct Session {
  std::chrono::seconds begin;
  std::chrono::seconds end;
  bool evening_before = false;

  friend bool operator==(const Session&, const Session&) = default;
};

// A session that begins at 18:00 or later, and stands before one that begins earlier in the day,
// is of the evening before: "210000-023000;090000-150000" is the night that opens the date, and
// "090000-150000;210000-023000" the one that ends it.
// BAD_SESSIONS names the part that is no session ("HHMMSS-HHMMSS", at most 240000).
Result<std::vector<Session>> parse_sessions(std::string_view text);

class MarketHours {
 public:
  using Texts = std::map<Market, std::string>;

  // Without `days` no market has a calendar.
  explicit MarketHours(Zone zone, std::shared_ptr<const BusinessDays> days = nullptr)
      : zone_(zone), days_(std::move(days)) {}

  // The civil date of an instant.
  [[nodiscard]] BusinessDate date_of(TimePoint at) const;

  // When the last session of a business date ends; midnight after it where the text says
  // nothing, or nothing readable (which is logged: plans must not expire by a typing error).
  [[nodiscard]] TimePoint last_end(BusinessDate date, std::string_view sessions) const;
  // The same of a market: a calendar's half day ends when the calendar says.
  [[nodiscard]] TimePoint last_end(BusinessDate date, Market market, const Texts& sessions) const;

  // The business date of a plan that is created at `now`: the open one or, where that is none of
  // its market, or its last session is over, the next whose is not. NO_CALENDAR_DATA where the
  // market's calendar does not say.
  [[nodiscard]] Result<BusinessDate> date_for(BusinessDate open, Market market, TimePoint now,
                                              const Texts& sessions) const;

  // A market has a calendar: else any date may be opened.
  [[nodiscard]] bool follows_calendars() const { return days_ && !days_->markets().empty(); }

  // The market's first business date at or after the date, Monday to Friday without a calendar.
  // NO_CALENDAR_DATA.
  [[nodiscard]] Result<BusinessDate> first_from(Market market, BusinessDate date) const;

  // The date of the market's night session that follows the date's day; nothing where it has none.
  [[nodiscard]] std::optional<BusinessDate> night_after(BusinessDate date, Market market,
                                                        std::string_view sessions) const;

  // The business date that a start of day opens at `now`: the latest of any market that has
  // begun or, from an hour before an evening session that belongs to it, the next. The civil
  // date where no market has a calendar. Where a calendar has ended, weekdays count: a day that
  // is not opened costs more than one that nobody trades on.
  [[nodiscard]] BusinessDate coming(TimePoint now, const Texts& sessions) const;
  // Logs an error for each market whose calendar does not cover today.
  void say_where_unknown(TimePoint now) const;
  // Why `coming` is not the civil date: "20261001 is no business date of market 1 (calendar
  // xshg, ...)"; empty where it is.
  [[nodiscard]] std::string why_not_today(TimePoint now, BusinessDate coming) const;

 private:
  [[nodiscard]] BusinessDays::Day day(Market market, BusinessDate date) const;
  // 0 where it has none for weeks.
  [[nodiscard]] BusinessDate latest_until(Market market, BusinessDate date) const;

  Zone zone_;
  std::shared_ptr<const BusinessDays> days_;
};

std::chrono::local_days day_of(BusinessDate date);
// A day of the calendar, and not 20260231.
bool is_date(BusinessDate date);
// No Saturday and no Sunday.
bool is_weekday(BusinessDate date);

}  // namespace systask::trading
