// Takeover walks plans through section 5 of the protocol: pages of open orders, claim,
// cached messages, finish. Any number of plans at once, each with one question on its way;
// a question that was lost with its connection, or refused for a passing reason, is asked
// again by retry(). On the site's thread; link, plans and hooks must outlive it.
#pragma once

#include <boost/json/fwd.hpp>
#include <cstdint>
#include <functional>

#include "base/result.h"
#include "peers/link/link.h"
#include "peers/site/held_plan.h"

namespace systask::peers {

class Takeover {
 public:
  struct Hooks {
    std::function<void(HeldPlan&)> claimed;   // won; its line begins at the snapshot
    std::function<void(HeldPlan&)> finished;  // runs again
    std::function<void(std::int64_t plan)> drop;
  };

  Takeover(Link& link, Plans& plans, Hooks hooks);

  // A push of asset.algo.recover_scheme.
  void offered(std::int64_t plan, std::int64_t epoch, const boost::json::object& body);
  // Asks what the plan's phase needs next, unless that is on its way.
  void advance(HeldPlan& held);
  void retry();

 private:
  using Step = void (Takeover::*)(HeldPlan&, const boost::json::object&);
  void ask(HeldPlan& held, const char* name, const boost::json::object& body, Step then);
  void refused(HeldPlan& held, const Refusal& refusal);
  void take_page(HeldPlan& held, const boost::json::object& page);
  void take_claim(HeldPlan& held, const boost::json::object& claim);
  void take_cached(HeldPlan& held, const boost::json::object& cached);
  void take_finish(HeldPlan& held, const boost::json::object& finish);
  void begin_again(HeldPlan& held);
  void cannot_rebuild(std::int64_t plan, std::int64_t epoch, const std::string& reason);

  Link& link_;
  Plans& plans_;
  Hooks hooks_;
};

}  // namespace systask::peers
