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

  Page plans(const Asked& asked) override;
  Page quarantined_plans(const Asked& asked) override;
  Rows sites() override;
  // Of all plans: the latest plans' first.
  Page orders(std::optional<trading::PlanId> plan, const Asked& asked) override;
  // Of all plans: how much each has cached.
  Page cache(std::optional<trading::PlanId> plan, const Asked& asked) override;
  Page quarantine(const Asked& asked) override;
  Page recoveries(const WhichRecoveries& which) override;
  Rows trail(trading::PlanId plan) override;
  Page audit(const std::string& object, TimePoint since, const Asked& asked) override;
  StoredCounts counts() override;

 private:
  db::Queries& queries_;
  trading::MessageStore& messages_;
  Zone zone_;
};

}  // namespace systask::service
