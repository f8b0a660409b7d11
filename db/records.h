// What is written for people, on SQL: algojr_trecovery and algojr_tauditlog. Calls with a
// unit of work belong to its thread; the others may come from any. Must not outlive the
// Database.
#pragma once

#include "db/database.h"
#include "trading/ports/records.h"

namespace systask::db {

class Records final : public trading::Records {
 public:
  explicit Records(Database& database) : database_(database) {}

  void put(trading::UnitOfWork& work, const trading::RecoveryAttempt& attempt) override;
  void add(trading::UnitOfWork& work, const trading::AuditEntry& entry) override;
  std::vector<trading::RecoveryAttempt> running() override;
  trading::AttemptId last_attempt() override;

 private:
  Database& database_;
};

}  // namespace systask::db
