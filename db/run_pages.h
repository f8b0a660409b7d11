// What the questions about runs share, and the rows of one page of them. Only the files of
// run_history.h include this.
#pragma once

#include <soci/soci.h>

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "scheduler/ports/run_history.h"

namespace systask::db {

// The words of the index tstp_systemtask_run_unusual: a query that has all of them uses it.
inline constexpr std::string_view kUnusualRuns =
    "finished_at_us is not null and (run_state <> 'succeeded' or run_trigger <> 'schedule' "
    "or started_at_us is null or started_at_us < nominal_us "
    "or started_at_us > nominal_us + 60000000)";
static_assert(scheduler::kUsualDelay == Micros{60'000'000}, "as the index says");
inline constexpr std::string_view kUsualRuns =
    "r.run_state = 'succeeded' and r.run_trigger = 'schedule' "
    "and r.started_at_us >= r.nominal_us and r.started_at_us <= r.nominal_us + 60000000";
inline constexpr std::string_view kOpenRuns = "(run_state = 'claimed' or run_state = 'waiting')";

// "1,2,3", for a list of SQL; "null" where there are none.
[[nodiscard]] std::string ids_of(std::span<const scheduler::TaskId> tasks);

// The rows that a query asks for, latest first: one more than its limit, where there is one. Asked
// in a transaction of the caller.
[[nodiscard]] std::vector<scheduler::RunRow> page_rows(soci::session& sql,
                                                       const scheduler::HistoryQuery& query);

}  // namespace systask::db
