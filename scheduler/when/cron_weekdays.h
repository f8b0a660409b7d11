// Weekdays that a cron expression writes as numbers. Six and seven fields are Quartz, where 1 is
// Sunday; five are Unix cron, where 1 is Monday; and most people mean Monday. Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace systask::scheduler {

struct NumericWeekdays {
  std::string found;      // "1-5"
  std::string meaning;    // "SUN-THU": what it means here, in Quartz
  std::string elsewhere;  // "MON-FRI": what Unix cron would understand

  // For people: what it means, and what to write.
  [[nodiscard]] std::string means() const;
  [[nodiscard]] std::string advice() const;
};

// Nothing where the expression is no Quartz one, names its weekdays, or means all of them. It must
// be one that parse_cron() takes.
[[nodiscard]] std::optional<NumericWeekdays> numeric_weekdays(std::string_view cron);

}  // namespace systask::scheduler
