// Plans and their details: algojr_tscheme, algojr_tschemestock.
#pragma once

#include <vector>

#include "trading/plan.h"
#include "trading/ports/unit_of_work.h"

namespace systask::trading {

// A claim is one conditional update: it succeeds only on an abnormal plan of this epoch
// whose last applied number is `snapshot`, for a session that is live.
struct Claim {
  PlanId plan;
  Epoch epoch;          // in which the plan was offered; the claim raises it by one
  LineNumber snapshot;  // as of which the site has built the plan
  SiteId site;
  SessionId session;
};

class PlanStore {
 public:
  virtual ~PlanStore() = default;

  virtual void insert(UnitOfWork& work, const Plan& plan) = 0;

  // Writes every column that can change (of the plan's row; not the details) where the row
  // still has the epoch `fenced_by`; the plan's own epoch may be newer. False: it has not.
  virtual bool update(UnitOfWork& work, const Plan& plan, Epoch fenced_by) = 0;

  // Writes how far the plan's line has come (last, applied, skipped), as nearly every message
  // moves it, where the row still has the plan's epoch. False: it has not.
  virtual bool advance(UnitOfWork& work, const Plan& plan) = 0;

  // Writes ordered, filled and amount of one detail; inserts the row where there is none.
  virtual void put_detail(UnitOfWork& work, PlanId plan, const PlanDetail& detail) = 0;

  // Sets site, session, epoch + 1 and phase replaying; false where the condition is not met.
  virtual bool claim(UnitOfWork& work, const Claim& claim) = 0;

  // Every plan not archived, with its details, by id.
  virtual std::vector<Plan> load() = 0;
  // The greatest id ever given, 0 if none; archived plans included.
  virtual PlanId last_id() = 0;
};

}  // namespace systask::trading
