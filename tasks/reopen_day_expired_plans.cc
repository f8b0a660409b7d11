// Start of day: plans of several days, expired for the day, go on.
#include "tasks/given.h"
#include "tasks/tasks.h"

namespace systask::tasks {

scheduler::Body reopen_day_expired_plans(const TaskParts& parts) {
  return [&parts](const scheduler::RunContext& run) {
    const Given given{run};
    return parts.platform.reopen_day_expired_plans().detail;
  };
}

}  // namespace systask::tasks
