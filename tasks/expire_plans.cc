// Plans whose market's last session has been over for a minute expire. A scheduled run does not
// believe a clock that was set ahead within the last minute; a run by hand does.
#include "tasks/given.h"
#include "tasks/tasks.h"

namespace systask::tasks {

scheduler::Body expire_plans(const TaskParts& parts) {
  return [&parts](const scheduler::RunContext& run) {
    const Given given{run};
    return parts.platform.expire_plans(run.trigger == scheduler::Trigger::kManual).detail;
  };
}

}  // namespace systask::tasks
