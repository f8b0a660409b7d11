#include "trading/plan_status.h"

namespace systask::trading {

std::string_view name_of(PlanStatus status) {
  switch (status) {
    case PlanStatus::kToBeSubmitted: return "to be submitted";
    case PlanStatus::kSubmitting: return "submitting";
    case PlanStatus::kRunning: return "running";
    case PlanStatus::kToBePaused: return "to be paused";
    case PlanStatus::kPausing: return "pausing";
    case PlanStatus::kPaused: return "paused";
    case PlanStatus::kToBeResumed: return "to be resumed";
    case PlanStatus::kResuming: return "resuming";
    case PlanStatus::kToBeCancelled: return "to be cancelled";
    case PlanStatus::kCancelling: return "cancelling";
    case PlanStatus::kCancelled: return "cancelled";
    case PlanStatus::kCompleted: return "completed";
    case PlanStatus::kFailed: return "failed";
    case PlanStatus::kExpired: return "expired";
    case PlanStatus::kExpiredForDay: return "expired for the day";
    case PlanStatus::kPausedOrdersCancelled: return "paused, orders cancelled";
    case PlanStatus::kExpiring: return "expiring";
    case PlanStatus::kAbnormal: return "abnormal";
  }
  return "unknown";
}

}  // namespace systask::trading
