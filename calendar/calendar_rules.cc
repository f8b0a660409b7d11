#include "calendar/calendar_rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace systask {
namespace {

Refusal nothing_to_change(Date date, std::string_view session) {
  return {"BAD_HOURS",
          fmt::format("its week has no hours of the session '{}' on {} that this could change, or "
                      "it leaves none of them: give the hours, such as 09:30-13:00, or closed",
                      session, iso_date(date))};
}

// The hours of the week with the entry's changes.
Result<std::optional<DayHours>> changed_hours(const DayEntry& entry, DayHours hours, Date date) {
  for (const auto& [name, change] : entry.changes) {
    const auto known = std::ranges::find(hours, name, &SessionHours::name);
    std::vector<HoursPart> parts =
        changed(known == hours.end() ? std::vector<HoursPart>{} : known->parts, change);
    if (change.none) {
      if (known != hours.end()) hours.erase(known);
    } else if (parts.empty()) {
      return nothing_to_change(date, name);
    } else if (known == hours.end()) {
      hours.push_back({name, std::move(parts)});
    } else {
      known->parts = std::move(parts);
    }
  }
  if (hours.empty()) return std::optional<DayHours>{};
  return std::optional<DayHours>{std::move(hours)};
}

// A business day that has no hours of its own has those from outside, if they are known.
DayHours with_outside(const CalendarRules& rules, DayHours hours) {
  if (hours.empty() && !rules.outside.empty()) hours.push_back({kDaySession, rules.outside});
  return hours;
}

bool needs_hours(const DayEntry& entry) {
  return std::ranges::any_of(entry.changes, [](const auto& change) {
    return !change.second.none && !change.second.hours;
  });
}

}  // namespace

unsigned day_after_weekend(const WeekHours& week) {
  const std::size_t days = week.days.size();
  // Where it does not matter: as most of the world has it.
  constexpr std::array<unsigned, 7> kPreferred{1, 0, 6, 2, 3, 4, 5};
  unsigned best = kPreferred.front();
  std::size_t longest = 0;
  for (const unsigned day : kPreferred) {
    std::size_t closed = 0;
    while (closed < days && !week.days[(day + days - 1 - closed) % days])
      ++closed;
    if (!week.days[day] || closed <= longest) continue;
    longest = closed;
    best = day;
  }
  return best;
}

const WeekHours* week_on(const CalendarRules& rules, Date date) {
  for (auto week = rules.weeks.rbegin(); week != rules.weeks.rend(); ++week)
    if (week->first <= date && date <= week->last) return &*week;
  return nullptr;
}

Result<std::optional<DayHours>> hours_on(const CalendarRules& rules, Date date) {
  const WeekHours* const week = week_on(rules, date);
  std::optional<DayHours> hours =
      week == nullptr ? std::nullopt : week->days[std::chrono::weekday{date}.c_encoding()];
  if (hours) hours = with_outside(rules, *std::move(hours));
  const auto found = rules.days.find(date);
  if (found == rules.days.end()) return hours;
  const DayEntry& entry = found->second;
  if (entry.where_open && !hours) return hours;
  switch (entry.kind) {
    case DayEntry::Kind::kClosed: return std::optional<DayHours>{};
    case DayEntry::Kind::kOpen:
      if (hours) return hours;
      if (!rules.sessions_from_outside) return nothing_to_change(date, kDaySession);
      return std::optional<DayHours>{with_outside(rules, {})};
    case DayEntry::Kind::kAsWeekday:
      if (week == nullptr || !week->days[entry.weekday])
        return Refusal{"BAD_HOURS",
                       fmt::format("the week of {} is closed on that weekday too: name another, or "
                                   "give the hours",
                                   iso_date(date))};
      return std::optional<DayHours>{with_outside(rules, *week->days[entry.weekday])};
    case DayEntry::Kind::kChanged: break;
  }
  // What cannot be known yet cannot be changed yet.
  const bool unknown = rules.sessions_from_outside && hours && hours->empty();
  if (unknown && needs_hours(entry)) return hours;
  return changed_hours(entry, hours.value_or(DayHours{}), date);
}

}  // namespace systask
