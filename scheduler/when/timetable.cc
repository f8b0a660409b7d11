#include "scheduler/when/timetable.h"

#include <utility>

namespace systask::scheduler {

Timetable::Timetable(Schedule schedule) : schedule_(std::move(schedule)) {}

Occurrence Timetable::next(TimePoint after) const {
  const TimePoint nominal = next_due(schedule_, after);
  return {.nominal = nominal, .start = nominal, .refusal = {}};
}

DueSpan Timetable::due_in(TimePoint after, TimePoint until) const {
  return {occurrences_in(schedule_, after, until), {}};
}

}  // namespace systask::scheduler
