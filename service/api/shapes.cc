// The shapes of answers, and of what requests have within, each once.
#include "service/api/operations.h"

namespace systask::service {
namespace {

constexpr Shape kShapes[]{
    {"Problem", "type: text, title: text, status: int, detail: text, code?: text"},
    {"Alive", "alive: flag"},
    {"Ready", "ready: flag, clock?: text"},
    {"Status",
     "version: text, ready: flag, not_ready: text|null, clock: text|null, failing: int, late: int, "
     "stopped: int, troubles: [Trouble], business_date: int, time: time, uptime_seconds: int, "
     "intake?: {int}, plans?: {int}, plans_with_cache?: int, cached?: int, sites?: {int}, "
     "outbox?: int, queue: int, orders_out: OrdersOut, disputed_sites: [DisputedSite], "
     "lanes: [LaneLoad], database_bytes: int"},
    {"OrdersOut", "to: text|null, connected: [text], waiting: int, longest_ms: int"},
    {"DisputedSite", "site: text, from: text, refused: int, refused_from: text"},
    {"Trouble",
     "state: text, on: text, name: text, run: int|null, since: time|null, until: time|null, "
     "says: text, next: text"},
    {"LaneLoad", "lane: int, priority: int, queued: int, running: int, threads: int"},

    {"Task",
     "id: int, name: text, priority: int, group: text, schedule: text, state: text, "
     "next: time|null, last_outcome: text|null, last_at: time|null, last_detail: text|null, "
     "running_since: time|null, running_run: int|null, waiting: int, held_run: int|null, "
     "retry_run: int|null, retry_at: time|null, paused: Pause|null, failing: Failure|null, "
     "holds: [Hold], today: Step|null"},
    // One that has left the configuration has its number, name, state, schedule and runs only.
    {"TaskInFull", "id: int, name: text, state: text, runs: [Run], parameters?: {text}, ...?Task"},
    {"Pause", "reason: text, actor: text, since: time|null"},
    {"Failure", "run: int, outcome: text, since: time|null, runs: int, reason: text"},
    {"Hold",
     "hold: int, on: text, name: text, kind: text, from: time|null, to: time|null, reason: text, "
     "actor: text, made_at: time|null"},
    {"Step", "state: text, says: text, to_do: text"},
    {"Why",
     "task: text, at: time, kind: text, answer: text, expected: text|null, run: Run|null, "
     "attempts: [Attempt], earlier_passes: [Run], clock: text|null, held: text|null, "
     "today: Step|null, previous: time|null, next: time|null"},

    {"Run",
     "run: int, task: text, task_id: int, nominal: time|null, last_nominal: time|null, pass: int, "
     "state: text, outcome: text, trigger: text, business_date: int, attempt: int, count: int, "
     "claimed_at: time|null, started_at: time|null, finished_at: time|null, waited_ms: int|null, "
     "took_ms: int|null, actor: text, detail: text, gone?: flag"},
    {"RunInFull",
     "...Run, parameters: {text}, given: {text}, reason: text|null, attempts: [Attempt], "
     "output: [Output]"},
    // Where a run cannot be shown yet, only its number and task are there.
    {"RunBegun", "run: int, task: text, ...?Run"},
    {"Attempt",
     "run: int, attempt: int, outcome: text, started_at: time|null, finished_at: time|null, "
     "next_at: time|null, detail: text"},
    {"Output", "attempt: int, bytes: int, cut: int, text: text"},
    {"Runs", "runs: [Run], folded: [Folded], folded_left_out: int, next: text|null"},
    {"Folded",
     "task: text, task_id: int, outcome: text, count: int, at_least: flag, first: time|null, "
     "last: time|null"},
    {"RunCancelled", "run: int, asked: text"},

    {"Paused", "task?: text, group?: text, lane?: text, paused: flag"},
    {"Held", "task?: text, group?: text, lane?: text, hold: int, from: time, to: time"},
    {"Cancelled", "task?: text, group?: text, lane?: text, cancelled: [int]"},
    {"Lifted", "hold: int, lifted: flag"},
    {"Resized", "lane: text, threads: int"},
    {"Skipped", "task: text, business_date: int, run: int"},
    {"Continued", "group: text, steps: int"},
    {"BackfillBegun", "task?: text, group?: text, backfill: int, from: int, to: int"},
    {"BackfillCancelled", "backfill: int, cancelled: flag"},
    {"Lane",
     "lane: int, threads: int, configured: int, running: int, queued: int, paused: flag, "
     "abandoned: int, held: text|null, state: text, holds: HoldsOn"},
    {"HoldsOn", "paused: Hold|null, windows: [Hold]"},
    {"Group",
     "group: text, tasks: int, running: int, held: text|null, paused: Hold|null, windows: [Hold], "
     "steps: [GroupStep]"},
    {"GroupStep",
     "task: text, state: text, says: text, to_do: text, last_outcome: text|null, last_date: int"},
    {"Alarm", "task: text, alarm: text, business_date: int|null, since: time|null, says: text"},
    {"Backfill",
     "backfill: int, on: text, name: text, state: text, from: int, to: int, dates: int, runs: int, "
     "done: int, succeeded: int, begun_at: time|null, ended_at: time|null, cancelled_by: text, "
     "actor: text, reason: text"},
    {"BackfillInFull", "...Backfill, outcomes: [BackfillDate]"},
    {"BackfillDate",
     "business_date: int, outcome: text, steps: int, done: int, succeeded: int, run: int|null, "
     "task: text|null, detail: text|null"},

    {"NewDetail", "market_no: int, stock_code: text, entrust_direction: int, quantity: int", true},
    {"PlanMade", "plan: int, site: text, business_date: int"},
    {"PlanAsked", "plan: int, number: int, seq: int"},
    {"PlanMoved", "plan: int"},
    {"Plan",
     "plan: int, name: text, strategy: text, environment: text, business_date: int, "
     "last_date: int, status: text, status_name: text, saved_status: text|null, "
     "saved_status_name: text|null, phase: text|null, site: text|null, epoch: int, "
     "last_number: int, applied_number: int, quantity: int, ordered: int, filled: int, "
     "amount: text, tolerance_percent: int, parameters: {text}, quarantine_reason: text|null, "
     "reason: text|null, "
     "created_by: text, created_at: time|null, status_at: time|null"},
    {"PlanInFull",
     "plan: int, business_date: int, name: text, strategy: text, environment: text, status: text, "
     "status_name?: text, parameters: {text}, tolerance_percent: int, details: [PlanDetail], "
     "abnormal: flag, epoch: int, "
     "site: text, last_number: int, last: int, skipped: int, cached: int, digest: text, "
     "reason: text|null"},
    {"PlanDetail",
     "market_no: int, stock_code: text, entrust_direction: int, quantity: int, ordered: int, "
     "filled: int, amount: text"},
    {"PlanExplained", "plan: int, site: text, state: text, sites: [SiteAnswer]"},
    {"SiteAnswer", "site: text, answer: text"},
    {"TrailStep",
     "at: time|null, what: text, site: text, who: text, detail: text, action: text, actor: text"},
    {"Site",
     "site: int, name: text, environment: text, strategies: text, capacity: int, plans: int, "
     "draining: flag, live: flag, session: int, logged_in_at: time|null, lost_at: time|null, "
     "state: text"},
    {"Draining", "site: text, draining: flag"},
    {"Order",
     "order: int, plan: int, business_date: int, market: int, security: text, side: int, "
     "price: text, quantity: int, filled: int, cancelled: int, amount: text, state: text, "
     "number: text|null, algo_ordid: text|null, combined: int|null, epoch: int, "
     "cause: text|null, state_name: text, side_name: text, order_number: text|null"},
    // Of all plans: how much of each is cached; of one plan: each message.
    {"Cached",
     "plan: int, messages?: int, first_number?: int, last_number?: int, oldest?: time|null, "
     "number?: int, business_date?: int, function?: int, market?: int, order_number?: text|null, "
     "topic?: text|null, received_at?: time|null, message_id?: text|null, body?: text|null, "
     "body_bytes?: int"},
    {"Quarantined",
     "no: int, received_at: time|null, function: int|null, business_date: int|null, "
     "plan: int|null, number: int|null, market: int|null, order_number: text|null, reason: text, "
     "message_id: text|null, body: text|null, body_bytes?: int|null"},
    {"QuarantinedInFull",
     "no: int, message_id: text, function: int, business_date: int, plan: int, number: int, "
     "market: int, order_number: text, reason: text, body: any"},
    {"Decided", "outcome: text, plan: int, number: int, released: flag"},
    {"Recovery",
     "recovery: int, plan: int, attempt: int, from_site: text|null, to_site: text|null, why: text, "
     "lost_at: time|null, noticed_at: time|null, offered_at: time|null, rebuilt_at: time|null, "
     "claimed_at: time|null, replayed_at: time|null, finished_at: time|null, replayed: int|null, "
     "outcome: text, phase: text, notice_us: int|null, choose_us: int|null, rebuild_us: int|null, "
     "claim_us: int|null, replay_us: int|null, finish_us: int|null, all_us: int|null, "
     "site_digest: text|null, platform_digest: text|null"},
    {"RecoveryTimes", "recovered: int, failed: int, open: int, phases: [PhaseTimes]"},
    {"PhaseTimes",
     "phase: text, count: int, p50_us: int|null, p90_us: int|null, p99_us: int|null, "
     "max_us: int|null"},
    {"AuditEntry",
     "no: int, at: time|null, actor: text, action: text, object: text, before: any, after: any, "
     "reason: text|null"},
};

}  // namespace

std::span<const Shape> shapes() { return kShapes; }

}  // namespace systask::service
