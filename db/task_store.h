// The scheduler's task store on SQL: tables tstp_systemtask and tstp_systemtask_due.
//
// Any thread; the Database must outlive it. Watermarks are moved by RunLedger::claim.
#pragma once

#include "db/database.h"
#include "scheduler/ports/task_store.h"

namespace systask::db {

class TaskStore final : public scheduler::TaskStore {
 public:
  explicit TaskStore(Database& database) : database_(database) {}

  std::vector<scheduler::StoredTask> load() override;
  void replace_all(std::span<const scheduler::StoredTask> tasks, TimePoint at) override;
  void set_pause(scheduler::TaskId task, const std::optional<scheduler::Pause>& pause) override;

 private:
  Database& database_;
};

}  // namespace systask::db
