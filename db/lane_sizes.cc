#include "db/lane_sizes.h"

#include "db/statement.h"

namespace systask::db {
namespace {

using scheduler::LaneSize;

struct LaneWrites {
  explicit LaneWrites(soci::session& sql)
      : keep(sql,
             "insert into tstp_systemtask_lane (priority, threads, configured_threads) "
             "values (:priority, :threads, :configured) on conflict (priority) do update set "
             "threads = excluded.threads, configured_threads = excluded.configured_threads"),
        forget(sql, "delete from tstp_systemtask_lane where priority = :priority") {}

  Command<int, std::size_t, std::size_t> keep;
  Command<int> forget;
};

struct LaneReads {
  explicit LaneReads(soci::session& sql)
      : all(sql,
            "select priority, threads, configured_threads from tstp_systemtask_lane "
            "order by priority") {}

  Query<Params<>, int, std::size_t, std::size_t> all;
};

}  // namespace

std::vector<LaneSize> LaneSizes::load() {
  const ReadPool::Lease lease = database_.readers().lease();
  std::vector<LaneSize> sizes;
  lease.prepared<LaneReads>().all.run(
      [&](int priority, std::size_t threads, std::size_t configured) {
        sizes.push_back({priority, threads, configured});
      });
  return sizes;
}

void LaneSizes::keep(const LaneSize& size) {
  const Writer::Lease lease = database_.writer().lease(Urgency::kUrgent);
  lease.begin();
  lease.prepared<LaneWrites>().keep.run(size.priority, size.threads, size.configured);
  lease.commit();
}

void LaneSizes::forget(int priority) {
  const Writer::Lease lease = database_.writer().lease(Urgency::kUrgent);
  lease.begin();
  lease.prepared<LaneWrites>().forget.run(priority);
  lease.commit();
}

}  // namespace systask::db
