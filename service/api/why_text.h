// "Why did X not run at 08:30?", answered: what the ledger or the engine explains, as sentences
// and as JSON. The times of sentences are in the task's zone. Pure; any thread.
#pragma once

#include <boost/json/fwd.hpp>
#include <string>

#include "base/zone.h"
#include "scheduler/engine/status.h"

namespace systask::service {

[[nodiscard]] std::string why_text(const scheduler::TaskSpec& spec, TimePoint at,
                                   const scheduler::Explanation& found);

// The sentences as "answer", and the rows that they come from.
[[nodiscard]] boost::json::object why_json(const scheduler::TaskSpec& spec, TimePoint at,
                                           const scheduler::Explanation& found);

}  // namespace systask::service
