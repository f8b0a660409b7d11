// Strategy sites on SQL: algojr_tstrategysite. put() belongs to the thread of its unit of
// work; load() reads what is committed, from any thread. Must not outlive the Database.
#pragma once

#include "db/database.h"
#include "trading/ports/site_store.h"

namespace systask::db {

class SiteStore final : public trading::SiteStore {
 public:
  explicit SiteStore(Database& database) : database_(database) {}

  void put(trading::UnitOfWork& work, const trading::Site& site) override;
  std::vector<trading::Site> load() override;

 private:
  Database& database_;
};

}  // namespace systask::db
