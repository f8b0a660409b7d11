// Plans on SQL: algojr_tscheme and algojr_tschemestock. Calls with a unit of work belong to
// its thread; load() and last_id() read what is committed, from any thread. Must not
// outlive the Database.
#pragma once

#include "db/database.h"
#include "trading/ports/plan_store.h"

namespace systask::db {

class PlanStore final : public trading::PlanStore {
 public:
  explicit PlanStore(Database& database) : database_(database) {}

  void insert(trading::UnitOfWork& work, const trading::Plan& plan) override;
  bool update(trading::UnitOfWork& work, const trading::Plan& plan,
              trading::Epoch fenced_by) override;
  bool advance(trading::UnitOfWork& work, const trading::Plan& plan) override;
  void put_detail(trading::UnitOfWork& work, trading::PlanId plan,
                  const trading::PlanDetail& detail) override;
  bool claim(trading::UnitOfWork& work, const trading::Claim& claim) override;
  std::vector<trading::Plan> load() override;
  trading::PlanId last_id() override;

 private:
  Database& database_;
};

}  // namespace systask::db
