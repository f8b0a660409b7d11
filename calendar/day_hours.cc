#include "calendar/day_hours.h"

namespace systask {

std::vector<HoursPart> changed(std::vector<HoursPart> parts, const SessionChange& change) {
  if (change.none) return {};
  if (change.hours) parts = *change.hours;
  if (change.open) {
    std::erase_if(parts, [&](const HoursPart& part) { return part.end <= *change.open; });
    if (!parts.empty()) parts.front().begin = *change.open;
  }
  if (change.close) {
    std::erase_if(parts, [&](const HoursPart& part) { return part.begin >= *change.close; });
    if (!parts.empty()) parts.back().end = *change.close;
  }
  if (change.no_break && parts.size() > 1) parts = {{parts.front().begin, parts.back().end}};
  return parts;
}

}  // namespace systask
