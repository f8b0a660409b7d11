// The readers of a calendar's parts: its week, and what it says of single dates. Each
// complains about what it does not understand, and leaves it out.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "calendar/calendar_rules.h"
#include "service/config/mistake.h"
#include "service/config/yaml.h"

namespace systask::service {

// What one key of `days` or `holidays` says of a date, or of several in a row.
struct DatedEntry {
  DateSpan span;
  DayEntry entry;
  Place place;
  std::string text;  // the key, as it stands there
};

// A week, or a list of weeks with `from` and `to`.
void read_week(YamlNode node, const std::string& path, std::vector<WeekHours>& into,
               Complaints& complaints);

void read_days(YamlNode node, const std::string& path, std::vector<DatedEntry>& into,
               Complaints& complaints);
void read_holidays(YamlNode node, const std::string& path, std::vector<DatedEntry>& into,
                   Complaints& complaints);

// The text of a scalar, or of a list of scalars with commas between; nothing for all else.
[[nodiscard]] std::optional<std::string> joined_text(YamlNode node);

}  // namespace systask::service
