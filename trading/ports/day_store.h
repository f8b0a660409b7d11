// The business day: which date is open, each market's trading sessions, and the moving of
// an earlier day's rows to their `this…` twins, a little at a time.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "trading/ports/message_store.h"
#include "trading/ports/unit_of_work.h"
#include "trading/types.h"

namespace systask::trading {

class DayStore {
 public:
  virtual ~DayStore() = default;

  // The open business date; nothing before the first is opened.
  virtual std::optional<BusinessDate> open_date() = 0;
  virtual void set_open_date(UnitOfWork& work, BusinessDate date) = 0;

  // algojr_texectimeinfo as it is now: market -> "093000-113000;130000-150000". Read each
  // time it is needed, since testers change it while the service runs.
  virtual std::map<Market, std::string> session_texts() = 0;
  // Inserts the row of a market that has none.
  virtual void add_session_text(UnitOfWork& work, Market market, const std::string& text) = 0;

  // Moves at most `limit` rows of one kind that belong to a business date before `before`;
  // the number moved, 0 when nothing is left. Only ended plans and what belongs to them,
  // settled messages (not parked, nothing that waits for an operator).
  virtual std::size_t archive_some(UnitOfWork& work, BusinessDate before, std::size_t limit) = 0;

  // Cached messages of a business date before `before`, by plan and number; not those of
  // quarantined plans, which wait for an operator.
  virtual std::vector<MessageRow> stale_cache(UnitOfWork& work, BusinessDate before,
                                              std::size_t limit) = 0;
  // Moves one cached message to algojr_thisrequestcache, with what became of it.
  virtual void archive_cached(UnitOfWork& work, PlanId plan, LineNumber number,
                              const std::string& outcome) = 0;
  // Drops rows of the cache's archive of a business date before `before`.
  virtual std::size_t prune_cache_archive(UnitOfWork& work, BusinessDate before) = 0;
};

}  // namespace systask::trading
