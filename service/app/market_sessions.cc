#include "service/app/market_sessions.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/log.h"
#include "trading/market_hours.h"

namespace systask::service {
namespace {

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

// The calendar with the sessions of its markets, or without any, and why.
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

}  // namespace

Result<std::vector<HoursPart>> hours_of_markets(const SessionTexts& texts,
                                                const std::vector<int>& markets) {
  std::vector<HoursPart> parts;
  for (const int market : markets) {
    const auto text = texts.find(trading::Market{market});
    if (text == texts.end()) return no_hours(market, "it has no row");
    const auto sessions = trading::parse_sessions(text->second);
    if (!sessions) return no_hours(market, sessions.error().message);
    if (sessions->empty()) return no_hours(market, "its row is empty");
    for (const trading::Session& session : *sessions)
      parts.push_back(
          {{session.evening_before, session.begin}, {session.evening_before, session.end}});
  }
  return joined_parts(std::move(parts));
}

bool takes_market_sessions(const Calendars& calendars) {
  return std::ranges::any_of(calendars,
                             [](const auto& each) { return !each.second.markets.empty(); });
}

bool refresh_market_sessions(const SessionTexts& texts, const Calendars& calendars) {
  bool changed = false;
  for (const auto& [name, each] : calendars) {
    if (each.markets.empty()) continue;
    const auto before = each.calendar->edition();
    CalendarRules fresh = with_sessions(before->rules(), texts, each.markets);
    if (fresh.outside == before->rules().outside &&
        fresh.why_unknown == before->rules().why_unknown)
      continue;
    changed = true;
    if (fresh.why_unknown.empty())
      log::info("a calendar has the sessions of the database", {{"calendar", name}});
    else
      log::error("a calendar has no sessions: occurrences that hang on them are refused",
                 {{"calendar", name}, {"why", fresh.why_unknown}});
    each.calendar->replace(Calendar::make(std::move(fresh)).value());
  }
  return changed;
}

}  // namespace systask::service
