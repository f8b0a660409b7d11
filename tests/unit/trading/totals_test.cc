// The check of totals, whatever of them is archived.
#include <gtest/gtest.h>

#include "tests/support/trading_world.h"

namespace systask::trading {
namespace {

using support::TradingWorld;

class TotalsTest : public testing::Test {
 protected:
  TotalsTest() {
    world_.login(support::login_of("A"));
    NewPlan plan = support::plan_to_buy(1'000);
    plan.last_date = BusinessDate{20260529};
    plan_ = world_.create(plan).value().plan;
  }
  void place(const std::string& number, const std::string& date = "20260522") {
    EXPECT_EQ(world_.report(402213, {{"scheme_id", std::to_string(plan_.value())},
                                     {"business_date", date},
                                     {"entrust_no", number},
                                     {"entrust_amount", "300"}}),
              "applied");
  }
  std::string fill(const std::string& number, const std::string& deal, support::Fields more = {}) {
    more.insert({{"entrust_no", number}, {"deal_no", deal}, {"deal_amount", "300"}});
    return world_.report(402206, more);
  }
  WorkReport compared() { return world_.platform().reconcile_totals(); }

  TradingWorld world_;
  PlanId plan_;
};

TEST_F(TotalsTest, AgreeBetweenTheArchiveAndTheNewDateAndOnTheNext) {
  place("E1");
  place("E2");
  EXPECT_EQ(fill("E1", "D1"), "applied");
  EXPECT_EQ(compared().detail, "1 plans and 2 orders compared with their fills: all agree");
  world_.clock.set_wall(from_rfc3339("2026-05-25T08:00:00+08:00").value());
  world_.platform().archive_day();
  ASSERT_EQ(world_.stores.tables().archived_orders.size(), 1U) << "the one that is filled";
  EXPECT_EQ(compared().detail, "1 plans and 2 orders compared with their fills: all agree");
  world_.platform().roll_business_date();
  EXPECT_EQ(compared().rows, 0);
  place("E1", "20260525");
  EXPECT_EQ(fill("E1", "D1", {{"business_date", "20260525"}}), "applied");
  EXPECT_EQ(compared().detail, "1 plans and 3 orders compared with their fills: all agree");
}

TEST_F(TotalsTest, WhatIsArchivedIsComparedToo) {
  place("E1");
  EXPECT_EQ(fill("E1", "D1"), "applied");
  world_.clock.set_wall(from_rfc3339("2026-05-25T08:00:00+08:00").value());
  world_.platform().archive_day();
  auto& archived = world_.stores.tables().archived_orders;
  ASSERT_EQ(archived.size(), 1U);
  archived.begin()->second.filled = 200;
  EXPECT_EQ(compared().rows, 2) << "the order and its fills, the plan and its orders";
}

TEST_F(TotalsTest, TheReportsTotalIsCompared) {
  place("E1");
  place("E2");
  place("E3");
  EXPECT_EQ(fill("E1", "D1", {{"total_deal_amount", "300"}}), "applied");
  EXPECT_EQ(fill("E2", "D1", {{"total_deal_amount", "many"}}), "applied") << "it is no number";
  EXPECT_EQ(compared().rows, 0);
  EXPECT_EQ(fill("E3", "D1", {{"deal_amount", "100"}, {"total_deal_amount", "200"}}), "applied");
  EXPECT_EQ(compared().rows, 1) << "a fill of it is missing";
  world_.restart(true);
  EXPECT_EQ(compared().rows, 1);
  EXPECT_EQ(fill("E3", "D0", {{"deal_amount", "100"}, {"total_deal_amount", "100"}}), "applied");
  EXPECT_EQ(compared().rows, 0) << "it came behind the other";
}

}  // namespace
}  // namespace systask::trading
