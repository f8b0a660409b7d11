// SkippedSteps is the engine's memory of steps that somebody skipped, by task and business date.
// Not thread-safe: it lives inside the engine's lock.
#pragma once

#include <fmt/format.h>

#include <map>
#include <string>
#include <utility>

#include "scheduler/ports/step_skips.h"

namespace systask::scheduler {

// "skipped by bob: archived by hand".
[[nodiscard]] inline std::string why_skipped(const StepSkip& skip) {
  return fmt::format("skipped by {}: {}", skip.actor, skip.reason);
}

class SkippedSteps {
 public:
  void add(StepSkip skip) {
    const std::pair key{skip.task, skip.business_date};
    all_.insert_or_assign(key, std::move(skip));
  }
  void remove(TaskId task, int business_date) { all_.erase({task, business_date}); }
  [[nodiscard]] const StepSkip* find(TaskId task, int business_date) const {
    if (all_.empty()) return nullptr;
    const auto found = all_.find({task, business_date});
    return found == all_.end() ? nullptr : &found->second;
  }

 private:
  std::map<std::pair<TaskId, int>, StepSkip> all_;
};

}  // namespace systask::scheduler
