// The Tables of a real database: what db::Queries gives, as JSON. Times are RFC 3339 in
// the zone given, prices decimal strings. All three must outlive it.
#pragma once

#include "base/zone.h"
#include "service/api/tables.h"

namespace systask::db {
class Queries;
}
namespace systask::trading {
class MessageStore;
}

namespace systask::service {

class QueryTables final : public Tables {
 public:
  QueryTables(db::Queries& queries, trading::MessageStore& messages, Zone zone)
      : queries_(queries), messages_(messages), zone_(zone) {}

  Rows plans() override;
  Rows sites() override;
  // Of all plans: the latest plans' first.
  Rows orders(std::optional<trading::PlanId> plan, std::size_t limit) override;
  // Of all plans: how much each has cached.
  Rows cache(std::optional<trading::PlanId> plan, std::size_t limit) override;
  // Plans in quarantine first, then messages.
  Rows quarantine(std::size_t limit) override;
  Rows recoveries(const WhichRecoveries& which) override;
  Rows trail(trading::PlanId plan) override;
  Rows audit(const std::string& object, TimePoint since, std::size_t limit) override;
  StoredCounts counts() override;

 private:
  db::Queries& queries_;
  trading::MessageStore& messages_;
  Zone zone_;
};

}  // namespace systask::service
