// The scheduler's run ledger on SQL: table tstp_systemtask_run, and the watermarks of
// tstp_systemtask_due. Why its tables are as they are: docs/decisions/0017.
//
// Writes go on the urgent side of the Writer, ahead of batches of messages. Reads use
// read connections. Any thread; the Database must outlive it.
#pragma once

#include "db/database.h"
#include "db/run_index.h"
#include "scheduler/ports/run_ledger.h"

namespace systask::db {

class RunLedger final : public scheduler::RunLedger {
 public:
  explicit RunLedger(Database& database) : database_(database) {}

  std::vector<scheduler::RunKey> claim(const scheduler::TickClaims& claims) override;
  void record(std::span<const scheduler::RunRow> rows) override;
  std::vector<scheduler::RunRow> unfinished() override;
  std::vector<scheduler::TaskPast> pasts() override;
  scheduler::RunId highest_id() override;
  std::optional<scheduler::RunRow> find(scheduler::RunId run) override;
  std::vector<scheduler::RunRow> runs(const scheduler::RunQuery& query) override;
  std::optional<scheduler::RunRow> outcome_of(scheduler::TaskId task, TimePoint nominal) override;
  std::size_t prune(TimePoint before, std::size_t limit) override;

 private:
  // A write transaction, with the index of runs by task kept in step.
  template <class Doing>
  void write(Urgency urgency, Doing doing);

  Database& database_;
  RunIndex index_;  // under the writer's lease
};

}  // namespace systask::db
