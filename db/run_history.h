// What people ask about runs, on SQL (docs/decisions/0064): over the ledger in the order of its
// key, the index of what is unusual, and the index of runs by task that is written behind.
//
// Reads only, on read connections; any thread. The Database must outlive it.
#pragma once

#include "db/database.h"
#include "scheduler/ports/run_history.h"

namespace systask::db {

class RunHistory final : public scheduler::RunHistory {
 public:
  explicit RunHistory(Database& database) : database_(database) {}

  scheduler::HistoryPage page(const scheduler::HistoryQuery& query) override;
  std::vector<scheduler::RunTally> tally(std::span<const scheduler::TaskId> tasks, TimePoint from,
                                         TimePoint until) override;
  std::optional<scheduler::RunGiven> given(scheduler::RunId run) override;
  std::optional<scheduler::TaskDefinition> task_at(scheduler::TaskId task, TimePoint at) override;
  std::vector<scheduler::TaskDefinition> former_tasks(std::size_t limit) override;

 private:
  Database& database_;
};

}  // namespace systask::db
