// Start of day: cached messages of an earlier business date are applied by the platform,
// archived, and cleared; today's stay. The archive keeps `keep_days` days.
#include "tasks/given.h"
#include "tasks/tasks.h"

namespace systask::tasks {

scheduler::Body clear_message_cache(const TaskParts& parts) {
  return [&parts](const scheduler::RunContext& run) {
    const Given given{run, {"keep_days"}};
    const auto keep_days = static_cast<int>(given.number("keep_days", 30, 1, 36'500));
    return parts.platform.clear_message_cache(keep_days).detail;
  };
}

}  // namespace systask::tasks
