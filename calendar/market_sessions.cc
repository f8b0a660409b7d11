#include "calendar/market_sessions.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <optional>
#include <utility>

#include "calendar/calendar.h"

namespace systask {
namespace {

using std::chrono::days;
using std::chrono::seconds;

constexpr std::chrono::hours kEvening{18};

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

void find_evenings(std::vector<HoursPart>& parts) {
  for (auto part = parts.begin(); part != parts.end(); ++part) {
    const seconds begin = part->begin.offset;
    const bool evening =
        begin >= kEvening && std::any_of(part, parts.end(), [&](const HoursPart& later) {
          return later.begin.offset < begin;
        });
    part->begin.previous_business_day = part->end.previous_business_day = evening;
  }
}

Refusal no_hours(int market, std::string_view why) {
  return {"NO_CALENDAR_DATA",
          fmt::format("algojr_texectimeinfo has no usable sessions of market {}: {}; set its "
                      "day_exec_time_range",
                      market, why)};
}

// In order, with those that touch or overlap joined.
std::vector<HoursPart> joined_parts(std::vector<HoursPart> parts) {
  std::ranges::sort(parts, {}, &HoursPart::begin);
  std::vector<HoursPart> found;
  for (const HoursPart& part : parts) {
    if (!found.empty() && part.begin <= found.back().end)
      found.back().end = std::max(found.back().end, part.end);
    else
      found.push_back(part);
  }
  return found;
}

}  // namespace

Result<std::vector<HoursPart>> parse_sessions(std::string_view text) {
  std::vector<HoursPart> sessions;
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
    sessions.push_back({{.offset = *begin}, {.offset = *end > *begin ? *end : *end + days{1}}});
  }
  find_evenings(sessions);
  return sessions;
}

Result<std::vector<HoursPart>> hours_of_markets(const SessionTexts& texts,
                                                const std::vector<int>& markets) {
  std::vector<HoursPart> parts;
  for (const int market : markets) {
    const auto text = texts.find(Market{market});
    if (text == texts.end()) return no_hours(market, "it has no row");
    const auto sessions = parse_sessions(text->second);
    if (!sessions) return no_hours(market, sessions.error().message);
    if (sessions->empty()) return no_hours(market, "its row is empty");
    parts.insert(parts.end(), sessions->begin(), sessions->end());
  }
  return joined_parts(std::move(parts));
}

CalendarRules with_sessions(const CalendarRules& rules, const SessionTexts& texts,
                            const std::vector<int>& markets) {
  CalendarRules fresh = rules;
  Result<std::vector<HoursPart>> hours = hours_of_markets(texts, markets);
  fresh.why_unknown = hours ? "" : hours.error().message;
  fresh.outside = hours ? *std::move(hours) : std::vector<HoursPart>{};
  if (fresh.outside.empty()) return fresh;
  // Sessions that overlap those of the next day, or a half day that closes before they open.
  const auto faults = Calendar::faults_in(fresh);
  if (faults.empty()) return fresh;
  fresh.outside.clear();
  fresh.why_unknown = no_hours(markets.front(), faults.front().message).message;
  return fresh;
}

}  // namespace systask
