// The Desk carries out what strategies decide: it asks the platform to place and cancel
// orders and says what is done. A question without an answer is asked again in the same
// words, so nothing is placed twice. On the site's thread; what it is given must outlive it.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "base/result.h"
#include "peers/link/link.h"
#include "peers/site/held_plan.h"

namespace systask::peers {

class Desk {
 public:
  struct Hooks {
    // The platform has accepted an order of this plan.
    std::function<void(HeldPlan&, const std::string& algo_ordid, std::int64_t quantity)> placed;
    std::function<void(std::int64_t plan)> drop;
  };

  Desk(Link& link, Plans& plans, Hooks hooks);

  void act(HeldPlan& held, const Actions& actions);
  // Asks again what the last connection left unanswered.
  void retry(HeldPlan& held);

 private:
  void place(HeldPlan& held, const Place& order);
  void ask_place(HeldPlan& held, const std::string& algo_ordid);
  void place_answered(HeldPlan& held, const std::string& algo_ordid, const Answer& answer);
  void cancel(HeldPlan& held, const Cancel& order);
  void cancel_answered(HeldPlan& held, const Cancel& order, const Answer& answer);
  void say_done(HeldPlan& held, std::string_view request);
  void say_failed(HeldPlan& held, const std::string& reason);
  void status_answered(HeldPlan& held, const Answer& answer);
  void ask_status(HeldPlan& held);
  bool lost_to_another(HeldPlan& held, const Refusal& refusal);

  // A callback that finds the plan again, or does nothing where it was dropped.
  template <class Function>
  OnAnswer for_plan(const HeldPlan& held, Function then);

  Link& link_;
  Plans& plans_;
  Hooks hooks_;
};

}  // namespace systask::peers
