// Start of day: opens the new business date.
#include "tasks/given.h"
#include "tasks/tasks.h"

namespace systask::tasks {

scheduler::Body roll_business_date(const TaskParts& parts) {
  return [&parts](const scheduler::RunContext& run) {
    const Given given{run};
    return parts.platform.roll_business_date().detail;
  };
}

}  // namespace systask::tasks
