// Plans whose market's last session has been over for a minute expire.
#include "tasks/given.h"
#include "tasks/tasks.h"

namespace systask::tasks {

scheduler::Body expire_plans(const TaskParts& parts) {
  return [&parts](const scheduler::RunContext& run) {
    const Given given{run};
    return parts.platform.expire_plans().detail;
  };
}

}  // namespace systask::tasks
