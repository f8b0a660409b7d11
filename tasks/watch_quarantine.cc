// Warns when more than `most` messages wait in quarantine for a person.
#include <fmt/format.h>

#include "base/log.h"
#include "tasks/given.h"
#include "tasks/tasks.h"

namespace systask::tasks {

ParameterRules watch_quarantine_parameters() { return {number("most", 0, 0, 1'000'000'000)}; }

scheduler::Body watch_quarantine(const TaskParts& parts) {
  return [&parts](const scheduler::RunContext& run) {
    const Given given{run, watch_quarantine_parameters()};
    const std::int64_t most = given.number("most");
    const std::int64_t waiting = parts.messages.count(trading::Disposition::kQuarantined);
    if (waiting > most)
      log::warn("messages wait in quarantine: look at them with systask quarantine, each says why",
                {{"run", run.id}, {"messages", waiting}, {"most", most}});
    return fmt::format("{} messages in quarantine, {} allowed", waiting, most);
  };
}

}  // namespace systask::tasks
