#include "db/backfill_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "db/statement.h"

namespace systask::db {
namespace {

using scheduler::BackfillDate;
using scheduler::BackfillId;
using scheduler::KeptBackfill;
using scheduler::RunId;
using scheduler::Target;

using Text = std::optional<std::string>;
using Time = std::optional<TimePoint>;

std::string kind_text(Target::Kind kind) { return kind == Target::Kind::kTask ? "task" : "group"; }

struct BackfillWrites {
  explicit BackfillWrites(soci::session& sql)
      : add(sql,
            "insert into tstp_systemtask_backfill (backfill_id, target_kind, target_name, "
            "concurrency, reason, actor, begun_at_us, ended_at_us, cancelled_by) values (:id, "
            ":kind, :name, :concurrency, :reason, :actor, :begun, :ended, :cancelled)"),
        add_date(sql,
                 "insert into tstp_systemtask_backfill_date (backfill_id, business_date, steps, "
                 "ended, succeeded, failed_run_id, failed_task, failed_state, failed_detail) "
                 "values (:id, :date, :steps, :ended, :succeeded, :run, :task, :state, :detail)"),
        update(sql,
               "update tstp_systemtask_backfill_date set ended = :ended, succeeded = :succeeded, "
               "failed_run_id = :run, failed_task = :task, failed_state = :state, "
               "failed_detail = :detail where backfill_id = :id and business_date = :date"),
        end(sql,
            "update tstp_systemtask_backfill set ended_at_us = :at, cancelled_by = :by "
            "where backfill_id = :id"),
        forget_dates(sql, "delete from tstp_systemtask_backfill_date where backfill_id < :before"),
        forget(sql, "delete from tstp_systemtask_backfill where backfill_id < :before") {}

  Command<BackfillId, std::string, std::string, int, std::string, std::string, TimePoint, Time,
          Text>
      add;
  Command<BackfillId, int, std::int64_t, std::int64_t, std::int64_t, std::optional<RunId>, Text,
          Text, Text>
      add_date;
  Command<std::int64_t, std::int64_t, std::optional<RunId>, Text, Text, Text, BackfillId, int>
      update;
  Command<TimePoint, Text, BackfillId> end;
  Command<BackfillId> forget_dates;
  Command<BackfillId> forget;
};

struct BackfillReads {
  explicit BackfillReads(soci::session& sql)
      : all(sql,
            "select backfill_id, target_kind, target_name, concurrency, reason, actor, "
            "begun_at_us, ended_at_us, cancelled_by from tstp_systemtask_backfill "
            "order by backfill_id"),
        dates(sql,
              "select business_date, steps, ended, succeeded, failed_run_id, failed_task, "
              "failed_state, failed_detail from tstp_systemtask_backfill_date "
              "where backfill_id = :id order by business_date") {}

  Query<Params<>, BackfillId, std::string, std::string, int, std::string, std::string, TimePoint,
        Time, Text>
      all;
  Query<Params<BackfillId>, int, std::int64_t, std::int64_t, std::int64_t, std::optional<RunId>,
        Text, Text, Text>
      dates;
};

// The columns of a date that say what failed.
struct FailureColumns {
  explicit FailureColumns(const BackfillDate& date) {
    if (!date.failure) return;
    run = date.failure->run;
    task = date.failure->task;
    state = std::string{name_of(date.failure->state)};
    detail = date.failure->detail;
  }
  std::optional<RunId> run;
  Text task;
  Text state;
  Text detail;
};

std::optional<BackfillDate::Failure> failure_of(std::optional<RunId> run, const Text& task,
                                                const Text& state, const Text& detail) {
  if (!run) return std::nullopt;
  const auto known = scheduler::run_state_of(state.value_or(""));
  if (!known)
    throw std::runtime_error(
        fmt::format("tstp_systemtask_backfill_date holds a run with state '{}', which this "
                    "version does not know",
                    state.value_or("")));
  return BackfillDate::Failure{*run, task.value_or(""), *known, detail.value_or("")};
}

}  // namespace

std::vector<KeptBackfill> BackfillStore::load() {
  const ReadPool::Lease lease = database_.readers().lease();
  lease.begin();  // all parts of one state
  auto& reads = lease.prepared<BackfillReads>();
  std::vector<KeptBackfill> all;
  reads.all.run([&](BackfillId id, const std::string& kind, std::string name, int concurrency,
                    std::string reason, std::string actor, TimePoint begun, Time ended,
                    Text cancelled) {
    all.push_back(
        {.id = id,
         .target = {kind == "task" ? Target::Kind::kTask : Target::Kind::kGroup, std::move(name)},
         .concurrency = concurrency,
         .actor = std::move(actor),
         .reason = std::move(reason),
         .begun_at = begun,
         .ended_at = ended,
         .cancelled_by = std::move(cancelled).value_or("")});
  });
  for (KeptBackfill& backfill : all)
    reads.dates.run(backfill.id, [&](int date, std::int64_t steps, std::int64_t ended,
                                     std::int64_t succeeded, std::optional<RunId> run,
                                     const Text& task, const Text& state, const Text& detail) {
      backfill.dates.push_back({.business_date = date,
                                .steps = static_cast<std::size_t>(steps),
                                .ended = static_cast<std::size_t>(ended),
                                .succeeded = static_cast<std::size_t>(succeeded),
                                .failure = failure_of(run, task, state, detail)});
    });
  return all;
}

void BackfillStore::add(const KeptBackfill& backfill) {
  const Writer::Lease lease = database_.writer().lease(Urgency::kUrgent);
  auto& writes = lease.prepared<BackfillWrites>();
  lease.begin();
  writes.add.run(backfill.id, kind_text(backfill.target.kind), backfill.target.name,
                 backfill.concurrency, backfill.reason, backfill.actor, backfill.begun_at,
                 backfill.ended_at,
                 backfill.cancelled_by.empty() ? Text{} : Text{backfill.cancelled_by});
  for (const BackfillDate& date : backfill.dates) {
    const FailureColumns failure{date};
    writes.add_date.run(backfill.id, date.business_date, static_cast<std::int64_t>(date.steps),
                        static_cast<std::int64_t>(date.ended),
                        static_cast<std::int64_t>(date.succeeded), failure.run, failure.task,
                        failure.state, failure.detail);
  }
  lease.commit();
}

void BackfillStore::update(BackfillId id, std::span<const BackfillDate> dates) {
  const Writer::Lease lease = database_.writer().lease(Urgency::kUrgent);
  auto& writes = lease.prepared<BackfillWrites>();
  lease.begin();
  for (const BackfillDate& date : dates) {
    const FailureColumns failure{date};
    writes.update.run(static_cast<std::int64_t>(date.ended),
                      static_cast<std::int64_t>(date.succeeded), failure.run, failure.task,
                      failure.state, failure.detail, id, date.business_date);
  }
  lease.commit();
}

void BackfillStore::end(BackfillId id, TimePoint at, const std::string& cancelled_by) {
  const Writer::Lease lease = database_.writer().lease(Urgency::kUrgent);
  lease.begin();
  lease.prepared<BackfillWrites>().end.run(at, cancelled_by.empty() ? Text{} : Text{cancelled_by},
                                           id);
  lease.commit();
}

void BackfillStore::forget(BackfillId before) {
  const Writer::Lease lease = database_.writer().lease(Urgency::kUrgent);
  auto& writes = lease.prepared<BackfillWrites>();
  lease.begin();
  writes.forget_dates.run(before);
  writes.forget.run(before);
  lease.commit();
}

}  // namespace systask::db
