// Sites that have been silent too long are lost, and their plans wait for another. The
// safety net of what connections and heartbeats notice at once.
#include "tasks/given.h"
#include "tasks/tasks.h"

namespace systask::tasks {

scheduler::Body expire_sites(const TaskParts& parts) {
  return [&parts](const scheduler::RunContext& run) {
    const Given given{run};
    return parts.platform.expire_sites().detail;
  };
}

}  // namespace systask::tasks
