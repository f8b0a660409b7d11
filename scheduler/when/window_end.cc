#include "scheduler/when/window_end.h"

#include <algorithm>
#include <optional>

#include "calendar/wall_clock.h"

namespace systask::scheduler {
namespace {

struct SessionEdge {
  TimePoint at = TimePoint::max();
  bool closes = false;  // a part ends there; else one begins
};

// Where, after `at`, a part of a session begins or ends next.
SessionEdge next_edge(const Calendar& calendar, TimePoint at) {
  const auto parts = calendar.parts();
  const auto part = std::ranges::upper_bound(parts, at, {}, &Calendar::OpenPart::end);
  if (part == parts.end()) return {};
  if (part->begin > at) return {part->begin, false};
  return {part->end, true};
}

TimePoint next_midnight(const Calendar& calendar, TimePoint at) {
  const ZoneTable& zone = calendar.zone_table();
  return midnight_of(zone, date_at(zone, at) + std::chrono::days{1});
}

std::optional<Date> business_date(const Calendar& calendar, TimePoint at) {
  const auto date = calendar.business_date_of(at);
  return date ? std::optional{*date} : std::nullopt;
}

}  // namespace

TimePoint window_end(const Calendar& calendar, TimePoint nominal, Window window) {
  SessionEdge edge = next_edge(calendar, nominal);
  if (window != Window::kDate && edge.closes) return edge.at;
  const TimePoint midnight = next_midnight(calendar, nominal);
  if (window != Window::kDate) return std::min(edge.at, midnight);
  const auto date = business_date(calendar, nominal);
  for (; edge.at < midnight; edge = next_edge(calendar, edge.at))
    if (business_date(calendar, edge.at) != date) return edge.at;
  return midnight;
}

}  // namespace systask::scheduler
