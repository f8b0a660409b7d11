#include "db/run_ledger.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <map>

#include "db/run_rows.h"
#include "db/statement.h"

namespace systask::db {
namespace {

using scheduler::RunId;
using scheduler::RunKey;
using scheduler::RunRow;
using scheduler::RunState;
using scheduler::TaskId;
using scheduler::TaskPast;

// A row is claimed by whoever comes first.
constexpr std::string_view kNothing = "nothing";
// A row of missed occurrences grows.
constexpr std::string_view kGrow =
    "update set last_nominal_us = excluded.last_nominal_us, missed_count = excluded.missed_count, "
    "finished_at_us = excluded.finished_at_us, detail = excluded.detail "
    "where tstp_systemtask_run.run_state = excluded.run_state";

std::string select_runs(std::string_view rest, std::string_view from = "tstp_systemtask_run_all") {
  return fmt::format("select {} from {} {}", run_columns(), from, rest);
}
constexpr std::string_view kRows = "tstp_systemtask_run";
constexpr std::string_view kClaimed = "tstp_systemtask_run_claimed";
constexpr std::string_view kIndexed = "(select indexed_us from tstp_systemtask_run_indexed)";

// The runs of :task that have their entry in the index, latest first.
std::string select_indexed(std::string_view which, std::string_view limit) {
  return fmt::format(
      "select {} from tstp_systemtask_run_of_task i join tstp_systemtask_run r "
      "on r.nominal_us = i.nominal_us and r.task_id = i.task_id and r.run_key = i.run_key "
      "where i.task_id = :task and i.nominal_us <= {} and {} "
      "order by i.nominal_us desc, i.run_key desc {}",
      run_columns("r."), kIndexed, which, limit);
}

// Of each pass over it, the row of occurrences missed together that begins last before :nominal:
// rows of one pass do not overlap, so none but these can cover it.
constexpr std::string_view kCovering =
    "join (select pass.run_key as pass_key, (select max(m.nominal_us) from tstp_systemtask_run m "
    "where m.task_id = :task and m.run_key = pass.run_key and m.nominal_us <= :nominal and "
    "m.missed_count > 1) as begins from (select 0 as run_key union all "
    "select -pass_no from tstp_systemtask_clock_step) pass) "
    "on nominal_us = begins and task_id = :task and run_key = pass_key "
    "where last_nominal_us >= :nominal order by run_key";

// What scheduler::is_dealt_with() says, of the rows of schedules.
std::string dealt_with(std::string_view table) {
  return fmt::format(
      "{0}run_key <= 0 and ({0}started_at_us is not null or {0}attempt > 1 or {0}run_state not in "
      "('skipped_overlap', 'skipped_lane_full', 'skipped_window', 'skipped_paused', "
      "'skipped_late', 'coalesced', 'held', 'refused'))",
      table);
}

struct Writes {
  explicit Writes(soci::session& sql)
      : insert(sql, kNothing),
        inserts(sql),
        grow(sql, kGrow),
        update(sql),
        latest(sql, "select max(nominal_us) from tstp_systemtask_run"),
        move(sql,
             "update tstp_systemtask_due set watermark_us = :watermark, next_due_us = :next "
             "where task_id = :task"),
        old(sql,
            "select nominal_us, task_id, run_key, run_id, run_trigger <> 'schedule' "
            "from tstp_systemtask_run where nominal_us < :before and run_state <> 'claimed' "
            "and run_state <> 'waiting' order by nominal_us, task_id, run_key limit :most"),
        remove(sql,
               "delete from tstp_systemtask_run "
               "where nominal_us = :nominal and task_id = :task and run_key = :key"),
        step(sql,
             "insert into tstp_systemtask_clock_step (pass_no, from_us, to_us, until_us) "
             "values (:pass, :from, :to, :until)"),
        old_steps(sql, "delete from tstp_systemtask_clock_step where pass_no <= :pass"),
        give_reason(sql,
                    "insert into tstp_systemtask_run_request (run_id, reason) "
                    "values (:run, :reason) on conflict (run_id) do nothing"),
        give_parameter(sql,
                       "insert into tstp_systemtask_run_parameter (run_id, name, value) "
                       "values (:run, :name, :value) on conflict (run_id, name) do nothing"),
        drop_reason(sql, "delete from tstp_systemtask_run_request where run_id = :run"),
        drop_parameters(sql, "delete from tstp_systemtask_run_parameter where run_id = :run") {}

  void give(const scheduler::RunGiven& given) {
    give_reason.run(given.run, given.reason);
    for (const auto& [name, value] : given.parameters)
      give_parameter.run(given.run, name, value);
  }
  void drop_given(RunId run) {
    drop_reason.run(run);
    drop_parameters.run(run);
  }

  RunInsert insert;
  RunInserts inserts;
  RunInsert grow;
  RunUpdate update;
  Query<Params<>, std::optional<TimePoint>> latest;
  Command<TimePoint, std::optional<TimePoint>, TaskId> move;
  Query<Params<TimePoint, std::int64_t>, TimePoint, TaskId, std::int64_t, RunId, bool> old;
  Command<TimePoint, TaskId, std::int64_t> remove;
  Command<std::int64_t, TimePoint, TimePoint, TimePoint> step;
  Command<std::int64_t> old_steps;
  Command<RunId, std::string> give_reason;
  Command<RunId, std::string, std::string> give_parameter;
  Command<RunId> drop_reason;
  Command<RunId> drop_parameters;
};

void move_watermarks(Writes& writes, std::span<const scheduler::WatermarkMove> moves) {
  for (const scheduler::WatermarkMove& move : moves) {
    const bool never = move.next_due == scheduler::kNever;
    writes.move.run(move.watermark, never ? std::nullopt : std::optional{move.next_due}, move.task);
  }
}

struct Reads {
  explicit Reads(soci::session& sql)
      : open(sql, select_runs("where run_state = 'claimed' or run_state = 'waiting' "
                              "order by nominal_us, task_id, run_key")),
        highest(sql,
                "select max(id) from (select coalesce(max(run_id), 0) as id "
                "from tstp_systemtask_run union all "
                "select coalesce(max(run_id), 0) from tstp_systemtask_run_claimed)"),
        lowest(sql, "select coalesce(min(run_id), 0) from tstp_systemtask_run"),
        by_id(sql, select_runs("where run_id = :id")),
        latest(sql, select_runs("where nominal_us < :before "
                                "order by nominal_us desc, task_id desc, run_key desc "
                                "limit :most")),
        tail_of(sql, select_runs(fmt::format("where nominal_us > {} and nominal_us < :before "
                                             "and task_id = :task order by nominal_us desc, "
                                             "task_id desc, run_key desc limit :most",
                                             kIndexed),
                                 kRows)),
        claimed_of(sql, select_runs("where nominal_us < :before and task_id = :task", kClaimed)),
        indexed_of(sql, select_indexed("i.nominal_us < :before", "limit :most")),
        exact(sql, select_runs("where nominal_us = :nominal and task_id = :task and run_key <= 0 "
                               "order by run_key")),
        covering(sql, select_runs(kCovering, kRows)),
        steps(sql,
              "select pass_no, from_us, to_us, until_us from tstp_systemtask_clock_step "
              "order by pass_no desc"),
        dealt_indexed(sql, fmt::format("select i.nominal_us from tstp_systemtask_run_of_task i "
                                       "join tstp_systemtask_run r on r.nominal_us = i.nominal_us "
                                       "and r.task_id = i.task_id and r.run_key = i.run_key "
                                       "where i.task_id = :task and i.nominal_us > :after and "
                                       "i.nominal_us <= :until and i.nominal_us <= {} and {}",
                                       kIndexed, dealt_with("r."))),
        dealt_tail(sql, fmt::format("select nominal_us from tstp_systemtask_run where "
                                    "nominal_us > {0} and nominal_us > :after and "
                                    "nominal_us <= :until and task_id = :task and {1} union all "
                                    "select nominal_us from tstp_systemtask_run_claimed where "
                                    "nominal_us > :after and nominal_us <= :until and "
                                    "task_id = :task",
                                    kIndexed, dealt_with(""))) {}

  RunRows<> open;
  Query<Params<>, RunId> highest;
  Query<Params<>, RunId> lowest;
  RunRows<RunId> by_id;
  RunRows<TimePoint, std::int64_t> latest;
  RunRows<TimePoint, TaskId, std::int64_t> tail_of;
  RunRows<TimePoint, TaskId> claimed_of;
  RunRows<TaskId, TimePoint, std::int64_t> indexed_of;
  RunRows<TimePoint, TaskId> exact;
  RunRows<TaskId, TimePoint> covering;
  Query<Params<>, std::int64_t, TimePoint, TimePoint, TimePoint> steps;
  Query<Params<TaskId, TimePoint, TimePoint>, TimePoint> dealt_indexed;
  Query<Params<TimePoint, TimePoint, TaskId>, TimePoint> dealt_tail;
};

// What pasts() asks; once at start.
struct PastReads {
  explicit PastReads(soci::session& sql)
      : tail(sql, fmt::format("select nominal_us, task_id, run_key, run_state, business_date, "
                              "finished_at_us "
                              "from tstp_systemtask_run where nominal_us > {} and "
                              "started_at_us is not null "
                              "order by nominal_us desc, task_id desc, run_key desc",
                              kIndexed)),
        by_key(sql, select_runs("where nominal_us = :nominal and task_id = :task "
                                "and run_key = :key",
                                kRows)),
        next_task(sql, "select min(task_id) from tstp_systemtask_run_of_task where task_id > :id"),
        last_begun(sql, select_indexed("r.started_at_us is not null", "limit 1")),
        last_good(sql, select_indexed("r.run_state = 'succeeded'", "limit 1")) {}

  Query<Params<>, TimePoint, TaskId, std::int64_t, std::string, int, std::optional<TimePoint>> tail;
  RunRows<TimePoint, TaskId, std::int64_t> by_key;
  Query<Params<TaskId>, std::optional<TaskId>> next_task;
  RunRows<TaskId> last_begun;
  RunRows<TaskId> last_good;
};

TimePoint latest_nominal(Writes& writes) {
  return writes.latest.first().value_or(std::nullopt).value_or(TimePoint::min());
}

// Rows that no one has inserted yet; if somebody else did after all, they say now what these say.
// In the order of their key: side by side they cost half.
void insert_all(Writes& writes, std::vector<const RunRow*> rows) {
  std::ranges::sort(rows, {}, [](const RunRow* row) { return row->key; });
  std::span<const RunRow* const> left{rows};
  for (; left.size() >= RunInserts::kAtOnce; left = left.subspan(RunInserts::kAtOnce)) {
    const auto some = left.first<RunInserts::kAtOnce>();
    if (writes.inserts.run(some)) continue;
    for (const RunRow* row : some)
      writes.update.run(*row);
  }
  for (const RunRow* row : left)
    if (!writes.insert.run(*row)) writes.update.run(*row);
}

// The pasts of tasks that ran lately, whose runs are not all in the index yet.
std::map<TaskId, TaskPast> recent_pasts(PastReads& reads) {
  std::map<TaskId, TaskPast> pasts;
  std::vector<RunKey> last;
  reads.tail.run([&](TimePoint nominal, TaskId task, std::int64_t key, const std::string& state,
                     int date, const std::optional<TimePoint>& finished) {
    const auto [at, first] = pasts.try_emplace(task);
    if (first) last.push_back({nominal, task, key});
    if (at->second.last_succeeded_date != 0 || state != name_of(RunState::kSucceeded)) return;
    at->second.last_succeeded_date = date;
    at->second.last_success = finished;
  });
  std::ranges::sort(last);
  for (const RunKey& key : last) {
    TaskPast& past = pasts[key.task];
    past.task = key.task;
    past.last = reads.by_key.only(key.nominal, key.task, key.key).value();
  }
  return pasts;
}

}  // namespace

// One write transaction. What it changes in the index by task, and of the claims that are kept
// together, is good if it commits.
template <class Doing>
void RunLedger::write(Urgency urgency, Doing doing) {
  const Writer::Lease lease = database_.writer().lease(urgency);
  lease.begin();
  try {
    if (claims_.unknown()) give_rows(lease);
    doing(lease, lease.prepared<Writes>());
    lease.commit();
  } catch (...) {
    index_.undone();
    claims_.undone();
    throw;
  }
  index_.committed();
}

void RunLedger::give_rows(const Writer::Lease& lease) {
  auto& writes = lease.prepared<Writes>();
  for (const RunRow& row : claims_.release_all(lease))
    if (writes.insert.run(row)) index_.added(lease, row.key);
}

std::vector<RunKey> RunLedger::claim(const scheduler::TickClaims& claims) {
  std::vector<RunKey> taken;
  write(Urgency::kUrgent, [&](const Writer::Lease& lease, Writes& writes) {
    const bool tick = !claims.moves.empty();
    if (tick) give_rows(lease);
    const bool together = tick && claims.runs.size() >= together_;
    // Later than every row there is, a run cannot have one.
    const TimePoint latest = together ? latest_nominal(writes) : TimePoint::max();
    std::vector<const RunRow*> kept;
    for (const RunRow& row : claims.runs) {
      if (row.key.nominal > latest && RunClaims::fits(row))
        kept.push_back(&row);
      else if (writes.insert.run(row))
        index_.added(lease, row.key);
      else
        taken.push_back(row.key);
    }
    claims_.keep(lease, std::move(kept));
    for (const RunRow& row : claims.skipped) {
      if (writes.insert.run(row))
        index_.added(lease, row.key);
      else
        writes.grow.run(row);
    }
    move_watermarks(writes, claims.moves);
    for (const scheduler::RunGiven& given : claims.given)
      writes.give(given);
    if (!claims.skipped.empty()) index_.step(lease, claims.skipped.size());
  });
  return taken;
}

void RunLedger::record(std::span<const RunRow> rows) {
  write(Urgency::kUrgent,
        [&](const Writer::Lease& lease, Writes&) { write_outcomes(lease, rows); });
}

void RunLedger::write_outcomes(const Writer::Lease& lease, std::span<const RunRow> rows) {
  auto& writes = lease.prepared<Writes>();
  std::vector<const RunRow*> kept;
  for (const RunRow& row : rows) {
    if (claims_.release(row.key))
      kept.push_back(&row);
    else if (!writes.update.run(row) && writes.insert.run(row))
      index_.added(lease, row.key);
  }
  insert_all(writes, kept);
  for (const RunRow* row : kept)
    index_.added(lease, row->key);
  claims_.tidy(lease);
  index_.step(lease, rows.size());
}

void RunLedger::turn_back(const scheduler::ClockStep& step,
                          std::span<const scheduler::WatermarkMove> moves,
                          std::span<const RunRow> rows) {
  write(Urgency::kUrgent, [&](const Writer::Lease& lease, Writes& writes) {
    writes.step.run(step.pass, step.from, step.to, step.until);
    writes.old_steps.run(step.pass - static_cast<std::int64_t>(scheduler::kClockStepsKept));
    move_watermarks(writes, moves);
    if (!rows.empty()) write_outcomes(lease, rows);
  });
}

std::vector<scheduler::ClockStep> RunLedger::clock_steps() {
  const ReadPool::Lease lease = database_.readers().lease();
  std::vector<scheduler::ClockStep> steps;
  lease.prepared<Reads>().steps.run(
      [&](std::int64_t pass, TimePoint from, TimePoint to, TimePoint until) {
        steps.push_back({pass, from, to, until});
      });
  return steps;
}

std::vector<TimePoint> RunLedger::dealt_with(TaskId task, TimePoint after, TimePoint until) {
  const ReadPool::Lease lease = database_.readers().lease();
  lease.begin();  // both parts of one state
  auto& reads = lease.prepared<Reads>();
  std::vector<TimePoint> times;
  const auto add = [&](TimePoint nominal) { times.push_back(nominal); };
  reads.dealt_indexed.run(task, after, until, add);
  reads.dealt_tail.run(after, until, task, add);
  std::ranges::sort(times);
  const auto twice = std::ranges::unique(times);
  times.erase(twice.begin(), twice.end());
  return times;
}

std::vector<RunRow> RunLedger::unfinished() {
  const ReadPool::Lease lease = database_.readers().lease();
  return lease.prepared<Reads>().open.all();
}

std::vector<TaskPast> RunLedger::pasts() {
  const ReadPool::Lease lease = database_.readers().lease();
  lease.begin();
  auto& reads = lease.prepared<PastReads>();
  std::map<TaskId, TaskPast> pasts = recent_pasts(reads);
  // From task to task by the index: a scan of the whole ledger would take seconds.
  TaskId task{std::numeric_limits<std::int64_t>::min()};
  while (const auto next = reads.next_task.first(task).value_or(std::nullopt)) {
    task = *next;
    const auto [at, older] = pasts.try_emplace(task);
    TaskPast& past = at->second;
    if (older) {
      auto last = reads.last_begun.only(task);
      if (!last) {
        pasts.erase(at);
        continue;
      }
      past.task = task;
      past.last = std::move(*last);
    }
    if (past.last_succeeded_date != 0) continue;
    const auto good = past.last.state == RunState::kSucceeded ? std::optional{past.last}
                                                              : reads.last_good.only(task);
    if (!good) continue;
    past.last_succeeded_date = good->business_date;
    past.last_success = good->finished_at;
  }
  std::vector<TaskPast> all;
  all.reserve(pasts.size());
  for (auto& [id, past] : pasts)
    all.push_back(std::move(past));
  return all;
}

RunId RunLedger::highest_id() {
  const ReadPool::Lease lease = database_.readers().lease();
  return lease.prepared<Reads>().highest.first().value_or(RunId{0});
}

RunId RunLedger::lowest_id() {
  const ReadPool::Lease lease = database_.readers().lease();
  return lease.prepared<Reads>().lowest.first().value_or(RunId{0});
}

std::optional<RunRow> RunLedger::find(RunId run) {
  const ReadPool::Lease lease = database_.readers().lease();
  return lease.prepared<Reads>().by_id.only(run);
}

std::vector<RunRow> RunLedger::runs(const scheduler::RunQuery& query) {
  const ReadPool::Lease lease = database_.readers().lease();
  auto& reads = lease.prepared<Reads>();
  const auto limit = static_cast<std::int64_t>(query.limit);
  if (!query.task) return reads.latest.all(query.before, limit);
  lease.begin();  // all parts of one state
  std::vector<RunRow> rows = reads.tail_of.all(query.before, *query.task, limit);
  if (rows.size() < query.limit)
    reads.indexed_of.add_to(rows, *query.task, query.before,
                            limit - static_cast<std::int64_t>(rows.size()));
  reads.claimed_of.add_to(rows, query.before, *query.task);
  std::ranges::sort(rows, std::ranges::greater{}, &RunRow::key);
  if (rows.size() > query.limit) rows.resize(query.limit);
  return rows;
}

std::vector<RunRow> RunLedger::outcomes_of(TaskId task, TimePoint nominal) {
  const ReadPool::Lease lease = database_.readers().lease();
  lease.begin();  // both questions of one state
  auto& reads = lease.prepared<Reads>();
  std::vector<RunRow> rows = reads.exact.all(nominal, task);
  for (RunRow& row : reads.covering.all(task, nominal))
    if (row.key.nominal != nominal) rows.push_back(std::move(row));
  std::ranges::sort(rows, {}, [](const RunRow& row) { return row.key.key; });
  return rows;
}

std::size_t RunLedger::prune(TimePoint before, std::size_t limit) {
  std::vector<RunKey> old;
  std::vector<RunId> asked_for;
  write(Urgency::kNormal, [&](const Writer::Lease& lease, Writes& writes) {
    writes.old.run(before, static_cast<std::int64_t>(limit),
                   [&](TimePoint nominal, TaskId task, std::int64_t key, RunId run, bool asked) {
                     old.push_back({nominal, task, key});
                     if (asked) asked_for.push_back(run);
                   });
    for (const RunId run : asked_for)
      writes.drop_given(run);
    for (const RunKey& key : old) {
      writes.remove.run(key.nominal, key.task, key.key);
      index_.removed(lease, key);
    }
  });
  return old.size();
}

}  // namespace systask::db
