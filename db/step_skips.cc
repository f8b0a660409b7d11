#include "db/step_skips.h"

#include "db/statement.h"

namespace systask::db {
namespace {

using scheduler::StepSkip;
using scheduler::TaskId;

struct SkipWrites {
  explicit SkipWrites(soci::session& sql)
      : remove(sql,
               "delete from tstp_systemtask_skip where task_id = :task and business_date = :date"),
        add(sql,
            "insert into tstp_systemtask_skip (task_id, business_date, actor, reason, made_at_us) "
            "values (:task, :date, :actor, :reason, :made)"),
        forget(sql, "delete from tstp_systemtask_skip where business_date < :before") {}

  Command<TaskId, int> remove;
  Command<TaskId, int, std::string, std::string, TimePoint> add;
  Command<int> forget;
};

struct SkipReads {
  explicit SkipReads(soci::session& sql)
      : all(sql,
            "select task_id, business_date, actor, reason, made_at_us from tstp_systemtask_skip "
            "order by task_id, business_date") {}

  Query<Params<>, TaskId, int, std::string, std::string, TimePoint> all;
};

}  // namespace

std::vector<StepSkip> StepSkips::load() {
  const ReadPool::Lease lease = database_.readers().lease();
  std::vector<StepSkip> skips;
  lease.prepared<SkipReads>().all.run(
      [&](TaskId task, int date, std::string actor, std::string reason, TimePoint made) {
        skips.push_back({task, date, std::move(actor), std::move(reason), made});
      });
  return skips;
}

void StepSkips::add(const StepSkip& skip) {
  const Writer::Lease lease = database_.writer().lease(Urgency::kUrgent);
  auto& writes = lease.prepared<SkipWrites>();
  lease.begin();
  writes.remove.run(skip.task, skip.business_date);
  writes.add.run(skip.task, skip.business_date, skip.actor, skip.reason, skip.made_at);
  lease.commit();
}

void StepSkips::forget(int before_date) {
  const Writer::Lease lease = database_.writer().lease(Urgency::kUrgent);
  lease.begin();
  lease.prepared<SkipWrites>().forget.run(before_date);
  lease.commit();
}

}  // namespace systask::db
