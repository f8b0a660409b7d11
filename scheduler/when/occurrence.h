// What a timetable answers: occurrences, one by one or counted. Plain values.
#pragma once

#include <string>
#include <vector>

#include "scheduler/when/schedule.h"

namespace systask::scheduler {

// One occurrence. `nominal` is its identity, in the ledger and for people.
struct Occurrence {
  TimePoint nominal = kNever;
  TimePoint start = kNever;  // it is due from here on: nominal plus its jitter
  int business_date = 0;     // YYYYMMDD by its calendar; 0: it has none to say so
  std::string refusal;       // not empty: it must not run, and why
};

// Consecutive occurrences that must not run, for one reason.
struct RefusedOccurrences {
  Occurrences which;
  std::string reason;
};

// What is due in a span of time.
struct DueSpan {
  Occurrences runnable;
  std::vector<RefusedOccurrences> refused;  // in order of time
};

}  // namespace systask::scheduler
