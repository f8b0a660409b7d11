// R8 and R10: wherever the site dies, the plan comes to the state of a run without deaths.
#include <gtest/gtest.h>

#include <optional>

#include "tests/support/trading_world.h"

namespace systask::trading {
namespace {

using systask::support::Fields;
using systask::support::TradingWorld;

struct Report {
  int function_no;
  Fields fields;
};

// A day of one plan: early fills, repeats, a cancel, a combined order.
const std::vector<Report>& day() {
  static const std::vector<Report> kDay{
      {402206, {{"entrust_no", "E1"}, {"deal_no", "D1"}, {"deal_amount", "100"}}},
      {402213, {{"scheme_id", "1"}, {"entrust_no", "E1"}, {"entrust_amount", "300"}}},
      {402208, {{"entrust_no", "E1"}}},
      {402206, {{"entrust_no", "E1"}, {"deal_no", "D1"}, {"deal_amount", "100"}}},
      {402213, {{"scheme_id", "1"}, {"entrust_no", "E2"}, {"entrust_amount", "200"}}},
      {402206, {{"entrust_no", "E2"}, {"deal_no", "D1"}, {"deal_amount", "50"}}},
      {402206,
       {{"entrust_no", "E1"}, {"deal_no", "D1"}, {"deal_amount", "100"}, {"message_id", "again"}}},
      {402238,
       {{"scheme_id", "1"},
        {"entrust_no", "C1"},
        {"buy_entrust_no", "L1"},
        {"sell_entrust_no", "L2"},
        {"buy_entrust_amount", "30"},
        {"sell_entrust_amount", "30"}}},
      {402206, {{"entrust_no", "L2"}, {"deal_no", "D1"}, {"deal_amount", "10"}}},
      {402210, {{"cancel_entrust_no", "E2"}}},
      {402206, {{"entrust_no", "E2"}, {"deal_no", "D2"}, {"deal_amount", "40"}}},
      {402212, {{"cancel_entrust_no", "E2"}, {"cancel_amount", "110"}}},
      {402206, {{"entrust_no", "E1"}, {"deal_no", "D3"}, {"deal_amount", "25"}}},
  };
  return kDay;
}

// Two sites that do all they are asked, at once.
class Sites {
 public:
  explicit Sites(TradingWorld& world) : world_(world) { log_in("A"), log_in("B"); }

  void log_in(const std::string& name) {
    sessions_[name] = world_.login(systask::support::login_of(name))->session;
  }
  // Whose connection is closed, and after its grace it is gone.
  void kill_owner() {
    const SessionId session = world_.plan(PlanId{1}).session;
    world_.platform().disconnected(session);
    world_.silence(session, true);
    world_.pass(std::chrono::milliseconds{300});
    for (const auto& [name, known] : sessions_)
      if (known == session) dead_ = name;
  }
  // Rebuild, claim and replay up to `steps` requests; true when the plan runs again.
  bool take_over(int steps) {
    world_.platform().recover_plans();
    world_.settle();
    Plan plan = world_.plan(PlanId{1});
    SiteRequest who{plan.session, plan.id, plan.epoch};
    if (steps-- == 0) return false;
    const auto won = world_.ask<ClaimAnswer>(
        [&](Answer<ClaimAnswer> a) { world_.platform().claim(who, plan.applied, a); });
    who.epoch = won->epoch;
    while (steps-- > 0) {
      const auto cached = world_.ask<CachedAnswer>(
          [&](Answer<CachedAnswer> a) { world_.platform().cached(who, 1, a); });
      if (cached->remaining > 0) continue;
      return world_
          .ask<FinishAnswer>(
              [&](Answer<FinishAnswer> a) { world_.platform().finish(who, cached->through, a); })
          .has_value();
    }
    return false;
  }
  void revive() {
    if (dead_) log_in(*std::exchange(dead_, std::nullopt));
  }

 private:
  TradingWorld& world_;
  std::map<std::string, SessionId> sessions_;
  std::optional<std::string> dead_;
};

void start_plan(TradingWorld& world) {
  ASSERT_TRUE(world.create(systask::support::plan_to_buy(10'000)).has_value());
  const Plan plan = world.plan(PlanId{1});
  ASSERT_TRUE(world
                  .ask<PlanStatus>([&](Answer<PlanStatus> answer) {
                    world.platform().plan_done({plan.session, plan.id, plan.epoch},
                                               PlanRequest::kStart, answer);
                  })
                  .has_value());
}

std::string digest_without_deaths() {
  TradingWorld world;
  Sites sites{world};
  start_plan(world);
  for (const Report& report : day())
    world.report(report.function_no, report.fields);
  EXPECT_EQ(world.breach(), "");
  return world.view(PlanId{1})->digest;
}

// The site dies before report `death`, its successor after `steps` requests of its
// takeover, which begins `later` reports after the death.
void expect_same_digest(std::size_t death, std::size_t later, int steps,
                        const std::string& expected) {
  const std::string what = "death " + std::to_string(death) + ", takeover " +
                           std::to_string(later) + " later, dies after " + std::to_string(steps);
  TradingWorld world;
  Sites sites{world};
  start_plan(world);
  const auto recover = [&] {
    if (!sites.take_over(steps)) {
      sites.revive();
      sites.kill_owner();
      ASSERT_TRUE(sites.take_over(100)) << what;
    }
  };
  for (std::size_t i = 0; i < day().size(); ++i) {
    if (i == death) sites.kill_owner();
    if (i == death + later) recover();
    EXPECT_NE(world.report(day()[i].function_no, day()[i].fields), "failed") << what;
  }
  if (death + later >= day().size()) recover();
  EXPECT_EQ(world.breach(), "") << what;
  EXPECT_EQ(world.plan(PlanId{1}).status, PlanStatus::kRunning) << what;
  EXPECT_EQ(world.view(PlanId{1})->digest, expected) << what;
  EXPECT_EQ(world.view(PlanId{1})->cached, 0) << what;
}

TEST(DeathEverywhere, TheDigestIsThatOfARunWithoutDeaths) {
  const std::string expected = digest_without_deaths();
  for (std::size_t death = 0; death < day().size(); ++death)
    for (const std::size_t later : {0U, 1U, 3U, 99U})
      for (const int steps : {0, 1, 2, 4, 100})
        expect_same_digest(death, later, steps, expected);
}

}  // namespace
}  // namespace systask::trading
