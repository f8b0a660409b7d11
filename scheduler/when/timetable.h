// A Timetable is when a task is due: its schedule, and what moves, spreads or forbids the
// occurrences of it. A plain value: it may be copied, and used from any thread.
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

class Timetable {
 public:
  Timetable() = default;         // on demand
  Timetable(Schedule schedule);  // NOLINT(google-explicit-constructor): a schedule is one

  [[nodiscard]] const Schedule& schedule() const { return schedule_; }
  // It has no occurrences of its own: the task runs when it is asked to.
  [[nodiscard]] bool on_demand() const { return std::holds_alternative<OnDemand>(schedule_); }

  // The first occurrence with a nominal time strictly after `after`; nominal kNever: none.
  [[nodiscard]] Occurrence next(TimePoint after) const;
  // All with a nominal time after `after` and a start not later than `until`.
  [[nodiscard]] DueSpan due_in(TimePoint after, TimePoint until) const;

 private:
  Schedule schedule_;
};

}  // namespace systask::scheduler
