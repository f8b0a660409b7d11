// How long runs took, out of the ledger, for simulations: a run takes what some earlier run of
// its task took, chosen by a seed. Which one depends on seed, task, nominal time and attempt
// alone, not on what was asked before. Filled by one thread, then read by any.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "scheduler/ports/run_ledger.h"

namespace systask::scheduler {

class PastDurations {
 public:
  explicit PastDurations(std::uint64_t seed) : seed_(seed) {}

  // Learns from the task's latest runs with nominal times before `before`: those that ended by
  // themselves. So many of them, or none.
  std::size_t learn(RunLedger& ledger, TaskId task, TimePoint before);
  [[nodiscard]] bool knows(TaskId task) const { return by_task_.contains(task); }
  // `otherwise` where nothing is known of the task.
  [[nodiscard]] Micros pick(TaskId task, TimePoint nominal, int attempt, Micros otherwise) const;

 private:
  std::uint64_t seed_;
  std::map<TaskId, std::vector<Micros>> by_task_;
};

}  // namespace systask::scheduler
