// What a site may place for a plan: orders of its details, and no more than they say.
#pragma once

#include "base/result.h"
#include "trading/platform.h"

namespace systask::trading {

class Book;

// NOT_OF_PLAN where no client asked for the order's market, security and side; PLAN_EXCEEDED where
// with it more would be filled or open than the detail's quantity and the plan's tolerance.
// A detail of quantity 0 has no target, and bounds nothing.
[[nodiscard]] Result<void> within_plan(const Book& book, const Plan& plan,
                                       const OrderRequest& order);

// The most that may be filled and open of a detail with a target.
[[nodiscard]] Quantity most_of(const PlanDetail& detail, std::int32_t tolerance_percent);

}  // namespace systask::trading
