// The scheduler's run ledger on SQL: table tstp_systemtask_run, and the watermarks of
// tstp_systemtask_due. Why its tables are as they are: docs/decisions/0017.
//
// Writes go on the urgent side of the Writer, ahead of batches of messages. Reads use
// read connections. Any thread; the Database must outlive it, and has one ledger at a time.
#pragma once

#include <cstddef>

#include "db/database.h"
#include "db/run_claims.h"
#include "db/run_index.h"
#include "scheduler/ports/run_ledger.h"

namespace systask::db {

class RunLedger final : public scheduler::RunLedger {
 public:
  // A tick that claims so many runs keeps them together (run_claims.h). Fewer get rows at
  // once, so that who looks into the table of a quiet service finds what is under way.
  static constexpr std::size_t kTogether = 256;

  explicit RunLedger(Database& database, std::size_t together = kTogether)
      : database_(database), together_(together) {}

  std::vector<scheduler::RunKey> claim(const scheduler::TickClaims& claims) override;
  void record(std::span<const scheduler::RunRow> rows) override;
  std::vector<scheduler::RunRow> unfinished() override;
  std::vector<scheduler::TaskPast> pasts() override;
  scheduler::RunId highest_id() override;
  scheduler::RunId lowest_id() override;
  std::optional<scheduler::RunRow> find(scheduler::RunId run) override;
  std::vector<scheduler::RunRow> runs(const scheduler::RunQuery& query) override;
  std::vector<scheduler::RunRow> outcomes_of(scheduler::TaskId task, TimePoint nominal) override;
  void turn_back(const scheduler::ClockStep& step, std::span<const scheduler::WatermarkMove> moves,
                 std::span<const scheduler::RunRow> rows) override;
  std::vector<scheduler::ClockStep> clock_steps() override;
  std::vector<TimePoint> dealt_with(scheduler::TaskId task, TimePoint after,
                                    TimePoint until) override;
  std::size_t prune(TimePoint before, std::size_t limit) override;

 private:
  // A write transaction, with the index of runs by task kept in step.
  template <class Doing>
  void write(Urgency urgency, Doing doing);

  // Runs that only a claim kept get rows of their own.
  void give_rows(const Writer::Lease& lease);
  void write_outcomes(const Writer::Lease& lease, std::span<const scheduler::RunRow> rows);

  Database& database_;
  std::size_t together_;
  // Under the writer's lease.
  RunIndex index_;
  RunClaims claims_;
};

}  // namespace systask::db
