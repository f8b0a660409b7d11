// What the API and the CLI ask: each method is one look at what is committed, as a Table.
// May be called from any thread; never waits for the writer. Must not outlive the pool.
#pragma once

#include <cstddef>
#include <string>

#include "base/clock.h"
#include "db/read_pool.h"
#include "db/table.h"
#include "trading/types.h"

namespace systask::db {

class Queries {
 public:
  explicit Queries(ReadPool& pool) : pool_(pool) {}

  [[nodiscard]] Table plans();
  // One row, or none where there is no such plan.
  [[nodiscard]] Table plan(trading::PlanId id);
  [[nodiscard]] Table plan_details(trading::PlanId id);
  [[nodiscard]] Table orders(trading::PlanId plan);
  [[nodiscard]] Table combined_orders(trading::PlanId plan);
  [[nodiscard]] Table fills(trading::PlanId plan);

  // How much is cached for each plan, and what is cached for one, oldest first.
  [[nodiscard]] Table cache();
  [[nodiscard]] Table cache(trading::PlanId plan);

  // Messages that fit no plan or no order; and plans an operator must look at.
  [[nodiscard]] Table quarantine();
  [[nodiscard]] Table quarantined_plans();
  [[nodiscard]] Table parked();

  [[nodiscard]] Table sites();
  [[nodiscard]] Table outbox(std::size_t limit);
  // Newest first; of one plan, of those under way, or noticed at `since` or later. With the
  // microseconds of each phase that is over.
  struct WhichRecoveries {
    std::size_t limit = 1'000'000;
    trading::PlanId plan;  // 0: of all
    bool open = false;
    TimePoint since = TimePoint::min();
  };
  [[nodiscard]] Table recoveries(const WhichRecoveries& which);
  // Of one object, where it is not empty; nothing older than `since`.
  [[nodiscard]] Table audit(std::size_t limit, const std::string& object = {},
                            TimePoint since = TimePoint::min());

 private:
  ReadPool& pool_;
};

}  // namespace systask::db
