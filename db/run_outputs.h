// What runs printed, on SQL: table tstp_systemtask_run_output.
//
// Any thread; the Database must outlive it.
#pragma once

#include "db/database.h"
#include "scheduler/ports/run_outputs.h"

namespace systask::db {

class RunOutputs final : public scheduler::RunOutputs {
 public:
  explicit RunOutputs(Database& database) : database_(database) {}

  void add(std::span<const scheduler::RunOutput> outputs) override;
  std::vector<scheduler::RunOutput> of(scheduler::RunId run) override;
  std::size_t prune(scheduler::RunId before, std::size_t limit) override;
  scheduler::RunId first_within(std::uint64_t bytes) override;

 private:
  Database& database_;
};

}  // namespace systask::db
