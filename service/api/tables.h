// Tables is what the API reads from the database: rows as JSON objects, in the order in
// which a person wants them. Calls wait for the database, so never from the io thread;
// they may come from several reader threads at once. A broken database throws.
#pragma once

#include <boost/json/fwd.hpp>
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

  virtual ~Tables() = default;
  virtual Rows plans() = 0;
  virtual Rows sites() = 0;
  // Of one plan, or of all.
  virtual Rows orders(std::optional<trading::PlanId> plan, std::size_t limit) = 0;
  virtual Rows cache(std::optional<trading::PlanId> plan, std::size_t limit) = 0;
  // Newest first.
  virtual Rows quarantine(std::size_t limit) = 0;
  struct WhichRecoveries {
    std::size_t limit = 1'000'000;
    std::optional<trading::PlanId> plan;
    bool open = false;  // those under way only
    TimePoint since = TimePoint::min();
  };
  virtual Rows recoveries(const WhichRecoveries& which) = 0;
  // What happened to a plan, from its creation through every site that ran it, oldest first; empty
  // where there is no such plan.
  virtual Rows trail(trading::PlanId plan) = 0;
  // Of one object ("task nightly-report"), where it is not empty; nothing older than `since`.
  virtual Rows audit(const std::string& object, TimePoint since, std::size_t limit) = 0;

  virtual StoredCounts counts() = 0;
};

}  // namespace systask::service
