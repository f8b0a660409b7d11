// Orders against fills against the totals of plans: they must tell the same story.
#include "base/log.h"
#include "tasks/given.h"
#include "tasks/tasks.h"

namespace systask::tasks {

scheduler::Body reconcile_totals(const TaskParts& parts) {
  return [&parts](const scheduler::RunContext& run) {
    const Given given{run};
    const trading::WorkReport report = parts.platform.reconcile_totals();
    if (report.rows > 0)
      log::warn(
          "orders, fills and plan totals differ: compare the plans named with the order "
          "system before anyone trades on",
          {{"run", run.id}, {"differences", report.rows}, {"detail", report.detail}});
    return report.detail;
  };
}

}  // namespace systask::tasks
