// Messages that wait for their order are applied as soon as it is known; those whose order
// never came within park_max go to quarantine here, with the reason.
#include "tasks/given.h"
#include "tasks/tasks.h"

namespace systask::tasks {

scheduler::Body apply_parked(const TaskParts& parts) {
  return [&parts](const scheduler::RunContext& run) {
    const Given given{run};
    return parts.platform.apply_parked().detail;
  };
}

}  // namespace systask::tasks
