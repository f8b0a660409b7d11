// What a configuration may say and probably does not mean, beside what its readers find: that
// depends on the time of day. Warnings stop nothing: `systask check` prints them, and a start and
// a reload write them to the log. Functions of any thread.
#pragma once

#include <vector>

#include "base/clock.h"
#include "service/config/config.h"

namespace systask::service {

// All warnings of the configuration as it is read at `now`, in order of place.
[[nodiscard]] std::vector<Mistake> warnings_of(const Config& config, TimePoint now);

// One line each. The ends of calendars are not among them: CalendarWatch repeats those daily.
void log_warnings(const Config& config, TimePoint now);

}  // namespace systask::service
