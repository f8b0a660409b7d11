// What is written for people: one row per attempt to recover a plan, with the time of
// each phase (algojr_trecovery), and who changed what (algojr_tauditlog).
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "trading/ports/unit_of_work.h"
#include "trading/types.h"

namespace systask::trading {

// One attempt: from noticing that a plan has no site to its running again, or to the
// failure after which the next attempt begins.
struct RecoveryAttempt {
  AttemptId id;  // given by the caller, ascending
  PlanId plan;
  int attempt = 1;  // of this outage
  std::string from_site;
  std::string to_site;
  std::string why;       // "connection closed"
  TimePoint lost_at;     // when the site was last there
  TimePoint noticed_at;  // when the plan became abnormal, or the last attempt failed
  std::optional<TimePoint> offered_at;
  std::optional<TimePoint> rebuilt_at;  // the site had read the last page
  std::optional<TimePoint> claimed_at;
  std::optional<TimePoint> replayed_at;  // the cache was empty
  std::optional<TimePoint> finished_at;
  std::int64_t replayed = 0;
  std::string outcome;  // "running", "recovered", or why it failed
  // Where they differed: what the site and the platform took the plan for.
  std::string site_digest;
  std::string platform_digest;
  int disagreements = 0;              // of this outage so far
  std::chrono::milliseconds held{0};  // from_site failed it, and was not to be asked for so long
  // It is being handed over, to that site or (0) to any.
  bool moving = false;
  SiteId move_from;
  SiteId move_to;

  friend bool operator==(const RecoveryAttempt&, const RecoveryAttempt&) = default;
};

inline constexpr std::string_view kRunningAttempt = "running";

struct AuditEntry {
  TimePoint at;
  std::string actor;   // "operator", "site A", "order system"
  std::string action;  // "plan modify"
  std::string object;  // "plan 31"
  std::string before;
  std::string after;
  std::string reason;
};

class Records {
 public:
  virtual ~Records() = default;
  // Begins the row of this id, or writes what became of it since: plan, attempt, from_site, why,
  // lost_at and noticed_at stay what they were.
  virtual void put(UnitOfWork& work, const RecoveryAttempt& attempt) = 0;
  virtual void add(UnitOfWork& work, const AuditEntry& entry) = 0;
  // The attempts that are running, by id.
  virtual std::vector<RecoveryAttempt> running() = 0;
  virtual AttemptId last_attempt() = 0;
};

}  // namespace systask::trading
