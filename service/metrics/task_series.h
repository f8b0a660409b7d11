// TaskSeries are the metrics kept for each task: what came of its runs, and how long they
// took. The first kMostTasks tasks that have a run get series of their own; all further ones
// share those of the task "(others)", since a hundred thousand histograms would cost more
// memory than the tasks, and a scrape that nobody could read.
//
// finished() may be called from any thread. Must not outlive the registry.
#pragma once

#include <array>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/clock.h"
#include "base/guarded.h"
#include "scheduler/run_state.h"

namespace prometheus {
class Counter;
class Histogram;
class Registry;
}  // namespace prometheus

namespace systask::service {

class TaskSeries {
 public:
  static constexpr std::size_t kMostTasks = 1'000;
  static constexpr std::array<std::string_view, 2> kNames{"systask_run_outcomes_total",
                                                          "systask_run_duration_seconds"};

  explicit TaskSeries(prometheus::Registry& registry);

  // `duration` is 0 for a run that never started: it says nothing about the task's.
  void finished(std::string_view task, scheduler::RunState outcome, Micros duration);

 private:
  struct Series {
    std::array<prometheus::Counter*, scheduler::kRunStates.size()> outcomes{};
    prometheus::Histogram* duration = nullptr;
  };
  struct Hash {
    using is_transparent = void;  // NOLINT(readability-identifier-naming): its name in std
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>{}(text);
    }
  };
  using ByTask = std::unordered_map<std::string, Series, Hash, std::equal_to<>>;

  prometheus::Registry& registry_;
  Guarded<ByTask> by_task_;
};

}  // namespace systask::service
