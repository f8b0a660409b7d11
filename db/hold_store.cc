#include "db/hold_store.h"

#include <fmt/format.h>

#include <array>
#include <stdexcept>

#include "db/statement.h"

namespace systask::db {
namespace {

using scheduler::Hold;
using scheduler::HoldId;
using scheduler::Target;

// In the order of Target::Kind.
constexpr std::array<std::string_view, 3> kTargetKinds{"task", "group", "lane"};

Target::Kind target_kind_of(const std::string& name) {
  for (std::size_t i = 0; i < kTargetKinds.size(); ++i)
    if (kTargetKinds[i] == name) return static_cast<Target::Kind>(i);
  throw std::runtime_error(
      fmt::format("tstp_systemtask_hold holds '{}', which is none of task, "
                  "group and lane",
                  name));
}

struct HoldWrites {
  explicit HoldWrites(soci::session& sql)
      : add(sql,
            "insert into tstp_systemtask_hold (hold_id, target_kind, target_name, from_us, to_us, "
            "reason, actor, made_at_us) values (:id, :kind, :name, :from, :to, :reason, :actor, "
            ":made)"),
        remove(sql, "delete from tstp_systemtask_hold where hold_id = :id") {}

  Command<HoldId, std::string, std::string, TimePoint, std::optional<TimePoint>, std::string,
          std::string, TimePoint>
      add;
  Command<HoldId> remove;
};

struct HoldReads {
  explicit HoldReads(soci::session& sql)
      : all(sql,
            "select hold_id, target_kind, target_name, from_us, to_us, reason, actor, made_at_us "
            "from tstp_systemtask_hold order by hold_id") {}

  Query<Params<>, HoldId, std::string, std::string, TimePoint, std::optional<TimePoint>,
        std::string, std::string, TimePoint>
      all;
};

}  // namespace

std::vector<Hold> HoldStore::load() {
  const ReadPool::Lease lease = database_.readers().lease();
  std::vector<Hold> holds;
  lease.prepared<HoldReads>().all.run([&](HoldId id, const std::string& kind, std::string name,
                                          TimePoint from, std::optional<TimePoint> to,
                                          std::string reason, std::string actor, TimePoint made) {
    holds.push_back({id,
                     {target_kind_of(kind), std::move(name)},
                     from,
                     to.value_or(scheduler::kNever),
                     std::move(reason),
                     std::move(actor),
                     made});
  });
  return holds;
}

void HoldStore::add(const Hold& hold) {
  const Writer::Lease lease = database_.writer().lease(Urgency::kUrgent);
  lease.begin();
  lease.prepared<HoldWrites>().add.run(
      hold.id, std::string{kTargetKinds[static_cast<std::size_t>(hold.target.kind)]},
      hold.target.name, hold.from, hold.is_pause() ? std::nullopt : std::optional{hold.to},
      hold.reason, hold.actor, hold.made_at);
  lease.commit();
}

void HoldStore::remove(HoldId hold) {
  const Writer::Lease lease = database_.writer().lease(Urgency::kUrgent);
  lease.begin();
  lease.prepared<HoldWrites>().remove.run(hold);
  lease.commit();
}

}  // namespace systask::db
