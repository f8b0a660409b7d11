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

// TWAP plans over seeded securities, or follow plans of this one where a recording drives
// them.
[[nodiscard]] std::vector<NewPlan> make_plans(const DrillOptions& options,
                                              const std::string& security);
[[nodiscard]] boost::json::object body_of(const NewPlan& plan);

struct Expected {
  std::int64_t messages = 0;   // that the flow will send first, at the least
  std::string security;        // of a recording: its first
  std::string account;         // of a recording: what its reader has to say
  std::int64_t lasted_us = 0;  // of a recording: from its first message to its last
};

// Throws std::runtime_error where a recording cannot be read, or has no order.
[[nodiscard]] Expected expected_messages(const DrillOptions& options);

}  // namespace systask::peers::drill
