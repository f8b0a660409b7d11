// MeasuredRecords stands before the real Records and tells the Metrics of each recovery
// that has ended. Called on the worker's thread, as Records is; both must outlive it.
//
// It counts when the row is written, just before the commit: should that commit fail, the
// attempt is counted although the database does not have it.
#pragma once

#include "trading/ports/records.h"

namespace systask::service {

class Metrics;

class MeasuredRecords final : public trading::Records {
 public:
  MeasuredRecords(trading::Records& inner, Metrics& metrics) : inner_(inner), metrics_(metrics) {}

  void put(trading::UnitOfWork& work, const trading::RecoveryAttempt& attempt) override;
  void add(trading::UnitOfWork& work, const trading::AuditEntry& entry) override;
  std::vector<trading::RecoveryAttempt> running() override;
  trading::AttemptId last_attempt() override;

 private:
  trading::Records& inner_;
  Metrics& metrics_;
};

}  // namespace systask::service
