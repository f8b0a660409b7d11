// What day it is for a market: which dates are business dates, by the calendars that markets have,
// and when sessions end, by the hours that stand in algojr_texectimeinfo
// ("093000-113000;130000-210000", in the platform's zone). Any thread.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/guarded.h"
#include "base/result.h"
#include "base/zone.h"
#include "calendar/market_sessions.h"
#include "calendar/wall_clock.h"

namespace systask {

class Calendar;
class LiveCalendar;

class MarketHours {
 public:
  using Calendars = std::map<Market, std::shared_ptr<const LiveCalendar>>;
  enum class Day { kOpen, kClosed, kUnknown };  // unknown: the calendar does not cover the date

  // No market has a calendar until take() says so.
  explicit MarketHours(const Zone& zone) : zone_(zone) {}

  // From now on. Those of `markets` count for the platform's dates, where any has a calendar.
  void take(const std::vector<int>& markets, Calendars calendars);

  // A market has a calendar: else any date may be opened.
  [[nodiscard]] bool follows_calendars() const { return !markets().empty(); }
  // The markets whose dates count for the platform; none where no market has a calendar.
  [[nodiscard]] std::vector<Market> markets() const;
  // For people: "calendar xshg, 1990-12-03 to 2026-12-31"; "no calendar".
  [[nodiscard]] std::string calendar(Market market) const;
  // A market without a calendar is open from Monday to Friday.
  [[nodiscard]] Day day(Market market, BusinessDate date) const;

  // The civil date of an instant.
  [[nodiscard]] BusinessDate date_of(TimePoint at) const;

  // When the last session of a business date ends; midnight after it where the text says
  // nothing, or nothing readable (which is logged: plans must not expire by a typing error).
  [[nodiscard]] TimePoint last_end(BusinessDate date, std::string_view sessions) const;
  // The same of a market: a calendar's half day ends when the calendar says.
  [[nodiscard]] TimePoint last_end(BusinessDate date, Market market,
                                   const SessionTexts& sessions) const;

  // The business date of a plan that is created at `now`: the open one or, where that is none of
  // its market, or its last session is over, the next whose is not. NO_CALENDAR_DATA where the
  // market's calendar does not say.
  [[nodiscard]] Result<BusinessDate> date_for(BusinessDate open, Market market, TimePoint now,
                                              const SessionTexts& sessions) const;

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
  [[nodiscard]] BusinessDate coming(TimePoint now, const SessionTexts& sessions) const;
  // Logs an error for each market whose calendar does not cover today.
  void say_where_unknown(TimePoint now) const;
  // Why `coming` is not the civil date: "20261001 is no business date of market 1 (calendar
  // xshg, ...)"; empty where it is.
  [[nodiscard]] std::string why_not_today(TimePoint now, BusinessDate coming) const;

 private:
  struct Table {
    std::vector<Market> markets;
    Calendars calendars;
  };

  // Null where the market has none.
  [[nodiscard]] std::shared_ptr<const Calendar> edition(Market market) const;
  // When the market's last session ends on a date that has other hours than its weekday has;
  // nothing on every other date.
  [[nodiscard]] std::optional<TimePoint> unusual_close(Market market, BusinessDate date) const;
  // 0 where it has none for weeks.
  [[nodiscard]] BusinessDate latest_until(Market market, BusinessDate date) const;

  Zone zone_;
  Guarded<Table> table_;
};

[[nodiscard]] Date day_of(BusinessDate date);
// A day of the calendar, and not 20260231.
[[nodiscard]] bool is_date(BusinessDate date);
// No Saturday and no Sunday.
[[nodiscard]] bool is_weekday(BusinessDate date);

}  // namespace systask
