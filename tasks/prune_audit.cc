// Drops entries of the audit log older than `keep_days`, and recoveries as old, which with them
// make up the trail of a plan; a little at a time, so that messages and outcomes never wait for it
// long.
#include <fmt/format.h>

#include "tasks/given.h"
#include "tasks/prune.h"
#include "tasks/tasks.h"

namespace systask::tasks {

ParameterRules prune_audit_parameters() { return {number("keep_days", 365, 1, 36'500)}; }

scheduler::Body prune_audit(const TaskParts& parts) {
  return [&parts](const scheduler::RunContext& run) {
    constexpr std::size_t kAtOnce = 1'000;
    const Given given{run, prune_audit_parameters()};
    const TimePoint before = run.nominal - std::chrono::days{given.number("keep_days")};
    const std::size_t dropped = drop_in_steps(run, kAtOnce, "entries", [&](std::size_t limit) {
      return parts.upkeep.prune_audit(before, limit);
    });
    const std::size_t recoveries = drop_in_steps(
        run, kAtOnce, "recoveries",
        [&](std::size_t limit) { return parts.upkeep.prune_recoveries(before, limit); });
    return fmt::format("{} entries of the audit log and {} recoveries before {} dropped", dropped,
                       recoveries, to_rfc3339(before));
  };
}

}  // namespace systask::tasks
