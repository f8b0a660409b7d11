// The wall clock of a zone, from the flat table of its offsets: what a calendar of thousands
// of days, and a timetable at each tick, can afford. Pure; any thread.
#pragma once

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>

#include "base/clock.h"
#include "calendar/zone_table.h"

namespace systask {

// A date, on the wall of some zone.
using Date = std::chrono::local_days;

// Both ends belong to it.
struct DateSpan {
  Date first;
  Date last;
};

[[nodiscard]] inline std::chrono::local_time<Micros> wall_time(const ZoneTable& zone,
                                                               TimePoint at) {
  const std::chrono::seconds offset = zone.span(zone.index_at(at)).offset;
  return std::chrono::local_time<Micros>{at.time_since_epoch() + offset};
}

[[nodiscard]] inline Date date_at(const ZoneTable& zone, TimePoint at) {
  return std::chrono::floor<std::chrono::days>(wall_time(zone, at));
}

// The instant of a civil time; in a gap the change itself, in an overlap the first.
[[nodiscard]] inline TimePoint instant_of(const ZoneTable& zone,
                                          std::chrono::local_time<Micros> local) {
  const TimePoint wall{local.time_since_epoch()};
  std::size_t index = zone.index_at(wall - std::chrono::days{1});
  while (index + 1 < zone.size() && wall >= zone.span(index).end + zone.span(index).offset)
    ++index;
  const Zone::Span& span = zone.span(index);
  return index == 0 ? wall - span.offset : std::max(wall - span.offset, span.begin);
}

[[nodiscard]] inline TimePoint midnight_of(const ZoneTable& zone, Date date) {
  return instant_of(zone, date);
}

// 20260522.
[[nodiscard]] int yyyymmdd(Date date);
// Nothing: it is no date, as 20260231.
[[nodiscard]] std::optional<Date> from_yyyymmdd(int number);
// "2026-05-22".
[[nodiscard]] std::string iso_date(Date date);

}  // namespace systask
