// When a run is tried again: pure functions.
#pragma once

#include "scheduler/run.h"

namespace systask::scheduler {

// Whether an attempt that ended so is followed by another. Only what failed or timed out is:
// what was refused or cancelled would be so again. Runs by event are not: their task has a
// schedule as its safety net.
[[nodiscard]] bool is_retried(const RetryPolicy& policy, Trigger trigger, RunState outcome,
                              int retries_made);

// How long after the end of an attempt the next one begins; `retries_made` before it, from 0.
// The jitter is the same for the same run and retry.
[[nodiscard]] Micros retry_delay(const RetryPolicy& policy, RunId run, int retries_made);

}  // namespace systask::scheduler
