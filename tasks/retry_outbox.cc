// Makes again the publications that the message centre did not take.
#include "tasks/given.h"
#include "tasks/tasks.h"

namespace systask::tasks {

scheduler::Body retry_outbox(const TaskParts& parts) {
  return [&parts](const scheduler::RunContext& run) {
    const Given given{run};
    return parts.platform.retry_outbox().detail;
  };
}

}  // namespace systask::tasks
