#include "scheduler/when/windowed.h"

#include <algorithm>

namespace systask::scheduler {
namespace {

using namespace std::chrono_literals;
using std::chrono::days;

void add(const Occurrences& more, Occurrences& into) {
  if (more.count == 0) return;
  if (into.count == 0) into.first = more.first;
  into.last = more.last;
  into.count += more.count;
}

}  // namespace

Windowed::Windowed(const Schedule& schedule, const Calendar& calendar, const DayRule* rule,
                   bool sessions)
    : schedule_(schedule),
      calendar_(calendar),
      rule_(rule),
      sessions_(sessions),
      by_midnight_(sessions || rule != nullptr),
      refused_days_(calendar, rule, sessions) {}

Windowed::Window Windowed::day_window(std::size_t day) const {
  const Date date = calendar_.business_days()[day];
  const ZoneTable& zone = calendar_.zone_table();
  return {midnight_of(zone, date), midnight_of(zone, date + days{1}), false, date};
}

std::optional<Windowed::Window> Windowed::session_from(TimePoint at) const {
  const auto parts = calendar_.parts();
  auto part = std::ranges::upper_bound(parts, at, {}, &Calendar::OpenPart::end);
  while (part != parts.end() && !picked(part->day))
    ++part;
  if (part == parts.end()) return std::nullopt;
  return Window{part->begin, part->end, false, calendar_.business_days()[part->day]};
}

std::optional<Windowed::Window> Windowed::session_before(TimePoint at) const {
  const auto parts = calendar_.parts();
  auto after = std::ranges::lower_bound(parts, at, {}, &Calendar::OpenPart::begin);
  while (after != parts.begin() && !picked(std::prev(after)->day))
    --after;
  if (after == parts.begin()) return std::nullopt;
  const Calendar::OpenPart& part = *std::prev(after);
  return Window{part.begin, part.end, false, calendar_.business_days()[part.day]};
}

std::optional<Windowed::Window> Windowed::day_from(TimePoint at) const {
  const CalendarRules& rules = calendar_.rules();
  const ZoneTable& zone = calendar_.zone_table();
  const Date date = date_at(zone, at);
  const auto business = calendar_.business_days();
  if (date < rules.first && !by_midnight_)
    return Window{TimePoint::min(), midnight_of(zone, rules.first), true, date};
  auto day = static_cast<std::size_t>(std::ranges::lower_bound(business, date) - business.begin());
  while (day < business.size() && !picked(day))
    ++day;
  if (day < business.size()) return day_window(day);
  if (by_midnight_) return std::nullopt;
  return Window{midnight_of(zone, rules.last + days{1}), TimePoint::max(), true, date};
}

std::optional<Windowed::Window> Windowed::day_before(TimePoint at) const {
  const CalendarRules& rules = calendar_.rules();
  const ZoneTable& zone = calendar_.zone_table();
  const Date date = date_at(zone, at - 1us);
  const auto business = calendar_.business_days();
  if (date > rules.last && !by_midnight_)
    return Window{midnight_of(zone, rules.last + days{1}), TimePoint::max(), true, date};
  auto after =
      static_cast<std::size_t>(std::ranges::upper_bound(business, date) - business.begin());
  while (after > 0 && !picked(after - 1))
    --after;
  if (after > 0) return day_window(after - 1);
  if (by_midnight_) return std::nullopt;
  return Window{TimePoint::min(), midnight_of(zone, rules.first), true, date};
}

std::optional<Windowed::Window> Windowed::window_from(TimePoint at) const {
  return sessions_ ? session_from(at) : day_from(at);
}

std::optional<Windowed::Window> Windowed::window_before(TimePoint at) const {
  return sessions_ ? session_before(at) : day_before(at);
}

Occurrence Windowed::occurrence(TimePoint at, const Window& window) const {
  Occurrence found{.nominal = at, .start = at, .refusal = {}};
  if (window.refused) {
    found.refusal = calendar_.no_data();
  } else if (sessions_) {
    found.business_date = yyyymmdd(window.date);
  } else if (const auto date = calendar_.business_date_of(at)) {
    found.business_date = yyyymmdd(*date);
  }
  return found;
}

Occurrence Windowed::refused_at(TimePoint midnight) const {
  return {.nominal = midnight, .start = midnight, .refusal = refused_days_.reason(midnight)};
}

Occurrence Windowed::next(TimePoint after) const {
  Occurrence found{.refusal = {}};
  for (TimePoint from = after; const auto window = window_from(from + 1us);) {
    // An occurrence at the window's first instant belongs to it.
    const bool inside = window->begin <= from;
    const TimePoint at = next_due(schedule_, inside ? from : window->begin - 1us);
    if (at == kNever) break;
    if (at < window->end) {
      found = occurrence(at, *window);
      break;
    }
    from = at - 1us;
  }
  if (!by_midnight_) return found;
  const TimePoint midnight = refused_days_.next(after);
  return midnight < found.nominal ? refused_at(midnight) : found;
}

Occurrence Windowed::previous(TimePoint before) const {
  Occurrence found{.nominal = TimePoint::min(), .start = TimePoint::min(), .refusal = {}};
  for (TimePoint to = before; const auto window = window_before(to);) {
    const TimePoint at = previous_due(schedule_, std::min(to, window->end));
    if (at == TimePoint::min()) break;
    if (at >= window->begin) {
      found = occurrence(at, *window);
      break;
    }
    to = at + 1us;
  }
  if (!by_midnight_) return found;
  const TimePoint midnight = refused_days_.previous(before);
  return midnight > found.nominal ? refused_at(midnight) : found;
}

DueSpan Windowed::in(TimePoint after, TimePoint until) const {
  DueSpan span;
  auto window = window_from(after + 1us);
  while (window && window->begin <= until) {
    const TimePoint begin = window->begin <= after ? after : window->begin - 1us;
    const Occurrences which = occurrences_in(schedule_, begin, std::min(until, window->end - 1us));
    if (window->refused)
      add_refused(which, calendar_.no_data(), span.refused);
    else
      add(which, span.runnable);
    if (window->end > until) break;
    window = window_from(window->end);
  }
  if (by_midnight_) refused_days_.add(after, until, span.refused);
  return span;
}

Occurrence Windowed::first_from(TimePoint at) const {
  const auto window = window_from(at);
  Occurrence found{.refusal = {}};
  if (window) found = occurrence(std::max(at, window->begin), *window);
  if (!by_midnight_) return found;
  const TimePoint midnight = refused_days_.next(at - 1us);
  return midnight < found.nominal ? refused_at(midnight) : found;
}

}  // namespace systask::scheduler
