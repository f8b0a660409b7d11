#include "scheduler/ahead/simulated_ledger.h"

#include <algorithm>

namespace systask::scheduler {
namespace {

using namespace std::chrono_literals;

// Rows of a task among which its latest run and success are looked for.
constexpr std::size_t kRunsOfAPast = 50;

}  // namespace

SimulatedLedger::SimulatedLedger(RunLedger& history, TimePoint from, std::vector<StoredTask> stored,
                                 Tell tell)
    : history_(history), from_(from), tasks_(std::move(stored)), tell_(std::move(tell)) {}

std::vector<RunKey> SimulatedLedger::claim(const TickClaims& claims) {
  for (const RunRow& run : claims.runs)
    open_.insert_or_assign(run.key, run);
  for (const RunRow& row : claims.skipped) {
    Missed& missed = missed_[row.key.task];
    if (missed.key != row.key) missed = {row.key, 0};
    tell_(row, row.count - std::exchange(missed.count, row.count));
  }
  return {};
}

void SimulatedLedger::record(std::span<const RunRow> rows) {
  for (const RunRow& row : rows) {
    if (is_open(row.state)) {
      open_.insert_or_assign(row.key, row);
      continue;
    }
    open_.erase(row.key);
    tell_(row, row.count);
  }
}

std::vector<TaskPast> SimulatedLedger::pasts() {
  std::vector<TaskPast> pasts;
  for (const StoredTask& task : tasks_) {
    TaskPast past{.task = task.definition.id, .last = {}};
    for (RunRow& row : runs({.task = past.task, .limit = kRunsOfAPast})) {
      if (is_done(row.state))
        past.last_succeeded_date = std::max(past.last_succeeded_date, row.business_date);
      if (row.state == RunState::kSucceeded && !past.last_success)
        past.last_success = row.finished_at;
      if (past.last.key.task == TaskId{} && row.started_at) past.last = std::move(row);
    }
    if (past.last.key.task != TaskId{}) pasts.push_back(std::move(past));
  }
  return pasts;
}

std::vector<RunRow> SimulatedLedger::runs(const RunQuery& query) {
  RunQuery earlier = query;
  earlier.before = std::min(query.before, from_);
  return history_.runs(earlier);
}

std::vector<RunRow> SimulatedLedger::outcomes_of(TaskId task, TimePoint nominal) {
  if (nominal >= from_) return {};
  return history_.outcomes_of(task, nominal);
}

std::vector<StoredTask> SimulatedLedger::load() {
  std::vector<StoredTask> tasks = tasks_;
  for (StoredTask& task : tasks)
    task.watermark = from_ - 1us;
  return tasks;
}

void SimulatedLedger::replace_all(std::span<const StoredTask> tasks, TimePoint /*at*/) {
  tasks_.assign(tasks.begin(), tasks.end());
}

void SimulatedLedger::set_pause(TaskId task, const std::optional<Pause>& pause) {
  for (StoredTask& one : tasks_)
    if (one.definition.id == task) one.pause = pause;
}

std::vector<RunRow> SimulatedLedger::open() const {
  std::vector<RunRow> rows;
  rows.reserve(open_.size());
  for (const auto& [key, row] : open_)
    rows.push_back(row);
  return rows;
}

}  // namespace systask::scheduler
