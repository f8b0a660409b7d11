// What clients, the platform and sites do to a plan as a whole: create it, pause, resume,
// cancel, expire or modify it, and say that it is done. Every change takes a number of
// the plan's line; on an abnormal plan it waits in the cache. Worker's thread only.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "trading/platform.h"
#include "trading/turn.h"

namespace systask::trading {

class Intake;
class Placement;
struct Loads;

// The change that a function number of the line stands for (5180301…), if it is one.
std::optional<PlanRequest> change_of(int function_no);
int function_of(PlanRequest request);

// Changes the plan's status (of an abnormal plan: the saved one) or its parameters, or
// refuses PLAN_NOT_RUNNING and changes nothing. `body` is the event's.
Result<void> apply_change(Plan& plan, PlanRequest request, const std::string& body, TimePoint now);

class Changes {
 public:
  Changes(const Stores& stores, Intake& intake, const Placement& placement,
          const MarketHours& hours, std::function<MonotonicPoint()> monotonic)
      : stores_(stores),
        intake_(intake),
        placement_(placement),
        hours_(hours),
        monotonic_(std::move(monotonic)) {}

  // NO_SITE, with the reason for each known site, where none can run it. After its
  // market's last session a plan belongs to the next business date, and starts with it.
  Result<CreatedPlan> create(Turn& turn, const NewPlan& request);

  // The number that the change took; the audit log has who asked, and the reason, which may be
  // empty. NO_SUCH_PLAN, PLAN_NOT_RUNNING.
  Result<LineNumber> change(Turn& turn, PlanId plan, PlanRequest request,
                            const Parameters& parameters, const std::string& actor,
                            const std::string& reason = {});

  // Gives a plan that has no site (status 0) to its first; false where none can run it.
  bool submit(Turn& turn, PlanId plan, const Loads& loads);

  // A site has done what was asked of it: running, paused, cancelled, expired.
  Result<PlanStatus> done(Turn& turn, PlanId plan, PlanRequest request);
  Result<PlanStatus> failed(Turn& turn, PlanId plan, const std::string& reason);

 private:
  Refusal already_used(Turn& turn, const NewPlan& request) const;
  bool note_message(Turn& turn, const NewPlan& request, PlanId plan);
  void start_on(Turn& turn, PlanId plan, SiteId site);
  LineNumber take_number(Turn& turn, PlanId plan, PlanRequest request, std::string body,
                         bool cached);

  const Stores& stores_;
  Intake& intake_;
  const Placement& placement_;
  const MarketHours& hours_;
  const std::function<MonotonicPoint()> monotonic_;
};

}  // namespace systask::trading
