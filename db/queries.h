// What the API and the CLI ask: each method is one look at what is committed, as a Table.
// May be called from any thread; never waits for the writer. Must not outlive the pool.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>

#include "base/clock.h"
#include "db/read_pool.h"
#include "db/table.h"
#include "trading/types.h"

namespace systask::db {

// Which rows of an answer are wanted. They follow `after` in the order of the answer, whose key it
// is; an answer with keys of one number has it in `first`.
struct Page {
  struct Key {
    std::int64_t first = 0;
    std::int64_t second = 0;
  };
  std::int64_t limit = std::numeric_limits<std::int64_t>::max();
  std::optional<Key> after;
  // Of the cells together: the row that goes beyond is the last one, and the Table says `cut`.
  std::size_t bytes = std::numeric_limits<std::size_t>::max();
};

class Queries {
 public:
  explicit Queries(ReadPool& pool) : pool_(pool) {}

  [[nodiscard]] Table plans(const Page& page = {});
  // One row, or none where there is no such plan.
  [[nodiscard]] Table plan(trading::PlanId id);
  [[nodiscard]] Table plan_details(trading::PlanId id);
  [[nodiscard]] Table orders(trading::PlanId plan, const Page& page = {});
  [[nodiscard]] Table combined_orders(trading::PlanId plan);
  [[nodiscard]] Table fills(trading::PlanId plan);

  // How much is cached for each plan, and what is cached for one, oldest first. A body that is
  // longer than kBodyShown is null; body_bytes has the size of each.
  static constexpr std::size_t kBodyShown = 4'096;
  [[nodiscard]] Table cache(const Page& page = {});
  [[nodiscard]] Table cache(trading::PlanId plan, const Page& page = {});

  // Messages that fit no plan or no order, newest first, with bodies as those of cache(): the key
  // is (received_at, no). And plans that an operator must look at.
  [[nodiscard]] Table quarantine(const Page& page = {});
  [[nodiscard]] Table quarantined_plans(const Page& page = {});
  [[nodiscard]] Table parked();

  [[nodiscard]] Table sites();
  [[nodiscard]] Table outbox(std::size_t limit);
  // Newest first; of one plan, of those under way, or noticed at `since` or later. With the
  // microseconds of each phase that is over.
  struct WhichRecoveries {
    trading::PlanId plan;  // 0: of all
    bool open = false;
    TimePoint since = TimePoint::min();
    Page page = {};  // the key is `recovery`
  };
  [[nodiscard]] Table recoveries(const WhichRecoveries& which);
  // Of one object, where it is not empty; nothing older than `since`. The key is `no`.
  [[nodiscard]] Table audit(const Page& page, const std::string& object = {},
                            TimePoint since = TimePoint::min());

 private:
  ReadPool& pool_;
};

}  // namespace systask::db
