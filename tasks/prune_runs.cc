// Drops rows of the run ledger older than `keep`, the attempts and outputs of runs that have no row
// any more, and the oldest outputs beyond `output_mib`: a little at a time, so that claims and
// outcomes never wait for it long.
#include <fmt/format.h>

#include <algorithm>
#include <cstdint>

#include "tasks/given.h"
#include "tasks/prune.h"
#include "tasks/tasks.h"

namespace systask::tasks {

ParameterRules prune_runs_parameters() {
  return {duration("keep", std::chrono::days{7}, std::chrono::hours{1}),
          number("output_mib", 512, 0, 1'000'000)};
}

scheduler::Body prune_runs(const TaskParts& parts) {
  return [&parts](const scheduler::RunContext& run) {
    constexpr std::size_t kAtOnce = 2'000;
    const Given given{run, prune_runs_parameters()};
    const Micros keep = given.duration("keep");
    const auto mib = static_cast<std::uint64_t>(given.number("output_mib"));
    const TimePoint before = run.nominal - keep;
    const std::size_t dropped = drop_in_steps(
        run, kAtOnce, "rows", [&](std::size_t limit) { return parts.ledger.prune(before, limit); });
    // Ids are given in the order in which runs are made.
    const scheduler::RunId oldest = parts.ledger.lowest_id();
    const std::size_t attempts = drop_in_steps(run, kAtOnce, "attempts", [&](std::size_t limit) {
      return parts.attempts.prune(oldest, limit);
    });
    const scheduler::RunId fitting = parts.outputs.first_within(mib * 1024 * 1024);
    const std::size_t outputs = drop_in_steps(run, kAtOnce, "outputs", [&](std::size_t limit) {
      return parts.outputs.prune(std::max(oldest, fitting), limit);
    });
    return fmt::format(
        "{} rows of runs before {} dropped, {} attempts of runs that are gone, {} "
        "outputs of such runs or beyond {} MiB",
        dropped, to_rfc3339(before), attempts, outputs, mib);
  };
}

}  // namespace systask::tasks
