// Waiting for the outcome of a run without holding a thread: whoever asks by HTTP gets it when it
// is durable, or is told after some time where the run is.
#pragma once

#include <chrono>
#include <functional>

#include "base/result.h"
#include "scheduler/run.h"
#include "service/api/api.h"
#include "service/api/router.h"

namespace systask::service {

// An answer is held back so long at most.
inline constexpr std::chrono::milliseconds kLongestWait{60'000};

// The milliseconds in ?wait_ms=…; none: 0. BAD_REQUEST.
[[nodiscard]] Result<std::chrono::milliseconds> wait_of(const ApiRequest& request);

// Calls `then` once: when the run has its outcome, or after `wait`; on any thread.
void await_run(const ApiParts& parts, scheduler::RunId run, std::chrono::milliseconds wait,
               std::function<void()> then);

// What may be called by two, and is done once. Any thread.
[[nodiscard]] std::function<void()> once(std::function<void()> work);

}  // namespace systask::service
