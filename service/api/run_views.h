// What the API shows of runs: a page of them, and one in full. They read the database, so never
// on the io thread.
#pragma once

#include <boost/json/fwd.hpp>

#include "service/api/api.h"
#include "service/api/run_filter.h"
#include "service/api/task_names.h"

namespace systask::service {

// {"runs":[…],"folded":[…],"folded_left_out":…,"next":…}, latest first.
[[nodiscard]] boost::json::object page_json(const ApiParts& parts, const TaskNames& names,
                                            const RunFilter& filter);

// One run: its row, its attempts, what it was given, what it printed. UNKNOWN_RUN.
[[nodiscard]] Result<boost::json::object> whole_run_json(const ApiParts& parts,
                                                         scheduler::RunId run);

}  // namespace systask::service
