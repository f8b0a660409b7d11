// Moves what the database's log holds into the database, so that the log stays short.
#include <fmt/format.h>

#include "tasks/given.h"
#include "tasks/tasks.h"

namespace systask::tasks {

scheduler::Body checkpoint_database(const TaskParts& parts) {
  return [&parts](const scheduler::RunContext& run) {
    const Given given{run};
    const trading::Upkeep::Checkpoint done = parts.upkeep.checkpoint();
    return fmt::format("{} of {} pages of the log moved into the database", done.checkpointed,
                       done.frames);
  };
}

}  // namespace systask::tasks
