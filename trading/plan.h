// A plan, as the worker that owns it knows it: a mirror of its rows in algojr_tscheme and
// algojr_tschemestock. Values; changed only inside a command, through the Book.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/clock.h"
#include "trading/plan_status.h"
#include "trading/shared.h"
#include "trading/types.h"

namespace systask::trading {

// What a plan trades of one security on one side, and what came of it.
struct PlanDetail {
  Market market;
  std::string security;
  Side side = Side::kBuy;
  Quantity quantity = 0;  // the target; 0: none, the plan follows orders placed elsewhere
  Quantity ordered = 0;   // of every order accepted for the plan
  Quantity filled = 0;
  AmountTicks amount;   // of the fills: sum of price times quantity
  bool planned = true;  // a client asked for it; false: reports of orders made it

  friend bool operator==(const PlanDetail&, const PlanDetail&) = default;
};

// How far the takeover of an abnormal plan has come.
enum class RecoveryPhase : char {
  kNone = '-',       // not abnormal
  kWaiting = 'w',    // no site has been asked yet, or the last one failed
  kOffered = 'o',    // a site was asked to rebuild it
  kReplaying = 'r',  // a site has claimed it and asks for the cached messages
};

using Parameters = std::map<std::string, std::string>;

struct Plan {
  PlanId id;
  BusinessDate date;       // the business date on which it was opened, or reopened
  BusinessDate last_date;  // it expires for good after this one
  std::string name;
  std::string strategy;
  std::string environment;
  Shared<Parameters> parameters;
  std::vector<PlanDetail> details;
  std::int32_t tolerance_percent = 0;  // so far its site's orders may go beyond the quantities

  PlanStatus status = PlanStatus::kToBeSubmitted;
  PlanStatus saved_status = PlanStatus::kToBeSubmitted;  // what it was; while abnormal only
  RecoveryPhase phase = RecoveryPhase::kNone;
  SiteId site;        // whose it is; while offered, who was asked
  SessionId session;  // the login of that site; 0: no site
  Epoch epoch{1};
  LineNumber last;     // the last number given to anything of this plan
  LineNumber applied;  // the last number applied; behind `last` only while messages are cached
  std::int64_t skipped = 0;       // numbers that yielded no event
  std::string quarantine_reason;  // not empty: an operator must look at it
  std::string fail_reason;        // why it failed, as its site said it
  std::string created_by;
  TimePoint created_at;
  TimePoint status_at;

  friend bool operator==(const Plan&, const Plan&) = default;

  // What it is, or was before its site died.
  [[nodiscard]] PlanStatus effective_status() const {
    return status == PlanStatus::kAbnormal ? saved_status : status;
  }
};

}  // namespace systask::trading
