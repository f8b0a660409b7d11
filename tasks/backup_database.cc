// Copies the database while it is used, and keeps the newest `keep` copies.
#include <fmt/format.h>

#include "tasks/given.h"
#include "tasks/tasks.h"

namespace systask::tasks {

scheduler::Body backup_database(const TaskParts& parts) {
  return [&parts](const scheduler::RunContext& run) {
    const Given given{run, {"keep"}};
    const auto keep = static_cast<int>(given.number("keep", 7, 1, 10'000));
    const trading::Upkeep::Backup made =
        parts.upkeep.backup(parts.backup_directory, keep, parts.clock.now());
    return fmt::format("{} bytes copied to {}, {} older copies removed", made.bytes, made.file,
                       made.removed);
  };
}

}  // namespace systask::tasks
