// Start of day: what ended on an earlier business date moves to the twin tables.
#include "tasks/given.h"
#include "tasks/tasks.h"

namespace systask::tasks {

scheduler::Body archive_day(const TaskParts& parts) {
  return [&parts](const scheduler::RunContext& run) {
    const Given given{run};
    return parts.platform.archive_day().detail;
  };
}

}  // namespace systask::tasks
