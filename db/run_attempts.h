// The attempts of runs on SQL: table tstp_systemtask_attempt.
//
// Any thread; the Database must outlive it.
#pragma once

#include "db/database.h"
#include "scheduler/ports/run_attempts.h"

namespace systask::db {

class RunAttempts final : public scheduler::RunAttempts {
 public:
  explicit RunAttempts(Database& database) : database_(database) {}

  void add(std::span<const scheduler::RunAttempt> attempts) override;
  std::vector<scheduler::RunAttempt> of(scheduler::RunId run) override;
  std::size_t prune(scheduler::RunId before, std::size_t limit) override;

 private:
  Database& database_;
};

}  // namespace systask::db
