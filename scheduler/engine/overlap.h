// What becomes of a run that finds its task busy: one pure function, a table in its tests.
#pragma once

#include <cstddef>

#include "scheduler/run.h"

namespace systask::scheduler {

// How busy a task is.
struct Busyness {
  std::size_t running = 0;  // runs that hold it: to begin, under way, or ending
  std::size_t waiting = 0;  // runs that wait for those to end
  bool retrying = false;    // one of those that run is the retry of an earlier occurrence
};

enum class Admission {
  kStart,
  kWait,      // until a running one ends
  kSkip,      // it is an outcome
  kCoalesce,  // one that waits already will do for it
  kReplace,   // the running ones are asked to stop; it waits, and whatever waited is coalesced
};

[[nodiscard]] constexpr Admission admission(const TaskSpec& spec, Trigger trigger,
                                            const Busyness& busy) {
  const std::size_t most = spec.overlap == Overlap::kAllow ? spec.at_once : 1;
  if (busy.running < most && busy.waiting == 0) return Admission::kStart;
  // Many events make one more run, whatever the overlap: what waits sees what they are about.
  if (trigger == Trigger::kEvent) return busy.waiting > 0 ? Admission::kCoalesce : Admission::kWait;
  if (spec.overlap == Overlap::kCancelOther) return Admission::kReplace;
  // A retry never delays the next occurrence: it gives way.
  if (busy.retrying && trigger == Trigger::kSchedule && busy.waiting == 0)
    return Admission::kReplace;
  switch (spec.overlap) {
    case Overlap::kQueueOne: return busy.waiting > 0 ? Admission::kCoalesce : Admission::kWait;
    case Overlap::kQueueAll:
      return busy.waiting < kQueueAllCap ? Admission::kWait : Admission::kSkip;
    case Overlap::kSkip:
    case Overlap::kAllow:
    case Overlap::kCancelOther: break;
  }
  return Admission::kSkip;
}

}  // namespace systask::scheduler
