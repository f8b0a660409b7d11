// Recovery takes the plans of a lost site to another: it marks them abnormal, asks a site
// to rebuild each, gives the plan to the first that claims it, replays the cached messages
// and lets the plan run again when nothing is left behind. Worker's thread only.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "trading/platform.h"
#include "trading/ports/records.h"
#include "trading/turn.h"

namespace systask::trading {

class Changes;
class Intake;
class Placement;

class Recovery {
 public:
  struct Parts {
    const Stores& stores;
    Intake& intake;
    Changes& changes;
    Placement& placement;
    const PlatformOptions& options;
    std::function<MonotonicPoint()> monotonic;
  };
  explicit Recovery(Parts parts) : parts_(std::move(parts)) {}

  // Marks the session dead, and only then makes its plans abnormal, or takes back what it
  // was rebuilding. False where the session is not live.
  bool lose(Turn& turn, SessionId session, const std::string& why,
            MonotonicPoint::duration since_heard);

  // Takes its plans from a site that stays: it is told to drop them.
  int release_all(Turn& turn, SessionId session, const std::string& why);

  // Pushes the request to rebuild the plan to the site that was chosen for it.
  void ask_to_rebuild(Turn& turn, PlanId plan);

  // One look: gives each waiting plan to a site, takes back rebuilds that hang.
  RecoveryReport step(Turn& turn);

  // The plan, if this request is about one that this session has in this epoch, or is
  // asked to rebuild; else STALE_EPOCH, and nothing may change.
  Result<const Plan*> fenced(const Turn& turn, const SiteRequest& who);

  // A page of open orders for the site that rebuilds the plan, or has it.
  Result<OpenOrdersPage> open_orders(Turn& turn, const SiteRequest& who, OrderId after,
                                     std::size_t limit);
  Result<ClaimAnswer> claim(Turn& turn, const SiteRequest& who, LineNumber snapshot);
  Result<CachedAnswer> cached(Turn& turn, const SiteRequest& who, std::size_t limit);
  Result<FinishAnswer> finish(Turn& turn, const SiteRequest& who, LineNumber through);
  Result<bool> failed(Turn& turn, const SiteRequest& who, const std::string& reason);

  // Takes an offer back: another follows, with a newer epoch and snapshot.
  void withdraw(Turn& turn, PlanId plan, const std::string& why);

  // After a start: attempts of plans that were abnormal when the platform stopped.
  void resume_attempts(Turn& turn);

 private:
  void make_abnormal(Turn& turn, PlanId plan, const std::string& from, const std::string& why,
                     TimePoint lost_at);
  void back_to_waiting(Turn& turn, PlanId plan, const std::string& why, bool hold_down);
  void offer(Turn& turn, PlanId plan, SiteId site);
  RecoveryAttempt& attempt(Turn& turn, PlanId plan);
  void note(Turn& turn, PlanId plan, const std::function<void(RecoveryAttempt&)>& change);
  std::string site_name(const Turn& turn, SiteId site) const;

  Parts parts_;
  std::map<PlanId, MonotonicPoint> progress_;  // the last sign of each rebuild
};

}  // namespace systask::trading
