#include "scheduler/ahead/past_durations.h"

#include <algorithm>

namespace systask::scheduler {
namespace {

constexpr std::size_t kRunsMeasured = 200;

// The finalizer of SplitMix64: every bit of the argument counts in every bit of the answer.
std::uint64_t mixed(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15ULL;
  x = (x ^ (x >> 30U)) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ (x >> 27U)) * 0x94d049bb133111ebULL;
  return x ^ (x >> 31U);
}

}  // namespace

std::size_t PastDurations::learn(RunLedger& ledger, TaskId task, TimePoint before) {
  std::vector<Micros> durations;
  for (const RunRow& row : ledger.runs({.task = task, .before = before, .limit = kRunsMeasured}))
    if (row.state == RunState::kSucceeded && row.started_at && row.finished_at)
      durations.push_back(std::max(Micros{0}, *row.finished_at - *row.started_at));
  std::ranges::sort(durations);
  const std::size_t known = durations.size();
  if (known > 0) by_task_[task] = std::move(durations);
  return known;
}

Micros PastDurations::pick(TaskId task, TimePoint nominal, int attempt, Micros otherwise) const {
  const auto known = by_task_.find(task);
  if (known == by_task_.end()) return otherwise;
  std::uint64_t chosen = mixed(seed_);
  chosen = mixed(chosen ^ static_cast<std::uint64_t>(task.value()));
  chosen = mixed(chosen ^ static_cast<std::uint64_t>(to_micros(nominal)));
  chosen = mixed(chosen ^ static_cast<std::uint64_t>(attempt));
  return known->second[chosen % known->second.size()];
}

}  // namespace systask::scheduler
