// The plans of a drill: what is asked of the platform, by seed, and how many messages they
// will at least bring. Values; pure but for the recording that is counted.
#pragma once

#include <boost/json/fwd.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "peers/drill/account.h"
#include "peers/drill/options.h"

namespace systask::peers::drill {

struct NewPlan {
  std::string name;
  std::string strategy;
  PlanRequest request;
};

// TWAP plans over seeded securities, or follow plans where a recording drives them.
[[nodiscard]] std::vector<NewPlan> make_plans(const DrillOptions& options);
[[nodiscard]] boost::json::object body_of(const NewPlan& plan);

// How many messages the flow will send first, at the least.
[[nodiscard]] std::int64_t expected_messages(const DrillOptions& options);

}  // namespace systask::peers::drill
