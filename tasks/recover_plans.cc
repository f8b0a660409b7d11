// Task 5180509: finds plans without a site, chooses one that can run each, and asks it to
// rebuild the plan. A login, a heartbeat and a lost connection start it at once; each
// second it is the safety net.
#include <fmt/format.h>

#include "tasks/given.h"
#include "tasks/tasks.h"

namespace systask::tasks {

scheduler::Body recover_plans(const TaskParts& parts) {
  return [&parts](const scheduler::RunContext& run) -> std::string {
    const Given given{run};
    const trading::RecoveryReport report = parts.platform.recover_plans();
    if (report.waiting + report.offered + report.timed_out + report.submitted + report.under_way ==
        0)
      return "nothing to recover";
    return fmt::format(
        "{} rebuilds asked for, {} under way, {} taken back after their timeout, {} plans given to "
        "their first site, {} waiting for a site",
        report.offered, report.under_way, report.timed_out, report.submitted, report.waiting);
  };
}

}  // namespace systask::tasks
