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

std::chrono::local_days day_of(BusinessDate date) {
  const int value = date.value();
  return std::chrono::local_days{std::chrono::year{value / 10'000} /
                                 static_cast<unsigned>(value / 100 % 100) /
                                 static_cast<unsigned>(value % 100)};
}

BusinessDate date_from(std::chrono::local_days day) {
  const std::chrono::year_month_day date{day};
  return BusinessDate{static_cast<int>(date.year()) * 10'000 +
                      static_cast<int>(static_cast<unsigned>(date.month())) * 100 +
                      static_cast<int>(static_cast<unsigned>(date.day()))};
}

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

}  // namespace

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
    last = std::ranges::max(*sessions, {}, &Session::end).end;
  return zone_.to_instant(LocalTime{day_of(date)} + last);
}

BusinessDate MarketHours::date_for(BusinessDate open, Market market, TimePoint now,
                                   const std::map<Market, std::string>& sessions) const {
  const auto text = sessions.find(market);
  const TimePoint end = last_end(open, text == sessions.end() ? "" : text->second);
  return now >= end ? next_weekday(open) : open;
}

BusinessDate next_weekday(BusinessDate date) {
  std::chrono::local_days day = day_of(date) + days{1};
  while (std::chrono::weekday{day} == std::chrono::Saturday ||
         std::chrono::weekday{day} == std::chrono::Sunday)
    day += days{1};
  return date_from(day);
}

}  // namespace systask::trading
