#include "db/run_attempts.h"

#include <fmt/format.h>

#include <stdexcept>

#include "db/statement.h"

namespace systask::db {
namespace {

using scheduler::RunAttempt;
using scheduler::RunId;

using Time = std::optional<TimePoint>;

struct AttemptWrites {
  explicit AttemptWrites(soci::session& sql)
      : add(sql,
            "insert into tstp_systemtask_attempt (run_id, attempt, attempt_state, started_at_us, "
            "finished_at_us, next_at_us, detail) values (:run, :attempt, :state, :started, "
            ":finished, :next, :detail) on conflict (run_id, attempt) do nothing"),
        prune(sql,
              "delete from tstp_systemtask_attempt where (run_id, attempt) in "
              "(select run_id, attempt from tstp_systemtask_attempt where run_id < :before "
              "order by run_id, attempt limit :most)") {}

  Command<RunId, int, std::string, Time, TimePoint, TimePoint, std::string> add;
  Command<RunId, std::int64_t> prune;
};

struct AttemptReads {
  explicit AttemptReads(soci::session& sql)
      : of(sql,
           "select attempt, attempt_state, started_at_us, finished_at_us, next_at_us, detail "
           "from tstp_systemtask_attempt where run_id = :run order by attempt") {}

  Query<Params<RunId>, int, std::string, Time, TimePoint, TimePoint, std::string> of;
};

}  // namespace

void RunAttempts::add(std::span<const RunAttempt> attempts) {
  const Writer::Lease lease = database_.writer().lease(Urgency::kUrgent);
  auto& writes = lease.prepared<AttemptWrites>();
  lease.begin();
  for (const RunAttempt& attempt : attempts)
    writes.add.run(attempt.run, attempt.attempt, std::string{name_of(attempt.state)},
                   attempt.started_at, attempt.finished_at, attempt.next_at, attempt.detail);
  lease.commit();
}

std::vector<RunAttempt> RunAttempts::of(RunId run) {
  const ReadPool::Lease lease = database_.readers().lease();
  std::vector<RunAttempt> found;
  lease.prepared<AttemptReads>().of.run(
      run, [&](int attempt, const std::string& state, Time started, TimePoint finished,
               TimePoint next, std::string detail) {
        const auto known = scheduler::run_state_of(state);
        if (!known)
          throw std::runtime_error(
              fmt::format("tstp_systemtask_attempt holds an attempt with state '{}', which this "
                          "version does not know",
                          state));
        found.push_back({run, attempt, *known, started, finished, next, std::move(detail)});
      });
  return found;
}

std::size_t RunAttempts::prune(RunId before, std::size_t limit) {
  const Writer::Lease lease = database_.writer().lease(Urgency::kNormal);
  auto& writes = lease.prepared<AttemptWrites>();
  lease.begin();
  const std::int64_t pruned = writes.prune.run(before, static_cast<std::int64_t>(limit));
  lease.commit();
  return static_cast<std::size_t>(pruned);
}

}  // namespace systask::db
