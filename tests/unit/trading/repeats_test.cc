// Which message is a repeat of one seen before.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/trading_world.h"
#include "trading/same_body.h"

namespace systask::trading {
namespace {

using support::TradingWorld;

TEST(SameBody, OrderOfMembersAndBlanksDoNotCount) {
  EXPECT_TRUE(same_body("no JSON", "no JSON"));
  EXPECT_FALSE(same_body("no JSON", "no JSOM"));
  EXPECT_TRUE(same_body(R"({"a":1,"b":{"c":"2"}})", R"({ "b": {"c":"2"}, "a": 1 })"));
  EXPECT_FALSE(same_body(R"({"a":1})", R"({"a":2})"));
  EXPECT_FALSE(same_body(R"({"a":1})", R"({"a":1,"b":2})"));
  EXPECT_FALSE(same_body(R"({"a":1})", "no JSON"));
}

class RepeatsTest : public testing::Test {
 protected:
  RepeatsTest() {
    world_.login(support::login_of("A"));
    plan_ = world_.create(support::plan_to_buy(1'000)).value().plan;
    EXPECT_EQ(world_.report(402213, {{"scheme_id", std::to_string(plan_.value())},
                                     {"entrust_no", "E1"},
                                     {"entrust_amount", "900"}}),
              "applied");
  }
  std::string fill(const std::string& id, const std::string& deal, const std::string& more = "") {
    return world_.report_text(
        "stp.api.realdeal",
        R"({"function_no":402206,"business_date":20260522,"market_no":1,"entrust_no":"E1",)"
        R"("deal_price":"10","deal_amount":100,"deal_no":")" +
            deal + "\"" + id + more + "}");
  }
  [[nodiscard]] Quantity filled() { return world_.plan(plan_).details[0].filled; }

  TradingWorld world_;
  PlanId plan_;
};

TEST_F(RepeatsTest, AnIdUsedAgainIsCountedAndSaysForWhatItWas) {
  EXPECT_EQ(fill(R"(,"message_id":"7")", "D1"), "applied");
  EXPECT_EQ(world_.platform().counts().ids_reused, 0U);
  EXPECT_EQ(fill(R"(,"message_id":"7")", "D2"), "quarantined");
  EXPECT_EQ(world_.platform().counts().ids_reused, 1U);
  const auto rows = world_.messages();
  EXPECT_EQ(
      rows.back().reason,
      "message id 7 was used before with other contents (function 402206, date 20260522, "
      "market 1, order E1): a repeat has the same body, and another message an id of its own");
  EXPECT_EQ(world_.plan(plan_).status, PlanStatus::kAbnormal) << "a fact of it is missing";
  EXPECT_EQ(filled(), 100);
}

TEST_F(RepeatsTest, AMemberThatNobodyKnowsCounts) {
  EXPECT_EQ(fill(R"(,"message_id":"7","note":"a")", "D1"), "applied");
  EXPECT_EQ(fill(R"(,"note":"a","message_id":"7")", "D1"), "duplicate");
  EXPECT_EQ(fill(R"(,"message_id":"7","note":"b")", "D1"), "quarantined");
}

TEST_F(RepeatsTest, UnderADerivedIdTheFactsDecide) {
  EXPECT_EQ(fill("", "D1"), "applied");
  EXPECT_EQ(fill("", "D1", R"(,"business_time":93001)"), "duplicate");
  EXPECT_EQ(filled(), 100);
  EXPECT_EQ(world_.plan(plan_).status, PlanStatus::kSubmitting) << "nothing is missing";
  EXPECT_EQ(world_.platform().counts().ids_reused, 0U);
}

}  // namespace
}  // namespace systask::trading
