#include "trading/changes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "tests/support/trading_world.h"
#include "trading/ports/day_store.h"

namespace systask::trading {
namespace {

// Every status, and what each request makes of it: '.' is refused.
TEST(ApplyChange, EveryRequestInEveryStatus) {
  //                                statuses: 0123456789abcdefgh
  const std::map<PlanRequest, std::string> expected{
      {PlanRequest::kStart, "1................."},  {PlanRequest::kPause, "..44...4.........."},
      {PlanRequest::kResume, ".....77........7.."}, {PlanRequest::kCancel, ".99.99.99......9.."},
      {PlanRequest::kExpire, ".gg.gg.g.......g.."}, {PlanRequest::kModify, "0123456789.....fg."}};
  for (const auto& [request, row] : expected)
    for (std::size_t i = 0; i < kPlanStatusChars.size() - 1; ++i) {
      for (const bool abnormal : {false, true}) {
        Plan plan;
        const PlanStatus before = *plan_status(kPlanStatusChars[i]);
        (abnormal ? plan.saved_status : plan.status) = before;
        if (abnormal) plan.status = PlanStatus::kAbnormal;
        const Plan seen = plan;
        const auto applied =
            apply_change(plan, request, R"({"parameters":{"price":"11"}})", TimePoint{});
        const std::string what = std::string{name_of(request)} + " of " + kPlanStatusChars[i];
        ASSERT_EQ(applied.has_value(), row[i] != '.') << what;
        EXPECT_EQ(static_cast<char>(plan.effective_status()),
                  row[i] == '.' ? kPlanStatusChars[i] : row[i])
            << what;
        if (applied.has_error()) {
          EXPECT_EQ(applied.error().code, "PLAN_NOT_RUNNING") << what;
          EXPECT_EQ(plan, seen) << what;
        }
      }
    }
}

TEST(ApplyChange, AModifyChangesOnlyWhatItNames) {
  Plan plan;
  plan.status = PlanStatus::kRunning;
  plan.parameters = Parameters{{"price", "10"}, {"slices", "6"}};
  ASSERT_TRUE(apply_change(plan, PlanRequest::kModify, R"({"parameters":{"price":"11"}})", {}));
  EXPECT_EQ(plan.parameters, (Parameters{{"price", "11"}, {"slices", "6"}}));
  EXPECT_EQ(apply_change(plan, PlanRequest::kModify, "{}", {}).error().code, "BAD_REQUEST");
}

TEST(Changes, EveryRequestHasItsFunctionAndName) {
  for (int number = 5180301; number <= 5180306; ++number) {
    const auto request = change_of(number);
    ASSERT_TRUE(request.has_value());
    EXPECT_EQ(function_of(*request), number);
    EXPECT_EQ(plan_request(name_of(*request)), *request);
  }
  EXPECT_FALSE(change_of(402206).has_value());
  EXPECT_FALSE(plan_request("stop").has_value());
}

TEST(Changes, APlanThatIsNoneIsRefusedWithTheField) {
  systask::support::TradingWorld world;
  ASSERT_TRUE(world.login(systask::support::login_of("A")).has_value());
  const auto refusal = [&](const std::function<void(NewPlan&)>& spoil) {
    NewPlan plan = systask::support::plan_to_buy(100);
    spoil(plan);
    const auto created = world.create(plan);
    return created.has_value() ? "" : created.error().code + " " + created.error().message;
  };
  EXPECT_EQ(refusal([](NewPlan&) {}), "");
  EXPECT_EQ(refusal([](NewPlan& p) { p.strategy.clear(); }),
            "BAD_REQUEST strategy: empty, expected 1 to 128 bytes without blanks and control "
            "characters, and not '-'");
  EXPECT_EQ(refusal([](NewPlan& p) { p.details.clear(); }),
            "BAD_REQUEST details: none, expected one or more");
  EXPECT_EQ(refusal([](NewPlan& p) { p.details[0].market = Market{0}; }),
            "BAD_REQUEST details.market_no: expected a number above 0");
  EXPECT_EQ(refusal([](NewPlan& p) { p.details[0].security.clear(); }),
            "BAD_REQUEST details.stock_code: empty, expected 1 to 128 bytes without blanks and "
            "control characters, and not '-'");
  EXPECT_EQ(refusal([](NewPlan& p) { p.details[0].security = "600\n570"; }),
            "BAD_REQUEST details.stock_code: found '600 | 570', expected 1 to 128 bytes without "
            "blanks and control characters, and not '-'");
  EXPECT_EQ(refusal([](NewPlan& p) { p.details[0].quantity = -1; }),
            "BAD_REQUEST details.quantity: found -1, expected 0 (no target) to 1000000000000000");
  EXPECT_EQ(refusal([](NewPlan& p) { p.environment = "test"; }),
            "NO_SITE no strategy site available: A: connected to the wrong environment: it is "
            "logged in to prod, the plan is for test");
}

TEST(Changes, AMessageMakesItsPlanOnce) {
  systask::support::TradingWorld world;
  ASSERT_TRUE(world.login(systask::support::login_of("A")).has_value());
  NewPlan plan = systask::support::plan_to_buy(100);
  plan.message_id = "scheme-7";
  EXPECT_EQ(world.create(plan)->plan, PlanId{1});
  EXPECT_EQ(world.create(plan).error().code, "DUPLICATE_REQUEST");
  EXPECT_EQ(world.create(plan).error().message,
            "message scheme-7 asked for plan 1 before: it was made then");
  plan.details[0].quantity = 200;
  EXPECT_EQ(world.create(plan).error().code, "DUPLICATE_REQUEST");
  EXPECT_THAT(world.create(plan).error().message, testing::HasSubstr("for something else"));
  world.restart(true);
  world.pass(Micros{100});
  EXPECT_EQ(world.stores.tables().plans.size(), 1U);
}

TEST(Changes, WhoChangedWhatIsInTheAuditLog) {
  systask::support::TradingWorld world;
  ASSERT_TRUE(world.login(systask::support::login_of("A")).has_value());
  ASSERT_TRUE(world.create(systask::support::plan_to_buy(100)).has_value());
  const auto changed = world.ask<LineNumber>([&](Answer<LineNumber> answer) {
    world.platform().change(PlanId{1}, PlanRequest::kModify, {{"price", "11"}}, "olga", answer,
                            "the desk asked");
  });
  EXPECT_EQ(changed.value(), LineNumber{2});
  const AuditEntry& entry = world.stores.tables().audit.rbegin()->second;
  EXPECT_EQ(entry.actor + "|" + entry.action + "|" + entry.object, "olga|plan modify|plan 1");
  EXPECT_EQ(entry.reason, "the desk asked");
  auto plan = systask::support::plan_to_buy(100);
  plan.reason = "a test";
  ASSERT_TRUE(world.create(plan).has_value());
  EXPECT_TRUE(std::ranges::any_of(world.stores.tables().audit, [](const auto& one) {
    return one.second.action == "plan create" && one.second.reason == "a test";
  }));
  EXPECT_NE(entry.before.find(R"("price":"10")"), std::string::npos) << entry.before;
  EXPECT_NE(entry.after.find(R"("price":"11")"), std::string::npos) << entry.after;
}

TEST(Changes, ALastDateInThePastAndAMarketWithoutSessionsAreRefused) {
  systask::support::TradingWorld world;
  ASSERT_TRUE(world.login(systask::support::login_of("A")).has_value());
  {
    const Stores stores = world.stores.stores();
    const auto work = stores.transactions.begin();
    stores.day.add_session_text(*work, Market{1}, "093000-150000");
    stores.day.add_session_text(*work, Market{2}, "093000-150000");
    work->commit();
  }
  const auto refusal = [&](const std::function<void(NewPlan&)>& spoil) {
    NewPlan plan = systask::support::plan_to_buy(100);
    spoil(plan);
    const auto created = world.create(plan);
    return created.has_value() ? "" : created.error().code + " " + created.error().message;
  };
  const auto until = [](int date) {
    return [date](NewPlan& plan) { plan.last_date = BusinessDate{date}; };
  };
  EXPECT_EQ(refusal(until(20260522)), "");
  EXPECT_EQ(
      refusal(until(20260521)),
      "BAD_REQUEST last_date: found 20260521, expected 20260522, the plan's business date, or "
      "later");
  EXPECT_EQ(refusal(until(20260631)),
            "BAD_REQUEST last_date: found 20260631, expected a date, YYYYMMDD");
  EXPECT_EQ(
      refusal([](NewPlan& plan) {
        plan.details.push_back(plan.details[0]);
        plan.details.back().market = Market{99};
      }),
      "NO_SESSIONS market 99 has no trading sessions: algojr_texectimeinfo has those of 1, 2; "
      "name one of these markets, or add its row");
}

TEST(Changes, AFailureKeepsItsReason) {
  systask::support::TradingWorld world;
  const SessionId session = world.login(systask::support::login_of("A")).value().session;
  const auto fails = [&](const std::string& reason) {
    const PlanId plan = world.create(systask::support::plan_to_buy(100)).value().plan;
    EXPECT_TRUE(world.ask<PlanStatus>([&](Answer<PlanStatus> answer) {
      world.platform().plan_failed({session, plan, Epoch{1}}, reason, answer);
    }));
    return plan;
  };
  const PlanId plan = fails("parameter price: absent");
  EXPECT_EQ(world.plan(plan).fail_reason, "parameter price: absent");
  EXPECT_EQ(world.view(plan).value().reason, "parameter price: absent");
  world.restart(true);
  EXPECT_EQ(world.view(plan).value().reason, "parameter price: absent");
  const SessionId again = world.login(systask::support::login_of("A")).value().session;
  EXPECT_NE(again, session);
}

TEST(Changes, AReasonIsKeptInBounds) {
  systask::support::TradingWorld world;
  const SessionId session = world.login(systask::support::login_of("A")).value().session;
  const auto kept = [&](const std::string& reason) {
    const PlanId plan = world.create(systask::support::plan_to_buy(100)).value().plan;
    EXPECT_TRUE(world.ask<PlanStatus>([&](Answer<PlanStatus> answer) {
      world.platform().plan_failed({session, plan, Epoch{1}}, reason, answer);
    }));
    return world.plan(plan).fail_reason;
  };
  EXPECT_EQ(kept(""), "its site gave no reason");
  EXPECT_EQ(kept(std::string(500, 'x')), std::string(500, 'x'));
  EXPECT_LE(kept(std::string(5'000, 'x')).size(), 520U);
  EXPECT_EQ(kept("no\nprice\x1b[2J"), "no | price?[2J") << "a terminal shows it";
}

}  // namespace
}  // namespace systask::trading
