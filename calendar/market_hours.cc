#include "calendar/market_hours.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "base/log.h"
#include "calendar/live_calendar.h"

namespace systask {
namespace {

using std::chrono::days;
using std::chrono::seconds;

std::chrono::year_month_day civil_of(BusinessDate date) {
  const int value = date.value();
  return std::chrono::year{value / 10'000} / static_cast<unsigned>(value / 100 % 100) /
         static_cast<unsigned>(value % 100);
}

BusinessDate date_from(Date day) { return BusinessDate{yyyymmdd(day)}; }

constexpr int kMostDaysAhead = 400;  // for a business date
constexpr int kMostDaysBack = 40;
constexpr std::chrono::hours kBeforeEvening{1};

BusinessDate later(BusinessDate date, int by) { return date_from(day_of(date) + days{by}); }

// The calendar gives this date another end than its week does.
bool ends_otherwise(const CalendarRules& rules, Date date) {
  const auto entry = rules.days.find(date);
  if (entry == rules.days.end() || entry->second.kind != DayEntry::Kind::kChanged) return false;
  return std::ranges::any_of(entry->second.changes, [](const auto& named) {
    return named.second.hours || named.second.close || named.second.none;
  });
}

bool is_evening_before(const HoursPart& part) { return part.begin.previous_business_day; }

std::string_view text_of(Market market, const SessionTexts& sessions) {
  const auto text = sessions.find(market);
  return text == sessions.end() ? std::string_view{} : text->second;
}

}  // namespace

Date day_of(BusinessDate date) { return Date{civil_of(date)}; }

bool is_date(BusinessDate date) { return from_yyyymmdd(date.value()).has_value(); }

bool is_weekday(BusinessDate date) {
  const std::chrono::weekday day{day_of(date)};
  return day != std::chrono::Saturday && day != std::chrono::Sunday;
}

void MarketHours::take(const std::vector<int>& markets, Calendars calendars) {
  Table table{.markets = {}, .calendars = std::move(calendars)};
  if (!table.calendars.empty())
    for (const int market : markets)
      table.markets.emplace_back(market);
  table_.with([&](Table& known) { std::swap(known, table); });
}

std::shared_ptr<const Calendar> MarketHours::edition(Market market) const {
  return table_.with([&](const Table& table) -> std::shared_ptr<const Calendar> {
    const auto found = table.calendars.find(market);
    return found == table.calendars.end() ? nullptr : found->second->edition();
  });
}

std::vector<Market> MarketHours::markets() const {
  return table_.with([](const Table& table) { return table.markets; });
}

MarketHours::Day MarketHours::day(Market market, BusinessDate date) const {
  const auto calendar = edition(market);
  if (!calendar) return is_weekday(date) ? Day::kOpen : Day::kClosed;
  const auto business = calendar->is_business_day(day_of(date));
  if (business.has_error()) return Day::kUnknown;
  return *business ? Day::kOpen : Day::kClosed;
}

std::optional<TimePoint> MarketHours::unusual_close(Market market, BusinessDate date) const {
  const auto calendar = edition(market);
  if (!calendar || !ends_otherwise(calendar->rules(), day_of(date))) return std::nullopt;
  const auto sessions = calendar->sessions(day_of(date));
  if (sessions.has_error() || sessions->empty()) return std::nullopt;
  return sessions->back().close();
}

std::string MarketHours::calendar(Market market) const {
  const auto calendar = edition(market);
  if (!calendar) return "no calendar";
  return fmt::format("calendar {}, {} to {}", calendar->name(), iso_date(calendar->rules().first),
                     iso_date(calendar->rules().last));
}

BusinessDate MarketHours::date_of(TimePoint at) const {
  return date_from(std::chrono::floor<days>(zone_.to_local(at)));
}

TimePoint MarketHours::last_end(BusinessDate date, std::string_view text) const {
  seconds last = days{1};
  const auto sessions = parse_sessions(text);
  if (sessions.has_error())
    log::warn("algojr_texectimeinfo is not readable: the market counts as open all day",
              {{"why", sessions.error().message}});
  else if (!sessions->empty())
    last = std::ranges::max(*sessions, {}, &HoursPart::end).end.offset;
  return zone_.to_instant(LocalTime{day_of(date)} + last);
}

TimePoint MarketHours::last_end(BusinessDate date, Market market,
                                const SessionTexts& sessions) const {
  if (const auto close = unusual_close(market, date)) return *close;
  return last_end(date, text_of(market, sessions));
}

Result<BusinessDate> MarketHours::first_from(Market market, BusinessDate date) const {
  for (int ahead = 0; ahead < kMostDaysAhead; ++ahead) {
    const BusinessDate found = later(date, ahead);
    const Day kind = day(market, found);
    if (kind == Day::kOpen) return found;
    if (kind == Day::kUnknown)
      return Refusal{"NO_CALENDAR_DATA",
                     fmt::format("nobody knows whether {} is a business date of market {} ({}): "
                                 "extend the calendar, then send the service SIGHUP",
                                 found.value(), market.value(), calendar(market))};
  }
  return Refusal{"NO_CALENDAR_DATA",
                 fmt::format("market {} ({}) has no business date within {} days of {}",
                             market.value(), calendar(market), kMostDaysAhead, date.value())};
}

Result<BusinessDate> MarketHours::date_for(BusinessDate open, Market market, TimePoint now,
                                           const SessionTexts& sessions) const {
  const auto over = [&](BusinessDate date) { return now >= last_end(date, market, sessions); };
  // Without a calendar an open date is a business date, also on a Sunday: somebody opened it.
  const bool today = !follows_calendars() || day(market, open) != Day::kClosed;
  if (today && !over(open)) return open;
  // Sessions of the day before yesterday are over, whatever they are.
  const BusinessDate from = std::max(later(open, 1), later(date_of(now), -2));
  Result<BusinessDate> date = first_from(market, from);
  while (date.has_value() && over(*date))
    date = first_from(market, later(*date, 1));
  return date;
}

BusinessDate MarketHours::latest_until(Market market, BusinessDate date) const {
  for (int back = 0; back < kMostDaysBack; ++back) {
    const BusinessDate found = later(date, -back);
    const Day kind = day(market, found);
    if (kind == Day::kOpen || (kind == Day::kUnknown && is_weekday(found))) return found;
  }
  return {};
}

void MarketHours::say_where_unknown(TimePoint now) const {
  const BusinessDate today = date_of(now);
  if (!follows_calendars()) return;
  for (const Market market : markets())
    if (day(market, today) == Day::kUnknown)
      log::error(
          "a market's calendar does not cover the date: weekdays count as its business "
          "dates; extend the calendar, then send the service SIGHUP",
          {{"market", market}, {"calendar", calendar(market)}, {"date", today}});
}

std::optional<BusinessDate> MarketHours::night_after(BusinessDate date, Market market,
                                                     std::string_view text) const {
  const auto sessions = parse_sessions(text);
  if (sessions.has_error() || std::ranges::none_of(*sessions, is_evening_before))
    return std::nullopt;
  const auto next = first_from(market, later(date, 1));
  if (next.has_error()) return std::nullopt;
  return *next;
}

BusinessDate MarketHours::coming(TimePoint now, const SessionTexts& sessions) const {
  const BusinessDate today = date_of(now);
  if (!follows_calendars()) return today;
  BusinessDate coming;
  for (const Market market : markets()) {
    const BusinessDate latest = latest_until(market, today);
    if (latest == BusinessDate{}) continue;
    coming = std::max(coming, latest);
    const auto hours = parse_sessions(text_of(market, sessions));
    if (hours.has_error()) continue;
    for (const HoursPart& part : *hours) {
      const LocalTime begin = LocalTime{day_of(latest)} + part.begin.offset;
      if (!is_evening_before(part) || now < zone_.to_instant(begin - kBeforeEvening)) continue;
      if (const auto next = first_from(market, later(latest, 1))) coming = std::max(coming, *next);
    }
  }
  return coming == BusinessDate{} ? today : coming;
}

std::string MarketHours::why_not_today(TimePoint now, BusinessDate coming) const {
  const BusinessDate today = date_of(now);
  if (coming >= today || !follows_calendars()) return "";
  std::string names;
  for (const Market market : markets())
    names += fmt::format("{}market {} ({})", names.empty() ? "" : ", ", market.value(),
                         calendar(market));
  return fmt::format("{} is no business date of {}", today.value(), names);
}

}  // namespace systask
