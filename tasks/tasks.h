// The scheduled tasks: what they work with, and how they get into the scheduler.
//
// TaskParts is filled in by whoever puts the service together; it must outlive the lanes
// that run the tasks. Bodies run on lanes' threads, several at once, and may wait.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "scheduler/engine/status.h"
#include "scheduler/lanes/lanes.h"
#include "scheduler/ports/run_attempts.h"
#include "scheduler/ports/run_ledger.h"
#include "scheduler/ports/run_outputs.h"
#include "scheduler/registry.h"
#include "trading/platform.h"
#include "trading/ports/message_store.h"
#include "trading/ports/upkeep.h"

namespace systask::tasks {

// What the platform does for tasks; a test puts its own functions here.
struct PlatformWork {
  std::function<trading::RecoveryReport()> recover_plans;
  std::function<trading::WorkReport()> expire_sites;
  std::function<trading::WorkReport()> retry_outbox;
  std::function<trading::WorkReport()> apply_parked;
  std::function<trading::WorkReport()> archive_day;
  std::function<trading::WorkReport(int keep_days)> clear_message_cache;
  std::function<trading::WorkReport()> roll_business_date;
  std::function<trading::WorkReport()> reopen_day_expired_plans;
  std::function<trading::WorkReport(bool by_hand)> expire_plans;
  // rows: the differences found.
  std::function<trading::WorkReport()> reconcile_totals;
  std::function<trading::OrdersOutView()> orders_out;
  std::function<std::vector<trading::DisputedName>()> disputed_names;
};
// The platform must outlive the work.
[[nodiscard]] PlatformWork work_of(trading::Platform& platform);

// A run that is under way.
struct RunningRun {
  scheduler::TaskId task;
  std::string name;
  scheduler::RunId run;
  TimePoint since;
};

struct TaskParts {
  PlatformWork platform;
  trading::Upkeep& upkeep;
  trading::MessageCache& cache;
  trading::MessageStore& messages;
  scheduler::RunLedger& ledger;
  scheduler::RunAttempts& attempts;
  scheduler::RunOutputs& outputs;
  const Clock& clock;
  // Drops client sessions silent for so long; how many.
  std::function<std::size_t(Micros silent)> drop_silent_sessions;
  std::function<std::string()> metrics_text;  // as /metrics serves it
  std::function<std::vector<RunningRun>()> running;
  std::function<std::vector<scheduler::Lanes::Depth>()> lane_depths;
  // The lanes in which a run has waited for a thread for so long.
  std::function<std::vector<scheduler::LaneWait>(Micros)> lane_waits;
  std::string metrics_file = "metrics.prom";
  std::string backup_directory = "backup";
};

// The names of all tasks, in the order of tasks/table.cc.
[[nodiscard]] std::vector<std::string> task_names();

void register_tasks(scheduler::Registry& registry, const TaskParts& parts);

}  // namespace systask::tasks
