// Loads are how many plans each site has, and how many of them it rebuilds. A plain value.
#pragma once

#include <map>

#include "trading/plan.h"

namespace systask::trading {

struct Loads {
  std::map<SiteId, int> plans;
  std::map<SiteId, int> rebuilds;
  int rebuilding = 0;  // plans, whoever rebuilds them

  // The plan is one more (1), or no longer one (-1), of those of its site.
  void count(const Plan& plan, int by) {
    if (plan.session == SessionId{} || ended(plan.status)) return;
    plans[plan.site] += by;
    if (plan.status != PlanStatus::kAbnormal || plan.phase == RecoveryPhase::kWaiting) return;
    rebuilding += by;
    rebuilds[plan.site] += by;
  }
};

}  // namespace systask::trading
