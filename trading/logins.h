// Logins of sites: a new session, or the resumption of one whose connection broke; and
// their ends. Worker's thread only.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "base/result.h"
#include "trading/platform.h"
#include "trading/turn.h"

namespace systask::trading {

class Recovery;
class SiteWatch;
struct Site;

class Logins {
 public:
  Logins(const Stores& stores, Recovery& recovery, SiteWatch& watch,
         std::function<MonotonicPoint()> monotonic)
      : stores_(stores), recovery_(recovery), watch_(watch), monotonic_(std::move(monotonic)) {}

  // The answer is put among the turn's effects, and right behind it the events that a
  // resumed site has not seen. A live session that is not resumed is lost.
  void login(Turn& turn, const LoginRequest& request, const Answer<LoginAnswer>& answer);

  Result<bool> logout(Turn& turn, SessionId session);
  // The site gets no new plans, and those it has move to others.
  Result<bool> drain(Turn& turn, const std::string& site, const std::string& actor,
                     const std::string& reason);

 private:
  void resume(Turn& turn, const Site& site, const LoginRequest& request,
              const Answer<LoginAnswer>& answer);
  Result<std::optional<LineNumber>> missed_of(Turn& turn, const Plan& plan,
                                              const std::vector<LoginRequest::Held>& list);
  std::optional<LineNumber> last_start(Turn& turn, const Plan& plan);
  void push_missed(Turn& turn, const Plan& plan, LineNumber after);

  const Stores& stores_;
  Recovery& recovery_;
  SiteWatch& watch_;
  const std::function<MonotonicPoint()> monotonic_;
};

}  // namespace systask::trading
