// Tables is what the API reads from the database: rows as JSON objects, in the order in
// which a person wants them. Calls wait for the database, so never from the io thread;
// they may come from several reader threads at once. A broken database throws.
#pragma once

#include <boost/json/array.hpp>
#include <cstddef>
#include <optional>
#include <string>

#include "base/clock.h"
#include "service/metrics/overview.h"
#include "trading/types.h"

namespace systask::service {

class Tables {
 public:
  using Rows = boost::json::array;

  // A place in a list: the keys of the row that a page ended with.
  struct Cursor {
    std::int64_t first = 0;
    std::int64_t second = 0;
  };
  // So many rows at most, after that place; fewer where they have many bytes.
  struct Asked {
    std::size_t limit = 10'000;
    std::optional<Cursor> after;
  };
  struct Page {
    Rows rows;
    std::string next;  // the cursor of what follows, as text; empty: nothing does
  };

  virtual ~Tables() = default;
  virtual Page plans(const Asked& asked) = 0;
  // Those that wait until an operator has decided.
  virtual Page quarantined_plans(const Asked& asked) = 0;
  virtual Rows sites() = 0;
  // Of one plan, or of all.
  virtual Page orders(std::optional<trading::PlanId> plan, const Asked& asked) = 0;
  virtual Page cache(std::optional<trading::PlanId> plan, const Asked& asked) = 0;
  // Messages, newest first.
  virtual Page quarantine(const Asked& asked) = 0;
  struct WhichRecoveries {
    std::size_t limit = 1'000'000;
    std::optional<trading::PlanId> plan;
    bool open = false;  // those under way only
    TimePoint since = TimePoint::min();
    std::optional<Cursor> after = {};
  };
  virtual Page recoveries(const WhichRecoveries& which) = 0;
  // What happened to a plan, from its creation through every site that ran it, oldest first; empty
  // where there is no such plan.
  virtual Rows trail(trading::PlanId plan) = 0;
  // Of one object ("task nightly-report"), where it is not empty; nothing older than `since`.
  virtual Page audit(const std::string& object, TimePoint since, const Asked& asked) = 0;

  virtual StoredCounts counts() = 0;
};

}  // namespace systask::service
