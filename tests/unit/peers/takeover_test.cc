#include <gtest/gtest.h>

#include "tests/unit/peers/site_world.h"

namespace systask::peers {
namespace {

namespace json = boost::json;

// Plan 31 is offered in epoch 4 as of number 117, with three open orders on two pages;
// messages 118 and 119 are cached.
class TakeoverTest : public SiteWorld {
 protected:
  void SetUp() override {
    SiteWorld::SetUp();
    answers_["open_orders"] = [](const json::object& request) {
      const bool first = request.at("body").at("after") == 0;
      return ok(parse(first ? R"({"snapshot":117,"orders":[)" + row("1") + "," + row("2") +
                                  R"(],"combined":[],"next":2})"
                            : R"({"snapshot":117,"orders":[)" + row("3") +
                                  R"(],"combined":[],"next":null})"));
    };
    answers_["claim"] = [](const json::object&) { return ok({{"epoch", 5}, {"snapshot", 117}}); };
    answers_["cached"] = [this](const json::object&) {
      if (asked_["cached"] > 1) return ok({{"through", 119}, {"remaining", 0}});
      push_line(5, 118, "realdeal",
                R"({"message_id":"m118","market_no":1,"entrust_no":"1","deal_price":"48",
                    "deal_amount":4})");
      push_line(5, 119, "skip", R"({"reason":"duplicate"})");
      return ok({{"through", 119}, {"remaining", 0}});
    };
    answers_["finish"] = [](const json::object& request) {
      return ok({{"status", "2"}, {"last", request.at("body").at("through")}});
    };
  }
  static std::string row(const std::string& number) {
    return R"({"order":1,"market_no":1,"stock_code":"600570","entrust_no":")" + number +
           R"(","algo_ordid":"3-)" + number +
           R"(","entrust_direction":1,"entrust_price":"48","entrust_amount":10,"filled":0,
             "cancelled":0,"entrust_state":"4"})";
  }
  void offer(int epoch, const std::string& strategy = "follow") {
    platform_.push(R"({"topic":"asset.algo.recover_scheme","plan":31,"epoch":)" +
                   std::to_string(epoch) + R"(,"body":{"plan":)" + plan_text(strategy, "2") +
                   R"(,"snapshot":117,"open_orders":3,"skipped":6}})");
  }
};

TEST_F(TakeoverTest, ReadsClaimsDrainsAndFinishes) {
  start();
  offer(4);
  ASSERT_TRUE(until_traced("F 31 5 119 2"));
  EXPECT_EQ(trace(), (std::vector<std::string>{"S 12 0", "R 31 5 117 6",
                                               "E 31 5 118 asset.algo.realdeal m118", "K 31 5 119",
                                               "F 31 5 119 2"}));
  EXPECT_EQ(asked_["open_orders"], 2);
  const auto& finish = platform_.requests.back();
  EXPECT_EQ(name_of(finish), "finish");
  EXPECT_EQ(finish.at("epoch"), 5);
  EXPECT_EQ(finish.at("body").at("through"), 119);
  EXPECT_EQ(finish.at("body").at("digest").as_string().size(), 64U);
  EXPECT_EQ(platform_.requests.at(2).at("epoch"), 4);
  EXPECT_EQ(platform_.requests.at(2).at("body"), parse(R"({"snapshot":117})"));
  EXPECT_EQ(site_->plans(), 1U);
}

TEST_F(TakeoverTest, ALoserDropsWhatItBuilt) {
  answers_["claim"] = [](const json::object&) { return refusal("CLAIMED", "site B has it"); };
  start();
  offer(4);
  ASSERT_TRUE(until([this] { return asked_["claim"] == 1; }));
  offer(6);  // B died too: a newer offer begins anew
  ASSERT_TRUE(until([this] { return asked_["claim"] == 2; }));
  EXPECT_EQ(asked_["open_orders"], 4);
  EXPECT_EQ(asked_["cached"], 0);
  EXPECT_EQ(site_->plans(), 0U);
  EXPECT_EQ(trace(), (std::vector<std::string>{"S 12 0"}));
}

TEST_F(TakeoverTest, ARepeatedOfferChangesNothing) {
  start();
  offer(4);
  offer(4);
  ASSERT_TRUE(until_traced("F 31 5 119 2"));
  offer(4);
  offer(6);
  ASSERT_TRUE(until_traced("X 31 5"));
  ASSERT_TRUE(until([this] { return asked_["claim"] == 2; }));
  EXPECT_EQ(asked_["open_orders"], 4);
}

TEST_F(TakeoverTest, GoesOnDrainingWhereAMessageCameMeanwhile) {
  answers_["finish"] = [this](const json::object& request) {
    if (asked_["finish"] == 1) {
      push_line(5, 120, "entrust", placed_text(120));
      return refusal("NOT_DRAINED", "one is cached still");
    }
    return ok({{"status", "2"}, {"last", request.at("body").at("through")}});
  };
  start();
  offer(4);
  ASSERT_TRUE(until_traced("F 31 5 120 2"));
  EXPECT_EQ(asked_["cached"], 2);
}

TEST_F(TakeoverTest, ReadsThePagesAgainWhereTheSnapshotMoved) {
  answers_["claim"] = [this](const json::object&) {
    if (asked_["claim"] == 1) return refusal("SNAPSHOT_MOVED", "read again");
    return ok({{"epoch", 5}, {"snapshot", 117}});
  };
  start();
  offer(4);
  ASSERT_TRUE(until_traced("F 31 5 119 2"));
  EXPECT_EQ(asked_["open_orders"], 4);
}

TEST_F(TakeoverTest, PagesOfTwoSnapshotsAreNotPutTogether) {
  const auto pages = answers_["open_orders"];
  answers_["open_orders"] = [this, pages](const json::object& request) {
    json::object answer = pages(request);
    if (asked_["open_orders"] > 1) answer.at("ok").as_object()["snapshot"] = 118;
    return answer;
  };
  answers_["claim"] = [](const json::object&) { return ok({{"epoch", 5}, {"snapshot", 118}}); };
  start();
  offer(4);
  ASSERT_TRUE(until_traced("F 31 5 119 2"));
  EXPECT_EQ(asked_["open_orders"], 4) << "the second page moved, so both are read again";
}

TEST_F(TakeoverTest, DrainsUntilNothingIsCached) {
  answers_["cached"] = [this](const json::object&) {
    const std::int64_t number = 117 + asked_["cached"];
    push_line(5, number, "skip", R"({"reason":"duplicate"})");
    return ok({{"through", number}, {"remaining", 120 - number}});
  };
  start();
  offer(4);
  ASSERT_TRUE(until_traced("F 31 5 120 2"));
  EXPECT_EQ(asked_["cached"], 3);
  EXPECT_EQ(asked_["finish"], 1);
}

TEST_F(TakeoverTest, AsksForItsClaimAgainWhereTheAnswerWasLost) {
  answers_["claim"] = [](const json::object&) { return json::object{{"unanswered", true}}; };
  start();
  offer(4);
  ASSERT_TRUE(until([this] { return asked_["claim"] == 1; }));
  answers_["claim"] = [](const json::object&) { return ok({{"epoch", 5}, {"snapshot", 117}}); };
  resume_with(R"([{"plan":31,"epoch":5,"status":"h","claimed":true}])");
  platform_.hang_up();
  ASSERT_TRUE(until_traced("F 31 5 119 2"));
  EXPECT_EQ(asked_["open_orders"], 2);
  EXPECT_EQ(asked_["claim"], 2);
}

TEST_F(TakeoverTest, KnowsFromTheResumeThatItHasFinished) {
  answers_["finish"] = [](const json::object&) { return json::object{{"unanswered", true}}; };
  start();
  offer(4);
  ASSERT_TRUE(until([this] { return asked_["finish"] == 1; }));
  resume_with(R"([{"plan":31,"epoch":5,"status":"5","claimed":false}])");
  platform_.hang_up();
  ASSERT_TRUE(until_traced("F 31 5 119 5"));
  EXPECT_EQ(asked_["finish"], 1);
}

TEST_F(TakeoverTest, TriesAgainWhereThePlatformIsBusy) {
  answers_["claim"] = [this](const json::object&) {
    if (asked_["claim"] < 3) return refusal("BUSY", "try again");
    return ok({{"epoch", 5}, {"snapshot", 117}});
  };
  start();
  offer(4);
  EXPECT_TRUE(until_traced("F 31 5 119 2"));
}

TEST_F(TakeoverTest, SaysWhatItCannotRebuild) {
  start();
  offer(4, "vwap");
  ASSERT_TRUE(until([this] { return asked_["recover_failed"] == 1; }));
  EXPECT_EQ(asked_["open_orders"], 0);
}

TEST_F(TakeoverTest, CarriesOutTheRequestThatNobodyAnswered) {
  answers_["finish"] = [](const json::object&) { return ok({{"status", "4"}, {"last", 119}}); };
  answers_["plan_done"] = [](const json::object&) { return ok({{"status", "5"}}); };
  start();
  offer(4, "twap");
  ASSERT_TRUE(until([this] { return asked_["plan_done"] == 1; }));
  EXPECT_EQ(platform_.requests.back().at("body").at("request"), "pause");
  EXPECT_EQ(asked_["place"], 0);
}

TEST_F(TakeoverTest, TheRebuiltSideCountsTheOrdersThatAreOpen) {
  start();
  offer(4, "twap");
  ASSERT_TRUE(until([this] { return asked_["place"] == 1; }));
  // 100 are due in the first slice; 30 are open or filled already.
  const json::object& body = platform_.requests.back().at("body").as_object();
  EXPECT_EQ(body.at("entrust_amount"), 70);
  EXPECT_EQ(body.at("algo_ordid"), "5-1");
}

TEST_F(TakeoverTest, ManyPlansAreTakenOverAtOnce) {
  constexpr int kPlans = 67;
  answers_["cached"] = [](const json::object&) { return ok({{"through", 117}, {"remaining", 0}}); };
  start();
  for (int plan = 100; plan < 100 + kPlans; ++plan) {
    json::object body = parse(plan_text("follow", "2"));
    body["plan"] = plan;
    platform_.push(json::serialize(
        json::object{{"topic", "asset.algo.recover_scheme"},
                     {"plan", plan},
                     {"epoch", 4},
                     {"body", json::object{{"plan", body}, {"snapshot", 117}, {"skipped", 0}}}}));
  }
  ASSERT_TRUE(until([this] { return asked_["finish"] == kPlans; }));
  ASSERT_TRUE(until_traced("F " + std::to_string(99 + kPlans) + " 5 117 2"));
  EXPECT_EQ(site_->plans(), std::size_t{kPlans});
}

}  // namespace
}  // namespace systask::peers
