// Looks for damage in the database file: `check: quick` (pages and rows), or `full` (also
// every index against its table). Damage fails the run, and is named.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/log.h"
#include "tasks/given.h"
#include "tasks/tasks.h"

namespace systask::tasks {

ParameterRules verify_database_parameters() { return {word("check", {"quick", "full"})}; }

scheduler::Body verify_database(const TaskParts& parts) {
  return [&parts](const scheduler::RunContext& run) {
    constexpr int kMostProblems = 10;
    const Given given{run, verify_database_parameters()};
    const std::string check = given.word("check");
    const trading::Upkeep::Verified verified =
        parts.upkeep.verify(check == "full", kMostProblems, run.stop);
    if (!verified.problems.empty()) {
      log::error("the database file is damaged: stop the service and restore a backup",
                 {{"run", run.id}, {"first", verified.problems.front()}});
      throw std::runtime_error(
          fmt::format("the database file is damaged: stop the service and restore a backup. The "
                      "first problems: {}",
                      fmt::join(verified.problems, "; ")));
    }
    if (verified.stopped)
      throw scheduler::RunStopped("stopped before all of the database was looked at");
    return fmt::format("the {} check found no problem", check);
  };
}

}  // namespace systask::tasks
