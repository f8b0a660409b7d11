// Recovery takes the plans of a lost site to another: it marks them abnormal, asks a site
// to rebuild each, gives the plan to the first that claims it, replays the cached messages
// and lets the plan run again when nothing is left behind. Worker's thread only.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "trading/platform.h"
#include "trading/ports/records.h"
#include "trading/turn.h"

namespace systask::trading {

class Changes;
class Intake;
class Placement;
struct Loads;

class Recovery {
 public:
  struct Parts {
    const Stores& stores;
    Intake& intake;
    Changes& changes;
    Placement& placement;
    const PlatformOptions& options;
    std::function<MonotonicPoint()> monotonic;
    std::function<MonotonicPoint()> awake;  // stands still while the platform does
  };
  explicit Recovery(Parts parts) : parts_(std::move(parts)) {}

  // Marks the session dead, and only then makes its plans abnormal, or takes back what it
  // was rebuilding. False where the session is not live.
  bool lose(Turn& turn, SessionId session, const std::string& why,
            MonotonicPoint::duration since_heard);

  // A site that is well does not have its plan, as its resumption says: nobody runs it. It becomes
  // abnormal, or waits again where it was being taken over, and is recovered like any other.
  void disown(Turn& turn, PlanId plan, const std::string& why);

  // Pushes the request to rebuild the plan to a site that was chosen for it.
  void ask_to_rebuild(Turn& turn, PlanId plan, SessionId session);

  // --- hand-over, in good order: the plan's events are held back, its site acknowledges what
  // it was pushed and is told to drop the plan, and another rebuilds it ---

  // Plans leave the site one after the other, as long as another can run them; step() and
  // the end of each move go on with the next.
  void drain_next(Turn& turn, SiteId site);
  Result<bool> move(Turn& turn, PlanId plan, const std::string& to, const std::string& actor,
                    const std::string& reason);
  // What the site says it has applied; what was held back for that goes on.
  Result<bool> acknowledge(Turn& turn, const SiteRequest& who, LineNumber through);
  Result<Explained> explain(const Turn& turn, PlanId plan) const;

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
  // `digest` is the site's, or empty. Where it differs from ours the plan is another site's
  // to rebuild: DIGEST_DIFFERS, and after some tries it is quarantined.
  Result<FinishAnswer> finish(Turn& turn, const SiteRequest& who, LineNumber through,
                              const std::string& digest);
  Result<bool> failed(Turn& turn, const SiteRequest& who, const std::string& reason);

  // Takes an offer back: another follows, with a newer epoch and snapshot.
  void withdraw(Turn& turn, PlanId plan, const std::string& why);

  // The plan waits for an operator, with the reason: its site drops it, and what comes for it
  // is cached.
  void quarantine(Turn& turn, PlanId plan, const std::string& reason);
  // Lets a quarantined plan go on, unless another of its messages waits for an operator:
  // false then, or where one of those behind it cannot be applied either.
  Result<bool> release(Turn& turn, PlanId plan);

  // After a start: the attempts that were running go on in their rows, with the hold-downs and
  // hand-overs that they know of.
  void resume_attempts(Turn& turn);

 private:
  void make_abnormal(Turn& turn, PlanId plan, const std::string& from, const std::string& why,
                     TimePoint lost_at);
  void begin_attempt(Turn& turn, PlanId plan, const std::string& from, const std::string& why,
                     TimePoint lost_at);
  void back_to_waiting(Turn& turn, PlanId plan, const std::string& why, bool hold_down);
  void offer(Turn& turn, PlanId plan, const std::vector<SiteId>& sites);
  void take_back_hanging(Turn& turn, RecoveryReport& report);
  void place_waiting(Turn& turn, Loads& loads, RecoveryReport& report);
  std::vector<SiteId> candidates(Turn& turn, const Loads& loads, PlanId plan) const;
  void end_rebuild(Turn& turn);
  // True where another site is still asked: the plan goes on with that one.
  bool drop_candidate(Turn& turn, PlanId plan, SessionId session);
  void release_candidates(Turn& turn, const Plan& plan, SessionId but);
  void set_move(Turn& turn, PlanId plan, SiteId from, SiteId to);
  void clear_move(Turn& turn, PlanId plan);
  void leave(Turn& turn, PlanId plan, SiteId to, const std::string& why);
  void hand_over(Turn& turn, PlanId plan);
  bool has_acknowledged(const Plan& plan) const;
  // Whether the plan is offered to this session, as the first or as another, in its epoch.
  static bool is_offered(const Turn& turn, const Plan& plan, SessionId session);
  std::int64_t remaining_of(Turn& turn, PlanId plan, bool more) const;
  Result<FinishAnswer> disagree(Turn& turn, PlanId plan, const std::string& theirs,
                                const std::string& ours);
  RecoveryAttempt& attempt(Turn& turn, PlanId plan);
  // Now, as this outage of the plan counts it: from the wall time at its begin on by the
  // monotonic clock, so that its times are in order, and what lies between them has passed.
  TimePoint now_of(const Turn& turn, PlanId plan);
  void note(Turn& turn, PlanId plan, const std::function<void(RecoveryAttempt&)>& change);
  std::string site_name(const Turn& turn, SiteId site) const;

  Parts parts_;
  std::map<PlanId, MonotonicPoint> progress_;  // the last sign of each rebuild, awake
  struct Begin {
    TimePoint wall;
    MonotonicPoint monotonic;
  };
  std::map<PlanId, Begin> begins_;  // of outages
  struct Acknowledged {
    Epoch epoch;
    LineNumber through;
  };
  std::unordered_map<PlanId, Acknowledged> acknowledged_;  // what sites said; true whatever fails
  // As the last step() left it; when half of the rebuilds are done, and plans wait for their
  // turn, the next look comes at once.
  int rebuilding_ = 0;
  int look_at_ = 0;
  bool bounded_ = false;
};

}  // namespace systask::trading
