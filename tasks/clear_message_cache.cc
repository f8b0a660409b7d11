// Start of day: cached messages of an earlier business date are applied by the platform,
// archived, and cleared; today's stay. The archive keeps `keep_days` days.
#include "tasks/given.h"
#include "tasks/tasks.h"

namespace systask::tasks {

ParameterRules clear_message_cache_parameters() { return {number("keep_days", 30, 1, 36'500)}; }

scheduler::Body clear_message_cache(const TaskParts& parts) {
  return [&parts](const scheduler::RunContext& run) {
    const Given given{run, clear_message_cache_parameters()};
    const auto keep_days = static_cast<int>(given.number("keep_days"));
    return parts.platform.clear_message_cache(keep_days).detail;
  };
}

}  // namespace systask::tasks
