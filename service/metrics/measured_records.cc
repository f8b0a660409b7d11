#include "service/metrics/measured_records.h"

#include "service/metrics/metrics.h"

namespace systask::service {

void MeasuredRecords::put(trading::UnitOfWork& work, const trading::RecoveryAttempt& attempt) {
  inner_.put(work, attempt);
  if (attempt.outcome != "running") metrics_.on_recovery(attempt);
}

void MeasuredRecords::add(trading::UnitOfWork& work, const trading::AuditEntry& entry) {
  inner_.add(work, entry);
}

std::vector<trading::RecoveryAttempt> MeasuredRecords::running() { return inner_.running(); }

trading::AttemptId MeasuredRecords::last_attempt() { return inner_.last_attempt(); }

}  // namespace systask::service
