// Pauses and windows on SQL: table tstp_systemtask_hold.
//
// Any thread; the Database must outlive it.
#pragma once

#include "db/database.h"
#include "scheduler/ports/hold_store.h"

namespace systask::db {

class HoldStore final : public scheduler::HoldStore {
 public:
  explicit HoldStore(Database& database) : database_(database) {}

  std::vector<scheduler::Hold> load() override;
  void add(const scheduler::Hold& hold) override;
  void remove(scheduler::HoldId hold) override;

 private:
  Database& database_;
};

}  // namespace systask::db
