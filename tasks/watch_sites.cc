// Fails while two processes use the name of one site, and throw each other out.
#include <fmt/format.h>

#include <stdexcept>

#include "tasks/given.h"
#include "tasks/tasks.h"

namespace systask::tasks {

scheduler::Body watch_sites(const TaskParts& parts) {
  return [&parts](const scheduler::RunContext& run) -> std::string {
    const Given given{run};
    const auto disputed = parts.platform.disputed_names();
    if (disputed.empty()) return "each site's name is used by one process";
    std::string says;
    for (const trading::DisputedName& name : disputed)
      says += fmt::format(
          "{}site {} is logged in from {}, and logins were refused: {}, the last from {}",
          says.empty() ? "" : "; ", name.site, name.holder, name.refused, name.refused_from);
    throw std::runtime_error(says +
                             ": two processes use one name. Stop one, or give it a name and "
                             "a secret of its own");
  };
}

}  // namespace systask::tasks
