#include "service/api/operations.h"

#include <algorithm>

namespace systask::service {
namespace {

// Of every change, and of those that need no reason.
#define SYSTASK_REASON "reason: text, actor?: text"
#define SYSTASK_MAY_REASON "reason?: text, actor?: text"
#define SYSTASK_PAGE "limit: int, after: text"

constexpr Operation kOperations[]{
    {"GET", "/healthz", "Whether the service is alive", "", "", "200 Alive"},
    {"GET", "/readyz", "Whether it can be used; 503 says why not", "", "", "200 Ready"},
    {"GET", "/metrics", "What is measured, for Prometheus", "", "", "200 text/plain"},
    {"GET", "/api", "Everything that can be asked", "", "", "200 [text]"},
    {"GET", "/api/openapi.json", "This document", "", "", "200 any"},
    {"GET", "/api/status", "How the service is", "", "", "200 Status"},

    {"GET", "/api/tasks", "Tasks with their next time and last outcome", SYSTASK_PAGE, "",
     "200 [Task]"},
    {"GET", "/api/tasks/{name}", "One task, by name or number", "", "", "200 TaskInFull"},
    {"GET", "/api/tasks/{name}/why", "What became, or will become, of a task at a time", "at: text",
     "", "200 Why"},
    {"POST", "/api/tasks/{name}/run", "Runs a task once", "",
     "parameters?: {text}, wait_ms?: int, " SYSTASK_MAY_REASON, "200 Run; 202 RunBegun"},
    {"POST", "/api/tasks/{name}/pause", "Starts it no more", "", SYSTASK_REASON, "200 Paused"},
    {"POST", "/api/tasks/{name}/resume", "Starts it again", "", SYSTASK_REASON, "200 Paused"},
    {"POST", "/api/tasks/{name}/hold", "Starts it not in a window", "",
     "from?: text, to: text, " SYSTASK_REASON, "200 Held"},
    {"POST", "/api/tasks/{name}/cancel", "Stops its runs", "", SYSTASK_REASON, "200 Cancelled"},
    {"POST", "/api/tasks/{name}/skip", "Counts as done for a business date", "",
     "business_date?: text, " SYSTASK_REASON, "200 Skipped"},
    {"POST", "/api/tasks/{name}/backfill", "Runs it for past dates", "",
     "from: text, to?: text, concurrency?: int, " SYSTASK_REASON, "200 BackfillBegun"},

    {"GET", "/api/groups", "Groups and how their steps stand today", SYSTASK_PAGE, "",
     "200 [Group]"},
    {"POST", "/api/groups/{name}/pause", "Starts none of its tasks", "", SYSTASK_REASON,
     "200 Paused"},
    {"POST", "/api/groups/{name}/resume", "Starts its tasks again", "", SYSTASK_REASON,
     "200 Paused"},
    {"POST", "/api/groups/{name}/hold", "Starts none of its tasks in a window", "",
     "from?: text, to: text, " SYSTASK_REASON, "200 Held"},
    {"POST", "/api/groups/{name}/cancel", "Stops its runs", "", SYSTASK_REASON, "200 Cancelled"},
    {"POST", "/api/groups/{name}/continue", "Runs what is not done for today", "", SYSTASK_REASON,
     "200 Continued"},
    {"POST", "/api/groups/{name}/run", "Runs all of it for today", "", SYSTASK_REASON,
     "200 BackfillBegun"},
    {"POST", "/api/groups/{name}/backfill", "Runs it for past dates", "",
     "from: text, to?: text, concurrency?: int, " SYSTASK_REASON, "200 BackfillBegun"},

    {"GET", "/api/lanes", "Lanes and their load", SYSTASK_PAGE, "", "200 [Lane]"},
    {"POST", "/api/lanes/{name}/pause", "Starts nothing on it", "", SYSTASK_REASON, "200 Paused"},
    {"POST", "/api/lanes/{name}/resume", "Starts what waits on it", "", SYSTASK_REASON,
     "200 Paused"},
    {"POST", "/api/lanes/{name}/hold", "Starts nothing on it in a window", "",
     "from?: text, to: text, " SYSTASK_REASON, "200 Held"},
    {"POST", "/api/lanes/{name}/cancel", "Stops its runs", "", SYSTASK_REASON, "200 Cancelled"},
    {"POST", "/api/lanes/{name}/resize", "Gives it so many threads", "",
     "threads: int, " SYSTASK_REASON, "200 Resized"},

    {"GET", "/api/holds", "What is paused or has a window", SYSTASK_PAGE, "", "200 [Hold]"},
    {"POST", "/api/holds/{id}/lift", "Ends a hold", "", SYSTASK_REASON, "200 Lifted"},
    {"GET", "/api/alarms", "Alarms that are raised", SYSTASK_PAGE, "", "200 [Alarm]"},
    {"GET", "/api/backfills", "The latest backfills", SYSTASK_PAGE, "", "200 [Backfill]"},
    {"GET", "/api/backfills/{id}", "One backfill with its dates", "wait: flag", "",
     "200 BackfillInFull"},
    {"POST", "/api/backfills/{id}/cancel", "Begins no more of its runs", "", SYSTASK_REASON,
     "200 BackfillCancelled"},

    {"GET", "/api/runs", "Runs, the latest first",
     "since: text, until: text, outcome: text, trigger: text, task: text, order: text, "
     "fold: flag, " SYSTASK_PAGE,
     "", "200 Runs"},
    {"GET", "/api/runs/{id}", "One run in full; waits for its end for so long", "wait_ms: int", "",
     "200 RunInFull"},
    {"POST", "/api/runs/{id}/cancel", "Stops a run", "", SYSTASK_REASON, "200 RunCancelled"},
    {"POST", "/api/runs/{id}/rerun", "Makes an ended run once more", "",
     "wait_ms?: int, " SYSTASK_MAY_REASON, "200 Run; 202 RunBegun"},

    {"GET", "/api/plans", "Plans; those that wait for an operator",
     "quarantined: flag, " SYSTASK_PAGE, "", "200 [Plan]"},
    {"POST", "/api/plans", "Makes a plan", "",
     "name: text, strategy: text, environment?: text, parameters?: {text}, details: [NewDetail], "
     "tolerance_percent?: int, last_date?: int, " SYSTASK_MAY_REASON,
     "201 PlanMade"},
    {"GET", "/api/plans/{id}", "One plan in full", "", "", "200 PlanInFull"},
    {"GET", "/api/plans/{id}/explain", "For each site why it would get the plan, or not", "", "",
     "200 PlanExplained"},
    {"GET", "/api/plans/{id}/trail", "What happened to a plan, oldest first", SYSTASK_PAGE, "",
     "200 [TrailStep]"},
    {"POST", "/api/plans/{id}/pause", "Asks its site to pause it", "", SYSTASK_MAY_REASON,
     "202 PlanAsked"},
    {"POST", "/api/plans/{id}/resume", "Asks its site to resume it", "", SYSTASK_MAY_REASON,
     "202 PlanAsked"},
    {"POST", "/api/plans/{id}/cancel", "Asks its site to cancel it", "", SYSTASK_MAY_REASON,
     "202 PlanAsked"},
    {"POST", "/api/plans/{id}/modify", "Asks its site to take other parameters", "",
     "parameters: {text}, " SYSTASK_MAY_REASON, "202 PlanAsked"},
    {"POST", "/api/plans/{id}/move", "Gives it to another site", "",
     "to: text, " SYSTASK_MAY_REASON, "202 PlanMoved"},
    {"POST", "/api/plans/{id}/release", "Lets a quarantined plan go on", "", SYSTASK_MAY_REASON,
     "202 PlanMoved"},

    {"GET", "/api/sites", "Strategy sites", SYSTASK_PAGE, "", "200 [Site]"},
    {"POST", "/api/sites/{name}/drain", "Takes its plans away", "", SYSTASK_MAY_REASON,
     "202 Draining"},
    {"GET", "/api/orders", "Orders, of one plan or of all", "plan: int, " SYSTASK_PAGE, "",
     "200 [Order]"},
    {"GET", "/api/cache", "What is cached: of each plan how much, of one plan each message",
     "plan: int, " SYSTASK_PAGE, "", "200 [Cached]"},
    {"GET", "/api/quarantine", "Messages that wait for an operator", SYSTASK_PAGE, "",
     "200 [Quarantined]"},
    {"GET", "/api/quarantine/{no}", "One quarantined message with its body", "", "",
     "200 QuarantinedInFull"},
    {"POST", "/api/quarantine/{no}/apply", "Applies it as it is", "", SYSTASK_REASON,
     "200 Decided"},
    {"POST", "/api/quarantine/{no}/skip", "Leaves it out", "", SYSTASK_REASON, "200 Decided"},
    {"POST", "/api/quarantine/{no}/edit", "Applies another body", "",
     "body: {any}, " SYSTASK_REASON, "200 Decided"},
    {"GET", "/api/recoveries", "Attempts to recover plans, newest first",
     "plan: int, open: flag, since: text, " SYSTASK_PAGE, "", "200 [Recovery]"},
    {"GET", "/api/recoveries/times", "How long the phases of recoveries took",
     "plan: int, open: flag, since: text, limit: int", "", "200 RecoveryTimes"},
    {"GET", "/api/audit", "Who changed what, newest first",
     "object: text, since: text, " SYSTASK_PAGE, "", "200 [AuditEntry]"},
};

#undef SYSTASK_REASON
#undef SYSTASK_MAY_REASON
#undef SYSTASK_PAGE

}  // namespace

std::span<const Operation> operations() { return kOperations; }

const Operation* find_operation(std::string_view method, std::string_view path) {
  const auto* const found = std::ranges::find_if(
      kOperations, [&](const Operation& one) { return one.method == method && one.path == path; });
  return found == std::end(kOperations) ? nullptr : found;
}

}  // namespace systask::service
