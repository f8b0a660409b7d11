// Waiting for the outcome of a run without holding a thread: whoever asks by HTTP gets it when it
// is durable, or is told after some time where the run is.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <utility>

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

// Answers whoever asked for a run, once: 200 with its outcome when it has one or, where a wait is
// given, 202 with where it is when that is over. Any thread.
class RunAnswer {
 public:
  // Without `wait` it is answered when it has ended.
  RunAnswer(const ApiParts& parts, std::string what, std::optional<std::chrono::milliseconds> wait,
            const net::HttpAnswer& answer);

  // For RunRequest::done.
  [[nodiscard]] std::function<void(const scheduler::RunRow&)> when_ended(std::string task) const;
  void refuse(net::HttpResponse response) const { first_(std::move(response)); }
  // The run has this number: the wait begins.
  void begin(scheduler::RunId run, const std::string& task) const;

 private:
  const ApiParts& parts_;
  std::string what_;  // "POST /api/tasks/NAME/run"
  std::optional<std::chrono::milliseconds> wait_;
  net::HttpAnswer first_;
};

// What may be called by two, and is done once. Any thread.
[[nodiscard]] std::function<void()> once(std::function<void()> work);

}  // namespace systask::service
