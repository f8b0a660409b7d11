// Every scheduled task, one line each: the name tasks.yaml uses, and the function of its file,
// `scheduler::Body NAME(const TaskParts&)`. The line declares and registers it. A TASK declares its
// parameters beside it, `ParameterRules NAME_parameters()`; a PLAIN one takes none.
#include "tasks/parameters.h"
#include "tasks/tasks.h"

#define SYSTASK_TASKS(TASK, PLAIN)                            \
  PLAIN("recover-plans", recover_plans)                       \
  PLAIN("expire-sites", expire_sites)                         \
  PLAIN("retry-outbox", retry_outbox)                         \
  PLAIN("apply-parked", apply_parked)                         \
  TASK("drop-silent-sessions", drop_silent_sessions)          \
  PLAIN("archive-day", archive_day)                           \
  TASK("clear-message-cache", clear_message_cache)            \
  PLAIN("roll-business-date", roll_business_date)             \
  PLAIN("reopen-day-expired-plans", reopen_day_expired_plans) \
  PLAIN("expire-plans", expire_plans)                         \
  PLAIN("reconcile-totals", reconcile_totals)                 \
  TASK("watch-cache-depth", watch_cache_depth)                \
  TASK("watch-quarantine", watch_quarantine)                  \
  TASK("watch-clock", watch_clock)                            \
  TASK("watch-disk", watch_disk)                              \
  TASK("watch-lanes", watch_lanes)                            \
  TASK("watch-order-system", watch_order_system)              \
  PLAIN("watch-sites", watch_sites)                           \
  TASK("prune-runs", prune_runs)                              \
  TASK("prune-audit", prune_audit)                            \
  PLAIN("checkpoint-database", checkpoint_database)           \
  TASK("verify-database", verify_database)                    \
  TASK("backup-database", backup_database)                    \
  PLAIN("metrics-snapshot", metrics_snapshot)

namespace systask::tasks {

#define SYSTASK_PLAIN(name, make) scheduler::Body make(const TaskParts& parts);
#define SYSTASK_TASK(name, make) \
  SYSTASK_PLAIN(name, make)      \
  ParameterRules make##_parameters();
SYSTASK_TASKS(SYSTASK_TASK, SYSTASK_PLAIN)
#undef SYSTASK_PLAIN
#undef SYSTASK_TASK

namespace {

struct Row {
  std::string_view name;
  scheduler::Body (*make)(const TaskParts& parts);
  ParameterRules (*parameters)();  // null: it takes none
};

#define SYSTASK_TASK(name, make) Row{name, make, make##_parameters},
#define SYSTASK_PLAIN(name, make) Row{name, make, nullptr},
constexpr Row kTable[] = {SYSTASK_TASKS(SYSTASK_TASK, SYSTASK_PLAIN)};
#undef SYSTASK_PLAIN
#undef SYSTASK_TASK

}  // namespace

std::vector<std::string> task_names() {
  std::vector<std::string> names;
  for (const Row& row : kTable)
    names.emplace_back(row.name);
  return names;
}

std::optional<ParameterRules> parameters_of(std::string_view task) {
  for (const Row& row : kTable)
    if (row.name == task) return row.parameters == nullptr ? ParameterRules{} : row.parameters();
  return std::nullopt;
}

void register_tasks(scheduler::Registry& registry, const TaskParts& parts) {
  for (const Row& row : kTable)
    registry.add(std::string{row.name}, row.make(parts));
}

PlatformWork work_of(trading::Platform& platform) {
  return {.recover_plans = [&platform] { return platform.recover_plans(); },
          .expire_sites = [&platform] { return platform.expire_sites(); },
          .retry_outbox = [&platform] { return platform.retry_outbox(); },
          .apply_parked = [&platform] { return platform.apply_parked(); },
          .archive_day = [&platform] { return platform.archive_day(); },
          .clear_message_cache =
              [&platform](int keep_days) { return platform.clear_message_cache(keep_days); },
          .roll_business_date = [&platform] { return platform.roll_business_date(); },
          .reopen_day_expired_plans = [&platform] { return platform.reopen_day_expired_plans(); },
          .expire_plans = [&platform](bool by_hand) { return platform.expire_plans(by_hand); },
          .reconcile_totals = [&platform] { return platform.reconcile_totals(); },
          .orders_out = [&platform] { return platform.orders_out(); },
          .disputed_names = [&platform] { return platform.disputed_names(); }};
}

}  // namespace systask::tasks
