// The Director is what scenarios are written in: the stage, the platform's API, the plans
// and the wait for what must happen, each a sentence. One thread.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "base/clock.h"
#include "peers/drill/account.h"
#include "peers/drill/judge.h"
#include "peers/drill/options.h"
#include "peers/drill/pace.h"
#include "peers/drill/patience.h"
#include "peers/drill/stage.h"
#include "peers/flow/api.h"

namespace systask::peers::drill {

class Director {
 public:
  Director(const Clock& clock, const DrillOptions& options, const Workplace& place);

  // The service and the sites stand, and every site is logged in.
  void open();
  // The plans are created and the flow has begun.
  void begin();
  // A message for people, and the live account every half second.
  void tell(const std::string& sentence) const;

  [[nodiscard]] const DrillOptions& options() const { return options_; }
  [[nodiscard]] Stage& stage() { return stage_; }
  [[nodiscard]] const flow::Api& api() const { return api_; }
  [[nodiscard]] std::map<std::int64_t, PlanRequest>& requests() { return requests_; }
  [[nodiscard]] std::int64_t expected() const { return expected_; }
  [[nodiscard]] std::int64_t acked() const { return stage_.flow().acked; }

  void until(const std::string& what, const std::function<bool()>& reached, bool bounded = true) {
    patience_.until(what, reached, bounded);
  }
  bool for_at_most(std::chrono::milliseconds time, const std::function<bool()>& reached) {
    return patience_.for_at_most(time, reached);
  }
  void until_acked(std::int64_t count);
  void until_logged_in();
  // No plan is abnormal, no message cached.
  void until_normal();
  // Nothing more is to come: the replay is acknowledged, or every plan is completed.
  [[nodiscard]] bool over();

  // Why the flow will not end, or empty: a plan that has ended otherwise than by its trading, or
  // nothing has moved for longer than plans trade, though every site is up.
  [[nodiscard]] std::string why_not_over();

  // A site that is up, with plans if there is one; null where none is up. By seed.
  [[nodiscard]] SiteSlot* choose_site();
  void kill(SiteSlot& site, const std::string& signal,
            std::optional<std::chrono::milliseconds> back);
  // The parameters of a plan that waits for a site, changed by a client.
  void modify(std::int64_t plan, const std::map<std::string, std::string>& parameters);
  [[nodiscard]] std::size_t abnormal_plans();
  [[nodiscard]] Result<PlatformPlan> view(std::int64_t plan) const;
  // Of the platform's API, waited for where the service is being started again.
  [[nodiscard]] boost::json::value answer(const std::string& target);

 private:
  [[nodiscard]] bool may_pass(const Refusal& refusal) const;
  std::int64_t chores();
  void show_account();
  void create_plan(const struct NewPlan& plan);
  void start_flow();
  // The platform's status, asked for at most ten times a second; older otherwise.
  const boost::json::value* status();

  const Clock& clock_;
  DrillOptions options_;
  const Workplace& place_;
  std::mt19937_64 random_;
  Stage stage_;
  flow::Api api_;
  Patience patience_;
  std::map<std::int64_t, PlanRequest> requests_;
  Pace pace_;  // of a recording
  std::int64_t expected_ = 0;
  std::string security_;  // of a recording
  MonotonicPoint began_at_;
  MonotonicPoint account_at_;
  MonotonicPoint status_at_;
  MonotonicPoint moved_at_;
  std::int64_t mark_ = 0;  // of what moves
  std::shared_ptr<boost::json::value> status_;
};

[[nodiscard]] std::vector<std::string> site_names(int count);
// A plan as the platform's API shows it.
[[nodiscard]] PlatformPlan view_of(const boost::json::value& plan);

}  // namespace systask::peers::drill
