// Where a message goes, decided in one place: a table to read, tested without anything.
#pragma once

#include <cstdint>

#include "trading/message.h"
#include "trading/plan.h"

namespace systask::trading {

enum class Route : std::uint8_t { kApply, kCache, kPassThrough };

// For a message whose plan is known; one whose plan is not is parked.
constexpr Route route_for(Kind kind, PlanStatus status, bool plan_quarantined) {
  if (kind == Kind::kApproval) return Route::kPassThrough;  // never recovered, so never cached
  if (status == PlanStatus::kAbnormal || plan_quarantined) return Route::kCache;
  return Route::kApply;
}

inline Route route_for(Kind kind, const Plan& plan) {
  return route_for(kind, plan.status, !plan.quarantine_reason.empty());
}

static_assert(route_for(Kind::kFilled, PlanStatus::kRunning, false) == Route::kApply);
static_assert(route_for(Kind::kFilled, PlanStatus::kAbnormal, false) == Route::kCache);
static_assert(route_for(Kind::kFilled, PlanStatus::kRunning, true) == Route::kCache);
static_assert(route_for(Kind::kPlanChange, PlanStatus::kAbnormal, false) == Route::kCache);
static_assert(route_for(Kind::kApproval, PlanStatus::kAbnormal, true) == Route::kPassThrough);

}  // namespace systask::trading
