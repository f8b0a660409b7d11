// Where the window of an occurrence ends: what its jitter may not leave. Pure; any thread.
#pragma once

#include "base/clock.h"
#include "calendar/calendar.h"

namespace systask::scheduler {

// What an occurrence belongs to.
enum class Window {
  kSession,  // the part of a session that it lies in: `during: sessions`
  kEdge,     // the time up to the next opening, close or break: `at: open-30m`
  kDate      // its civil date and its business date: all else that has a calendar
};

// The first instant after the occurrence that is no longer of its window, or TimePoint::max().
[[nodiscard]] TimePoint window_end(const Calendar& calendar, TimePoint nominal, Window window);

}  // namespace systask::scheduler
