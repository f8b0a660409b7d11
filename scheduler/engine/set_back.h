// What a step of the wall clock means to a schedule: the rule as pure functions, so that it can
// be read, and tested without an engine.
#pragma once

#include <optional>

#include "scheduler/when/timetable.h"

namespace systask::scheduler {

// The wall clock was set.
struct ClockSet {
  TimePoint now;     // what it says
  TimePoint looked;  // when it was looked at before, by the clock as it goes now
  Micros by;         // how far forward; negative: back

  // No more than a clock that is slowed down for a while loses between two looks.
  [[nodiscard]] bool slight() const;
};

// The nominal time with which a rhythm goes on, whose last occurrence was at `last`, by the clock
// as it goes now: half a period after it at least, and one and a half at most. It may be past,
// where the clock went over it when it was set: then it is due at once.
[[nodiscard]] TimePoint rhythm_goes_on(const Timetable& timetable, TimePoint last,
                                       TimePoint looked);

// Whether times of the calendar that were dealt with up to `watermark` come again.
[[nodiscard]] bool calendar_comes_again(TimePoint watermark, const ClockSet& step);

}  // namespace systask::scheduler
