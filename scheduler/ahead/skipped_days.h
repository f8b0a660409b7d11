// The days on which a timetable with a calendar has no occurrence, and why.
#pragma once

#include <string>
#include <vector>

#include "scheduler/when/timetable.h"

namespace systask::scheduler {

// Why the date is none of the calendar's business days; empty: it is one.
[[nodiscard]] std::string why_no_business_day(const Calendar& calendar, Date date);

struct SkippedDay {
  Date date;
  TimePoint midnight;  // its beginning, in the calendar's zone
  std::string why;
};

// Of the dates that lie as a whole in [from, until]: those without an occurrence, in order; the
// first `most` of them. None where the timetable has no calendar.
[[nodiscard]] std::vector<SkippedDay> skipped_days(const Timetable& timetable, TimePoint from,
                                                   TimePoint until, std::size_t most);

}  // namespace systask::scheduler
