#include "db/run_ledger.h"

#include <fmt/format.h>

#include <limits>
#include <stdexcept>

#include "db/statement.h"

namespace systask::db {
namespace {

using scheduler::RunId;
using scheduler::RunKey;
using scheduler::RunRow;
using scheduler::RunState;
using scheduler::TaskId;
using scheduler::TaskPast;

constexpr std::string_view kColumns =
    "nominal_us, task_id, run_key, run_id, run_trigger, run_state, business_date, attempt, "
    "last_nominal_us, missed_count, claimed_at_us, started_at_us, finished_at_us, detail, actor";
constexpr std::string_view kInsert =
    "insert into tstp_systemtask_run ({}) values (:nominal, :task, :key, :id, :trigger, :state, "
    ":date, :attempt, :last, :count, :claimed, :started, :finished, :detail, :actor) "
    "on conflict (nominal_us, task_id, run_key) do {}";
// A row is claimed by whoever comes first.
constexpr std::string_view kNothing = "nothing";
// A row of missed occurrences grows.
constexpr std::string_view kGrow =
    "update set last_nominal_us = excluded.last_nominal_us, missed_count = excluded.missed_count, "
    "finished_at_us = excluded.finished_at_us, detail = excluded.detail "
    "where tstp_systemtask_run.run_state = excluded.run_state";
// An outcome is final: only what is open changes.
constexpr std::string_view kEnd =
    "update set run_state = excluded.run_state, business_date = excluded.business_date, "
    "attempt = excluded.attempt, last_nominal_us = excluded.last_nominal_us, "
    "missed_count = excluded.missed_count, started_at_us = excluded.started_at_us, "
    "finished_at_us = excluded.finished_at_us, detail = excluded.detail, actor = excluded.actor "
    "where tstp_systemtask_run.run_state in ('claimed', 'waiting')";

class Insert {
 public:
  Insert(soci::session& sql, std::string_view on_conflict)
      : command_(sql, fmt::format(fmt::runtime(kInsert), kColumns, on_conflict)) {}

  // False where the conflict left the row as it was.
  bool run(const RunRow& row) {
    return command_.run(row.key.nominal, row.key.task, row.key.key, row.id,
                        std::string{name_of(row.trigger)}, std::string{name_of(row.state)},
                        row.business_date, row.attempt, row.last_nominal, row.count, row.claimed_at,
                        row.started_at, row.finished_at, row.detail, row.actor) > 0;
  }

 private:
  Command<TimePoint, TaskId, std::int64_t, RunId, std::string, std::string, int, int, TimePoint,
          std::int64_t, TimePoint, std::optional<TimePoint>, std::optional<TimePoint>, std::string,
          std::string>
      command_;
};

template <class... Given>
using RowQuery =
    Query<Params<Given...>, TimePoint, TaskId, std::int64_t, RunId, std::string, std::string, int,
          int, TimePoint, std::int64_t, TimePoint, std::optional<TimePoint>,
          std::optional<TimePoint>, std::string, std::string>;

template <class... Given>
std::vector<RunRow> rows_of(RowQuery<Given...>& query, const Given&... given) {
  std::vector<RunRow> rows;
  query.run(given..., [&](TimePoint nominal, TaskId task, std::int64_t key, RunId id,
                          const std::string& trigger, const std::string& state, int date,
                          int attempt, TimePoint last, std::int64_t count, TimePoint claimed,
                          std::optional<TimePoint> started, std::optional<TimePoint> finished,
                          std::string detail, std::string actor) {
    const auto known_trigger = scheduler::trigger_of(trigger);
    const auto known_state = scheduler::run_state_of(state);
    if (!known_trigger || !known_state)
      throw std::runtime_error(
          fmt::format("tstp_systemtask_run holds a run with trigger '{}' and "
                      "state '{}', which this version does not know",
                      trigger, state));
    rows.push_back({{nominal, task, key},
                    id,
                    *known_trigger,
                    *known_state,
                    date,
                    attempt,
                    last,
                    count,
                    claimed,
                    started,
                    finished,
                    std::move(detail),
                    std::move(actor)});
  });
  return rows;
}

std::string select(std::string_view rest) {
  return fmt::format("select {} from tstp_systemtask_run {}", kColumns, rest);
}

struct Writes {
  explicit Writes(soci::session& sql)
      : claim(sql, kNothing),
        grow(sql, kGrow),
        end(sql, kEnd),
        move(sql,
             "update tstp_systemtask set watermark_us = :watermark, next_due_us = :next "
             "where task_id = :task"),
        prune(sql,
              "delete from tstp_systemtask_run where (nominal_us, task_id, run_key) in "
              "(select nominal_us, task_id, run_key from tstp_systemtask_run "
              "where nominal_us < :before and run_state not in ('claimed', 'waiting') "
              "order by nominal_us limit :most)") {}

  Insert claim;
  Insert grow;
  Insert end;
  Command<TimePoint, std::optional<TimePoint>, TaskId> move;
  Command<TimePoint, std::int64_t> prune;
};

struct Reads {
  explicit Reads(soci::session& sql)
      : open(sql, select("where run_state in ('claimed', 'waiting') "
                         "order by nominal_us, task_id, run_key")),
        highest(sql, "select coalesce(max(run_id), 0) from tstp_systemtask_run"),
        by_id(sql, select("where run_id = :id")),
        latest(sql, select("where nominal_us < :before "
                           "order by nominal_us desc, task_id desc, run_key desc limit :most")),
        latest_of(sql, select("where task_id = :task and nominal_us < :before "
                              "order by nominal_us desc, run_key desc limit :most")),
        before(sql, select("where task_id = :task and nominal_us <= :nominal and run_key = 0 "
                           "order by nominal_us desc limit 1")),
        next_task(sql, "select min(task_id) from tstp_systemtask_run where task_id > :task"),
        last_begun(sql, select("where task_id = :task and started_at_us is not null "
                               "order by nominal_us desc, run_key desc limit 1")),
        last_good_date(sql,
                       "select business_date from tstp_systemtask_run where task_id = :task "
                       "and run_state = 'succeeded' "
                       "order by nominal_us desc, run_key desc limit 1") {}

  RowQuery<> open;
  Query<Params<>, RunId> highest;
  RowQuery<RunId> by_id;
  RowQuery<TimePoint, std::int64_t> latest;
  RowQuery<TaskId, TimePoint, std::int64_t> latest_of;
  RowQuery<TaskId, TimePoint> before;
  Query<Params<TaskId>, std::optional<TaskId>> next_task;
  RowQuery<TaskId> last_begun;
  Query<Params<TaskId>, int> last_good_date;
};

std::optional<RunRow> only(std::vector<RunRow> rows) {
  if (rows.empty()) return std::nullopt;
  return std::move(rows.front());
}

}  // namespace

std::vector<RunKey> RunLedger::claim(const scheduler::TickClaims& claims) {
  std::vector<RunKey> taken;
  const Writer::Lease lease = database_.writer().lease(Urgency::kUrgent);
  auto& writes = lease.prepared<Writes>();
  lease.begin();
  for (const RunRow& row : claims.runs)
    if (!writes.claim.run(row)) taken.push_back(row.key);
  for (const RunRow& row : claims.skipped)
    writes.grow.run(row);
  for (const scheduler::WatermarkMove& move : claims.moves) {
    const bool never = move.next_due == scheduler::kNever;
    writes.move.run(move.watermark, never ? std::nullopt : std::optional{move.next_due}, move.task);
  }
  lease.commit();
  return taken;
}

void RunLedger::record(std::span<const RunRow> rows) {
  const Writer::Lease lease = database_.writer().lease(Urgency::kUrgent);
  auto& writes = lease.prepared<Writes>();
  lease.begin();
  for (const RunRow& row : rows)
    writes.end.run(row);
  lease.commit();
}

std::vector<RunRow> RunLedger::unfinished() {
  const ReadPool::Lease lease = database_.readers().lease();
  return rows_of(lease.prepared<Reads>().open);
}

std::vector<TaskPast> RunLedger::pasts() {
  const ReadPool::Lease lease = database_.readers().lease();
  auto& reads = lease.prepared<Reads>();
  std::vector<TaskPast> pasts;
  // From task to task by the index: a scan of the whole ledger would take seconds.
  TaskId task{std::numeric_limits<std::int64_t>::min()};
  while (const auto next = reads.next_task.first(task).value_or(std::nullopt)) {
    task = *next;
    if (auto last = only(rows_of(reads.last_begun, task)))
      pasts.push_back({task, std::move(*last), reads.last_good_date.first(task).value_or(0)});
  }
  return pasts;
}

RunId RunLedger::highest_id() {
  const ReadPool::Lease lease = database_.readers().lease();
  return lease.prepared<Reads>().highest.first().value_or(RunId{0});
}

std::optional<RunRow> RunLedger::find(RunId run) {
  const ReadPool::Lease lease = database_.readers().lease();
  return only(rows_of(lease.prepared<Reads>().by_id, run));
}

std::vector<RunRow> RunLedger::runs(const scheduler::RunQuery& query) {
  const ReadPool::Lease lease = database_.readers().lease();
  auto& reads = lease.prepared<Reads>();
  const auto limit = static_cast<std::int64_t>(query.limit);
  if (query.task) return rows_of(reads.latest_of, *query.task, query.before, limit);
  return rows_of(reads.latest, query.before, limit);
}

std::optional<RunRow> RunLedger::outcome_of(TaskId task, TimePoint nominal) {
  const ReadPool::Lease lease = database_.readers().lease();
  std::optional<RunRow> row = only(rows_of(lease.prepared<Reads>().before, task, nominal));
  // Rows of one task's schedule do not overlap, so the one before is the only candidate.
  if (row && row->last_nominal < nominal) return std::nullopt;
  return row;
}

std::size_t RunLedger::prune(TimePoint before, std::size_t limit) {
  const Writer::Lease lease = database_.writer().lease(Urgency::kNormal);
  auto& writes = lease.prepared<Writes>();
  lease.begin();
  const std::int64_t pruned = writes.prune.run(before, static_cast<std::int64_t>(limit));
  lease.commit();
  return static_cast<std::size_t>(pruned);
}

}  // namespace systask::db
