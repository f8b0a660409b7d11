// Steps that somebody skipped, on SQL: table tstp_systemtask_skip.
//
// Any thread; the Database must outlive it.
#pragma once

#include "db/database.h"
#include "scheduler/ports/step_skips.h"

namespace systask::db {

class StepSkips final : public scheduler::StepSkips {
 public:
  explicit StepSkips(Database& database) : database_(database) {}

  std::vector<scheduler::StepSkip> load() override;
  void add(const scheduler::StepSkip& skip) override;
  void forget(int before_date) override;

 private:
  Database& database_;
};

}  // namespace systask::db
