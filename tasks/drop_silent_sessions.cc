// Task 402997: drops client sessions that have been silent for `silent` (120 s).
#include <fmt/format.h>

#include "scheduler/when/duration.h"
#include "tasks/given.h"
#include "tasks/tasks.h"

namespace systask::tasks {

ParameterRules drop_silent_sessions_parameters() {
  return {duration("silent", std::chrono::seconds{120}, std::chrono::seconds{1})};
}

scheduler::Body drop_silent_sessions(const TaskParts& parts) {
  return [&parts](const scheduler::RunContext& run) {
    const Given given{run, drop_silent_sessions_parameters()};
    const Micros silent = given.duration("silent");
    const std::size_t dropped = parts.drop_silent_sessions(silent);
    return fmt::format("{} client sessions dropped that were silent for {}", dropped,
                       scheduler::format_duration(silent));
  };
}

}  // namespace systask::tasks
