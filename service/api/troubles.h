// What an operator should look at, as the JSON of /api/status: what fails, is late or is stopped,
// each with the command that says more. Pure functions; any thread.
#pragma once

#include <boost/json/fwd.hpp>
#include <cstddef>

#include "base/zone.h"
#include "scheduler/engine/status.h"

namespace systask::service {

// So many are named in an answer; all are counted.
inline constexpr std::size_t kMostTroubles = 100;

[[nodiscard]] boost::json::array troubles_json(const scheduler::Troubles& troubles,
                                               const Zone& zone);

}  // namespace systask::service
