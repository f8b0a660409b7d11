#include "service/app/market_calendars.h"

#include <fmt/format.h>

#include <algorithm>

#include "trading/market_hours.h"

namespace systask::service {
namespace {

using trading::BusinessDate;
using trading::Market;

Date date_of(BusinessDate date) { return Date{trading::day_of(date).time_since_epoch()}; }

// The calendar gives this date another end than its week does.
bool ends_otherwise(const CalendarRules& rules, Date date) {
  const auto entry = rules.days.find(date);
  if (entry == rules.days.end() || entry->second.kind != DayEntry::Kind::kChanged) return false;
  return std::ranges::any_of(entry->second.changes, [](const auto& named) {
    return named.second.hours || named.second.close || named.second.none;
  });
}

}  // namespace

void MarketCalendars::take(const ServiceConfig& service, const Calendars& calendars) {
  Table table;
  for (const auto& [market, name] : service.market_calendars)
    if (const auto named = calendars.find(name); named != calendars.end())
      table.calendars.emplace(Market{market}, named->second.calendar);
  if (!table.calendars.empty())
    for (const int market : service.markets)
      table.markets.emplace_back(market);
  table_.with([&](Table& known) { std::swap(known, table); });
}

std::shared_ptr<const Calendar> MarketCalendars::edition(Market market) const {
  return table_.with([&](const Table& table) -> std::shared_ptr<const Calendar> {
    const auto found = table.calendars.find(market);
    return found == table.calendars.end() ? nullptr : found->second->edition();
  });
}

std::vector<Market> MarketCalendars::markets() const {
  return table_.with([](const Table& table) { return table.markets; });
}

MarketCalendars::Day MarketCalendars::day(Market market, BusinessDate date) const {
  const auto calendar = edition(market);
  if (!calendar) return trading::is_weekday(date) ? Day::kOpen : Day::kClosed;
  const auto business = calendar->is_business_day(date_of(date));
  if (business.has_error()) return Day::kUnknown;
  return *business ? Day::kOpen : Day::kClosed;
}

std::optional<TimePoint> MarketCalendars::unusual_close(Market market, BusinessDate date) const {
  const auto calendar = edition(market);
  if (!calendar || !ends_otherwise(calendar->rules(), date_of(date))) return std::nullopt;
  const auto sessions = calendar->sessions(date_of(date));
  if (sessions.has_error() || sessions->empty()) return std::nullopt;
  return sessions->back().close();
}

std::string MarketCalendars::calendar(Market market) const {
  const auto calendar = edition(market);
  if (!calendar) return "no calendar";
  return fmt::format("calendar {}, {} to {}", calendar->name(), iso_date(calendar->rules().first),
                     iso_date(calendar->rules().last));
}

}  // namespace systask::service
