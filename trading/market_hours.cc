#include "trading/market_hours.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "base/log.h"

namespace systask::trading {
namespace {

using std::chrono::days;
using std::chrono::seconds;

std::chrono::year_month_day civil_of(BusinessDate date) {
  const int value = date.value();
  return std::chrono::year{value / 10'000} / static_cast<unsigned>(value / 100 % 100) /
         static_cast<unsigned>(value % 100);
}

BusinessDate date_from(std::chrono::local_days day) {
  const std::chrono::year_month_day date{day};
  return BusinessDate{static_cast<int>(date.year()) * 10'000 +
                      static_cast<int>(static_cast<unsigned>(date.month())) * 100 +
                      static_cast<int>(static_cast<unsigned>(date.day()))};
}

constexpr int kMostDaysAhead = 400;  // for a business date
constexpr int kMostDaysBack = 40;
constexpr std::chrono::hours kEvening{18};
constexpr std::chrono::hours kBeforeEvening{1};

BusinessDate later(BusinessDate date, int by) { return date_from(day_of(date) + days{by}); }

// "093000" -> 34200 s.
std::optional<seconds> time_of_day(std::string_view text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.size() != 6 || error != std::errc{} || end != text.data() + text.size() || value < 0)
    return std::nullopt;
  const int minutes = value / 100 % 100;
  const int rest = value % 100;
  if (value > 240'000 || minutes > 59 || rest > 59) return std::nullopt;
  return seconds{value / 10'000 * 3600 + minutes * 60 + rest};
}

void find_evenings(std::vector<Session>& sessions) {
  for (auto session = sessions.begin(); session != sessions.end(); ++session)
    session->evening_before =
        session->begin >= kEvening && std::any_of(session, sessions.end(), [&](const Session& s) {
          return s.begin < session->begin;
        });
}

}  // namespace

std::chrono::local_days day_of(BusinessDate date) {
  return std::chrono::local_days{civil_of(date)};
}

bool is_date(BusinessDate date) { return date.value() > 0 && civil_of(date).ok(); }

bool is_weekday(BusinessDate date) {
  const std::chrono::weekday day{day_of(date)};
  return day != std::chrono::Saturday && day != std::chrono::Sunday;
}

Result<std::vector<Session>> parse_sessions(std::string_view text) {
  std::vector<Session> sessions;
  while (!text.empty()) {
    const std::string_view part = text.substr(0, text.find(';'));
    text.remove_prefix(std::min(text.size(), part.size() + 1));
    const auto dash = part.find('-');
    const auto begin = time_of_day(part.substr(0, dash));
    const auto end = time_of_day(part.substr(dash + 1));  // all of it where there is no dash
    if (!begin || !end || *begin == *end)
      return Refusal{"BAD_SESSIONS",
                     fmt::format("'{}' is no trading session: expected HHMMSS-HHMMSS, such as "
                                 "093000-113000;130000-150000",
                                 part)};
    sessions.push_back({*begin, *end > *begin ? *end : *end + days{1}});
  }
  find_evenings(sessions);
  return sessions;
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
    last = std::ranges::max(*sessions, {}, [](const Session& session) {
             return std::pair{!session.evening_before, session.end};
           }).end;
  return zone_.to_instant(LocalTime{day_of(date)} + last);
}

TimePoint MarketHours::last_end(BusinessDate date, Market market, const Texts& sessions) const {
  if (days_)
    if (const auto close = days_->unusual_close(market, date)) return *close;
  const auto text = sessions.find(market);
  return last_end(date, text == sessions.end() ? "" : text->second);
}

BusinessDays::Day MarketHours::day(Market market, BusinessDate date) const {
  if (days_) return days_->day(market, date);
  return is_weekday(date) ? BusinessDays::Day::kOpen : BusinessDays::Day::kClosed;
}

Result<BusinessDate> MarketHours::first_from(Market market, BusinessDate date) const {
  for (int ahead = 0; ahead < kMostDaysAhead; ++ahead) {
    const BusinessDate found = later(date, ahead);
    const BusinessDays::Day kind = day(market, found);
    if (kind == BusinessDays::Day::kOpen) return found;
    if (kind == BusinessDays::Day::kUnknown)
      return Refusal{"NO_CALENDAR_DATA",
                     fmt::format("nobody knows whether {} is a business date of market {} ({}): "
                                 "extend the calendar, then send the service SIGHUP",
                                 found.value(), market.value(), days_->calendar(market))};
  }
  return Refusal{
      "NO_CALENDAR_DATA",
      fmt::format("market {} ({}) has no business date within {} days of {}", market.value(),
                  days_ ? days_->calendar(market) : "no calendar", kMostDaysAhead, date.value())};
}

Result<BusinessDate> MarketHours::date_for(BusinessDate open, Market market, TimePoint now,
                                           const Texts& sessions) const {
  const auto over = [&](BusinessDate date) { return now >= last_end(date, market, sessions); };
  // Without a calendar an open date is a business date, also on a Sunday: somebody opened it.
  const bool today = !follows_calendars() || days_->day(market, open) != BusinessDays::Day::kClosed;
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
    const BusinessDays::Day kind = day(market, found);
    if (kind == BusinessDays::Day::kOpen ||
        (kind == BusinessDays::Day::kUnknown && is_weekday(found)))
      return found;
  }
  return {};
}

void MarketHours::say_where_unknown(TimePoint now) const {
  const BusinessDate today = date_of(now);
  if (!follows_calendars()) return;
  for (const Market market : days_->markets())
    if (day(market, today) == BusinessDays::Day::kUnknown)
      log::error(
          "a market's calendar does not cover the date: weekdays count as its business "
          "dates; extend the calendar, then send the service SIGHUP",
          {{"market", market}, {"calendar", days_->calendar(market)}, {"date", today}});
}

std::optional<BusinessDate> MarketHours::night_after(BusinessDate date, Market market,
                                                     std::string_view text) const {
  const auto sessions = parse_sessions(text);
  if (sessions.has_error() || std::ranges::none_of(*sessions, &Session::evening_before))
    return std::nullopt;
  const auto next = first_from(market, later(date, 1));
  if (next.has_error()) return std::nullopt;
  return *next;
}

BusinessDate MarketHours::coming(TimePoint now, const Texts& sessions) const {
  const BusinessDate today = date_of(now);
  if (!follows_calendars()) return today;
  BusinessDate coming;
  for (const Market market : days_->markets()) {
    const BusinessDate latest = latest_until(market, today);
    if (latest == BusinessDate{}) continue;
    coming = std::max(coming, latest);
    const auto text = sessions.find(market);
    const auto hours = parse_sessions(text == sessions.end() ? "" : text->second);
    if (hours.has_error()) continue;
    for (const Session& session : *hours) {
      const LocalTime begin = LocalTime{day_of(latest)} + session.begin;
      if (!session.evening_before || now < zone_.to_instant(begin - kBeforeEvening)) continue;
      if (const auto next = first_from(market, later(latest, 1))) coming = std::max(coming, *next);
    }
  }
  return coming == BusinessDate{} ? today : coming;
}

std::string MarketHours::why_not_today(TimePoint now, BusinessDate coming) const {
  const BusinessDate today = date_of(now);
  if (coming >= today || !days_) return "";
  std::string markets;
  for (const Market market : days_->markets())
    markets += fmt::format("{}market {} ({})", markets.empty() ? "" : ", ", market.value(),
                           days_->calendar(market));
  return fmt::format("{} is no business date of {}", today.value(), markets);
}

}  // namespace systask::trading
