// The Teller carries out a story's steps on a world of its own, one after the other, and
// throws a StoryError at the first that turns out otherwise than the story says.
//
// It plays every site, client and order system of the story; each site remembers its
// session and the epoch in which it was given each plan, also where it has lost it since.
// It belongs to the test's thread and lives for one story.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "tests/scenarios/story.h"
#include "tests/support/trading_world.h"

namespace systask::scenarios {

class Teller {
 public:
  Teller();

  void tell(const Story& story);

 private:
  // What a step came to: "ok" or the code of the refusal, with what came along.
  struct Outcome {
    std::string code = "ok";
    std::string message;
    support::Fields values;
  };
  using Verb = Outcome (Teller::*)(const Step&);

  struct SiteState {
    trading::SessionId session;
    trading::SessionId previous;
    std::size_t read = 0;  // pushes of this session that the story has looked at
    std::map<trading::PlanId, trading::Epoch> epochs;
  };

  template <class T, class Describe>
  static Outcome outcome_of(const Result<T>& result, Describe&& describe);

  void check(const Step& step, const Outcome& outcome) const;
  void learn_epochs();

  // Steps by their first word.
  Outcome site(const Step& step);
  Outcome plan(const Step& step);
  Outcome client(const Step& step);
  Outcome in(const Step& step);
  Outcome out(const Step& step);
  Outcome tick(const Step& step);
  Outcome wait(const Step& step);
  Outcome service(const Step& step);
  Outcome task(const Step& step);
  Outcome table(const Step& step);
  Outcome market(const Step& step);
  Outcome operates(const Step& step);
  Outcome options(const Step& step);

  Outcome log_in(const Step& step, const std::string& name, bool resume);
  Outcome ask_site(const Step& step, const SiteState& state, const std::string& verb);
  Outcome recover_site(const Step& step, SiteState& state, const trading::SiteRequest& who,
                       const std::string& verb);
  static trading::PlatformOptions standard_options();
  Outcome operates_plan(const Step& step, const std::string& verb);
  Outcome plan_runs_on(const Step& step, trading::PlanId id);
  Outcome plan_is(const Step& step, const trading::Plan& plan);
  trading::SiteRequest who(const Step& step, const SiteState& state);
  SiteState& site_of(const Step& step, const std::string& name);
  std::string site_name(const trading::Plan& plan);
  std::vector<trading::Push> pushes_to(trading::SessionId session) const;

  Outcome market_of(const Step& step, const std::string& verb);

  support::TradingWorld world_;
  std::map<std::string, SiteState> sites_;
  std::size_t learned_ = 0;                              // pushes whose epochs are known
  std::map<std::string, trading::OrderLinkId> markets_;  // order systems by their names
};

}  // namespace systask::scenarios
