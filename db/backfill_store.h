// Backfills on SQL: tables tstp_systemtask_backfill and tstp_systemtask_backfill_date.
//
// Any thread; the Database must outlive it.
#pragma once

#include "db/database.h"
#include "scheduler/ports/backfill_store.h"

namespace systask::db {

class BackfillStore final : public scheduler::BackfillStore {
 public:
  explicit BackfillStore(Database& database) : database_(database) {}

  std::vector<scheduler::KeptBackfill> load() override;
  void add(const scheduler::KeptBackfill& backfill) override;
  void update(scheduler::BackfillId id, std::span<const scheduler::BackfillDate> dates) override;
  void end(scheduler::BackfillId id, TimePoint at, const std::string& cancelled_by) override;
  void forget(scheduler::BackfillId before) override;

 private:
  Database& database_;
};

}  // namespace systask::db
