// What became of the service's scheduled runs, set against its deaths: a run that was claimed
// when the service died must have its one outcome once it is back. Values; pure.
#pragma once

#include <boost/json/fwd.hpp>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "peers/drill/recoveries.h"

namespace systask::peers::drill {

struct RunAccount {
  std::map<std::string, std::int64_t> outcomes;  // runs by outcome
  std::int64_t made_again = 0;                   // runs of a second or later attempt
  std::vector<std::string> unsettled;            // claimed before a death, and without outcome
};

// `rows`: the answer of GET /api/runs.
[[nodiscard]] RunAccount account_of_runs(const boost::json::value& rows,
                                         const std::vector<Kill>& kills);

}  // namespace systask::peers::drill
