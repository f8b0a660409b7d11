// A DayRule picks business days: "first business-day of month", "3rd business-day of week",
// "T+2 of last business-day of month"; or, "T+2" alone, moves each occurrence by business
// days. A plain value.
#pragma once

#include <optional>
#include <string_view>

#include "base/result.h"
#include "calendar/calendar.h"

namespace systask::scheduler {

struct DayRule {
  struct Ordinal {
    int n = 1;  // from the end where negative
    Period period = Period::kMonth;
  };
  std::optional<Ordinal> ordinal;  // none: the dates of the schedule itself
  int shift = 0;                   // so many business days later, or earlier

  // Whether the business day of that index is one that an ordinal rule picks. False too
  // where the calendar cannot tell.
  [[nodiscard]] bool picks(const Calendar& calendar, std::size_t day) const;
};

// BAD_DAY_RULE.
[[nodiscard]] Result<DayRule> parse_day_rule(std::string_view text);

// "skip", "previous", "next", "modified-following". BAD_ROLL.
[[nodiscard]] Result<Roll> parse_roll(std::string_view text);

}  // namespace systask::scheduler
