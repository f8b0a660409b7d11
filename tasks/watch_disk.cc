// Warns before the database has no room: less than `least_free_percent` or
// `least_free_mib` free on its file system, or a log of more than `most_log_mib`.
#include <fmt/format.h>

#include "base/log.h"
#include "tasks/given.h"
#include "tasks/tasks.h"

namespace systask::tasks {

ParameterRules watch_disk_parameters() {
  return {number("least_free_percent", 10, 0, 100),
          number("least_free_mib", 1'024, 0, 1'000'000'000),
          number("most_log_mib", 512, 1, 1'000'000'000)};
}

scheduler::Body watch_disk(const TaskParts& parts) {
  return [&parts](const scheduler::RunContext& run) {
    const Given given{run, watch_disk_parameters()};
    const std::int64_t least_percent = given.number("least_free_percent");
    const std::int64_t least_mib = given.number("least_free_mib");
    const std::int64_t most_log_mib = given.number("most_log_mib");
    constexpr std::int64_t kMib = 1024 * 1024;
    const trading::Upkeep::Space space = parts.upkeep.space();
    // Hundredths first: exabytes times a hundred do not fit.
    const std::int64_t percent =
        space.total_bytes < 100 ? 0 : space.free_bytes / (space.total_bytes / 100);
    const std::int64_t free_mib = space.free_bytes / kMib;
    const std::int64_t log_mib = space.log_bytes / kMib;
    if (percent < least_percent || free_mib < least_mib)
      log::warn("the disk of the database is nearly full: make room, or nothing can be committed",
                {{"run", run.id}, {"free_mib", free_mib}, {"free_percent", percent}});
    if (log_mib > most_log_mib)
      log::warn(
          "the log of the database has grown: a reader has it open for long; find it, then "
          "run checkpoint-database",
          {{"run", run.id}, {"log_mib", log_mib}, {"most_mib", most_log_mib}});
    return fmt::format("database {} MiB, log {} MiB, {} MiB ({} %) free",
                       space.database_bytes / kMib, log_mib, free_mib, percent);
  };
}

}  // namespace systask::tasks
