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

class NameDisputes;
class Recovery;
class SiteWatch;
struct Site;

class Logins {
 public:
  Logins(const Stores& stores, Recovery& recovery, SiteWatch& watch, NameDisputes& disputes,
         const PlatformOptions& options, std::function<MonotonicPoint()> monotonic)
      : stores_(stores),
        recovery_(recovery),
        watch_(watch),
        disputes_(disputes),
        options_(options),
        monotonic_(std::move(monotonic)) {}

  // The answer is put among the turn's effects, and right behind it the events that a
  // resumed site has not seen. A live session that is not resumed is lost, and told by whom it is
  // replaced; NAME_IN_USE where that happens too often while it is well.
  void login(Turn& turn, const LoginRequest& request, const Answer<LoginAnswer>& answer);

  Result<bool> logout(Turn& turn, SessionId session);
  // The site gets no new plans, and those it has move to others.
  Result<bool> drain(Turn& turn, const std::string& site, const std::string& actor,
                     const std::string& reason);

 private:
  // Whether the session was heard so lately that its process lives.
  [[nodiscard]] bool is_well(SessionId session) const;
  // The site's live login makes place for another; false where that was refused.
  bool replace(Turn& turn, const Site& site, const LoginRequest& request,
               const Answer<LoginAnswer>& answer);
  void resume(Turn& turn, const Site& site, const LoginRequest& request,
              const Answer<LoginAnswer>& answer);
  Result<std::optional<LineNumber>> missed_of(Turn& turn, const Plan& plan,
                                              const std::vector<LoginRequest::Held>& list);
  std::optional<LineNumber> last_start(Turn& turn, const Plan& plan);
  void push_missed(Turn& turn, const Plan& plan, LineNumber after);

  const Stores& stores_;
  Recovery& recovery_;
  SiteWatch& watch_;
  NameDisputes& disputes_;
  const PlatformOptions& options_;
  const std::function<MonotonicPoint()> monotonic_;
};

}  // namespace systask::trading
