// Drops rows of the run ledger older than `keep`, a little at a time, so that claims and
// outcomes never wait for it long.
#include <fmt/format.h>

#include "tasks/given.h"
#include "tasks/tasks.h"

namespace systask::tasks {

scheduler::Body prune_runs(const TaskParts& parts) {
  return [&parts](const scheduler::RunContext& run) {
    constexpr std::size_t kAtOnce = 2'000;
    const Given given{run, {"keep"}};
    const Micros keep = given.duration("keep", std::chrono::days{7}, std::chrono::hours{1});
    const TimePoint before = run.nominal - keep;
    std::size_t dropped = 0;
    for (std::size_t some = kAtOnce; some == kAtOnce;) {
      if (run.stop.stop_requested())
        throw scheduler::RunStopped(
            fmt::format("stopped after {} rows; the next run goes on", dropped));
      some = parts.ledger.prune(before, kAtOnce);
      dropped += some;
    }
    return fmt::format("{} rows of runs before {} dropped", dropped, to_rfc3339(before));
  };
}

}  // namespace systask::tasks
