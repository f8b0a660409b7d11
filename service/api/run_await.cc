#include "service/api/run_await.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <memory>

#include "scheduler/engine/engine.h"
#include "service/api/task_names.h"

namespace systask::service {

std::function<void()> once(std::function<void()> work) {
  auto done = std::make_shared<std::atomic<bool>>(false);
  return [done, work = std::move(work)] {
    if (!done->exchange(true)) work();
  };
}

Result<std::chrono::milliseconds> wait_of(const ApiRequest& request) {
  const std::string text = request.query("wait_ms");
  if (text.empty()) return std::chrono::milliseconds{0};
  const auto number = number_in(text);
  if (!number || *number < 0 || *number > kLongestWait.count())
    return Refusal{"BAD_REQUEST", fmt::format("'wait_ms' is '{}', expected a number from 0 to {}",
                                              text, kLongestWait.count())};
  return std::chrono::milliseconds{*number};
}

void await_run(const ApiParts& parts, scheduler::RunId run, std::chrono::milliseconds wait,
               std::function<void()> then) {
  // Its outcome has been decided, and is being written.
  constexpr std::chrono::milliseconds kSoon{50};
  const std::function<void()> told = once(std::move(then));
  if (wait.count() == 0) return told();
  if (parts.engine.when_done(run, [told](const scheduler::RunRow&) { told(); }))
    return parts.after(wait, told);
  const auto row = parts.ledger.find(run);
  if (!row || !is_open(row->state)) return told();
  parts.after(std::min(wait, kSoon), told);
}

}  // namespace systask::service
