// Copies the database while it is used, and keeps the newest `keep` copies.
#include <fmt/format.h>

#include "tasks/given.h"
#include "tasks/tasks.h"

namespace systask::tasks {

ParameterRules backup_database_parameters() { return {number("keep", 7, 1, 10'000)}; }

scheduler::Body backup_database(const TaskParts& parts) {
  return [&parts](const scheduler::RunContext& run) {
    const Given given{run, backup_database_parameters()};
    const auto keep = static_cast<int>(given.number("keep"));
    const trading::Upkeep::Backup made =
        parts.upkeep.backup(parts.backup_directory, keep, parts.clock.now());
    return fmt::format("{} bytes copied to {}, {} older copies removed", made.bytes, made.file,
                       made.removed);
  };
}

}  // namespace systask::tasks
