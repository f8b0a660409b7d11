#include "scheduler/engine/due.h"

namespace systask::scheduler {
namespace {

using namespace std::chrono_literals;

void miss(DueDecision& decision, RunState state, const Occurrences& which) {
  if (which.count > 0) decision.missed.push_back({state, which.first, which.last, which.count});
}

// The latest of `runnable` runs if nothing stands in its way.
void decide_latest(const DueInput& input, const Occurrences& runnable, DueDecision& decision) {
  const Occurrences latest{runnable.last, runnable.last, 1};
  if (!input.running) {
    decision.run = runnable.last;
  } else if (input.spec.overlap == Overlap::kSkip) {
    miss(decision, RunState::kSkippedOverlap, latest);
  } else if (input.once_more) {
    miss(decision, RunState::kCoalesced, latest);
  } else {
    decision.run = runnable.last;
    decision.when_ended = true;
  }
}

}  // namespace

DueDecision decide_due(const DueInput& input) {
  DueDecision decision;
  const Schedule& schedule = input.spec.timetable.schedule();
  Occurrences rest = occurrences_in(schedule, input.watermark, input.now);
  if (rest.count == 0) return decision;
  decision.watermark = rest.last;
  if (input.paused) {
    miss(decision, RunState::kSkippedPaused, rest);
    return decision;
  }
  const TimePoint tolerated = input.now - input.spec.late.within;
  if (rest.first < tolerated && input.spec.late.otherwise == LatePolicy::Otherwise::kSkip) {
    const Occurrences late = occurrences_in(schedule, input.watermark, tolerated - 1us);
    miss(decision, RunState::kSkippedLate, late);
    rest = occurrences_in(schedule, late.last, input.now);
    if (rest.count == 0) return decision;
  }
  if (rest.count > 1)
    miss(decision, RunState::kCoalesced,
         occurrences_in(schedule, rest.first - 1us, rest.last - 1us));
  decide_latest(input, rest, decision);
  return decision;
}

}  // namespace systask::scheduler
