// Strategy sites and their logins: algojr_tstrategysite, one row a site name. A session is
// live until it is marked dead, which happens before any of its plans changes hands.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "base/clock.h"
#include "trading/ports/unit_of_work.h"
#include "trading/types.h"

namespace systask::trading {

struct Site {
  SiteId id;
  std::string name;
  std::string environment;
  std::set<std::string> strategies;
  int capacity = 0;
  bool draining = false;
  SessionId session;  // the last login; grows by one each time
  bool live = false;
  TimePoint logged_in_at;
  TimePoint lost_at;

  friend bool operator==(const Site&, const Site&) = default;
};

class SiteStore {
 public:
  virtual ~SiteStore() = default;
  // Inserts or replaces the row of this site id.
  virtual void put(UnitOfWork& work, const Site& site) = 0;
  virtual std::vector<Site> load() = 0;
};

}  // namespace systask::trading
