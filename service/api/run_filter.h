// Which runs a request asks for: the query of GET /api/runs, read and checked. Any thread.
#pragma once

#include <string>

#include "scheduler/ports/run_history.h"
#include "service/api/router.h"
#include "service/api/task_names.h"

namespace systask::service {

struct RunFilter {
  scheduler::HistoryQuery query;
  // Of open runs, those that run, or those that wait; the ledger does not tell them apart.
  bool runs = true;
  bool waits = true;
  bool fold = false;  // usual runs of frequent tasks are told as numbers
};

// A page has so many rows at most.
inline constexpr std::size_t kMostRunsOfAPage = 10'000;

// BAD_REQUEST, BAD_TIME or UNKNOWN_TASK say what was expected.
[[nodiscard]] Result<RunFilter> filter_of(const ApiRequest& request, const TaskNames& names,
                                          const Zone& zone, TimePoint now);

// "1779412200000000-118": where the next page begins.
[[nodiscard]] std::string cursor_text(const scheduler::RunCursor& cursor);

}  // namespace systask::service
