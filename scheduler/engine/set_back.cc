#include "scheduler/engine/set_back.h"

#include <algorithm>

namespace systask::scheduler {
namespace {

using namespace std::chrono_literals;

// The lesser of the distances to the occurrences beside it.
Micros period_at(const Timetable& timetable, TimePoint nominal) {
  Micros period = Micros::max();
  if (const TimePoint next = timetable.next(nominal).nominal; next != kNever)
    period = next - nominal;
  if (const TimePoint before = timetable.previous(nominal).nominal; before != kNeverBefore)
    period = std::min(period, nominal - before);
  return period;
}

}  // namespace

bool ClockSet::slight() const { return by > -100ms; }

TimePoint rhythm_goes_on(const Timetable& timetable, TimePoint last, TimePoint looked) {
  TimePoint next = timetable.next(last).nominal;
  if (next == kNever) return next;
  const Micros period = period_at(timetable, next);
  if (next - last < period / 2) next = timetable.next(next).nominal;
  if (next > looked) return next;
  // The clock has gone over it unseen. Whoever has not waited for a period yet and would wait too
  // long for the one after it goes on with it at once; it has nothing to do with times of rest.
  const TimePoint after = timetable.next(looked).nominal;
  const bool waits_too_long = after == kNever || after - last > period * 3 / 2;
  return waits_too_long && looked - last < period ? next : after;
}

bool calendar_comes_again(TimePoint watermark, const ClockSet& step) {
  return watermark > (step.slight() ? step.now : step.looked);
}

}  // namespace systask::scheduler
