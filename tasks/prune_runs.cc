// Drops rows of the run ledger older than `keep`, and the attempts of runs that have no row any
// more, a little at a time, so that claims and outcomes never wait for it long.
#include <fmt/format.h>

#include "tasks/given.h"
#include "tasks/prune.h"
#include "tasks/tasks.h"

namespace systask::tasks {

scheduler::Body prune_runs(const TaskParts& parts) {
  return [&parts](const scheduler::RunContext& run) {
    constexpr std::size_t kAtOnce = 2'000;
    const Given given{run, {"keep"}};
    const Micros keep = given.duration("keep", std::chrono::days{7}, std::chrono::hours{1});
    const TimePoint before = run.nominal - keep;
    const std::size_t dropped = drop_in_steps(
        run, kAtOnce, "rows", [&](std::size_t limit) { return parts.ledger.prune(before, limit); });
    // Ids are given in the order in which runs are made.
    const scheduler::RunId oldest = parts.ledger.lowest_id();
    const std::size_t attempts = drop_in_steps(run, kAtOnce, "attempts", [&](std::size_t limit) {
      return parts.attempts.prune(oldest, limit);
    });
    return fmt::format("{} rows of runs before {} dropped, {} attempts of runs that are gone",
                       dropped, to_rfc3339(before), attempts);
  };
}

}  // namespace systask::tasks
