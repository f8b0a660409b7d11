#include <gtest/gtest.h>

#include "tests/unit/peers/site_world.h"

namespace systask::peers {
namespace {

namespace json = boost::json;

class SiteTest : public SiteWorld {
 protected:
  // A plan that follows, started and running.
  void start_following() {
    answers_["plan_done"] = [](const json::object&) { return ok({{"status", "2"}}); };
    start();
    push_line(1, 1, "scheme_start", plan_text("follow", "1"));
    ASSERT_TRUE(until([this] { return asked_["plan_done"] == 1; }));
  }
};

TEST_F(SiteTest, LogsInWithWhatItCanRunAndNothingToResume) {
  start();
  const json::object& proof = platform_.proofs.at(0);
  EXPECT_EQ(json::serialize(proof.at("strategies")), R"(["twap","follow"])");
  EXPECT_EQ(proof.at("environment"), "prod");
  EXPECT_EQ(proof.at("capacity"), 1000);
  EXPECT_FALSE(proof.contains("resume"));
  EXPECT_TRUE(until_traced("S 12 0"));
}

TEST_F(SiteTest, RecordsEventsBeforeItAcknowledgesThem) {
  start_following();
  push_line(1, 2, "entrust", placed_text(2));
  push_line(1, 2, "entrust", placed_text(2));
  push_line(1, 3, "skip", R"({"reason":"duplicate"})");
  push_line(1, 4, "realdeal",
            R"({"market_no":1,"entrust_no":"2","deal_price":"1","deal_amount":3})");
  ASSERT_TRUE(until(
      [this] { return !platform_.acks.empty() && platform_.acks.back().at("through") == 4; }));
  EXPECT_EQ(trace(), (std::vector<std::string>{"S 12 0", "C 31 1 1 asset.algo.scheme_start",
                                               "E 31 1 2 asset.algo.entrust m2", "K 31 1 3",
                                               "E 31 1 4 asset.algo.realdeal -"}));
  EXPECT_EQ(platform_.acks.back().at("plan"), 31);
  EXPECT_EQ(platform_.acks.back().at("epoch"), 1);
}

TEST_F(SiteTest, AHoleIsNotAppliedButResumed) {
  start_following();
  push_line(1, 2, "entrust", placed_text(2));
  resume_with(R"([{"plan":31,"epoch":1,"status":"2","claimed":false}])");
  push_line(1, 4, "entrust", placed_text(4));
  ASSERT_TRUE(until([this] { return platform_.proofs.size() == 2; }));
  EXPECT_EQ(json::serialize(platform_.proofs.at(1).at("resume")),
            R"({"session":12,"plans":[{"plan":31,"epoch":1,"through":2}]})");
  ASSERT_TRUE(until_traced("S 12 1"));
  push_line(1, 2, "entrust", placed_text(2));
  push_line(1, 3, "entrust", placed_text(3));
  ASSERT_TRUE(until(
      [this] { return !platform_.acks.empty() && platform_.acks.back().at("through") == 3; }));
  EXPECT_TRUE(traced("E 31 1 3 asset.algo.entrust m3"));
  EXPECT_FALSE(traced("E 31 1 4 asset.algo.entrust m4"));
  EXPECT_EQ(site_->plans(), 1U);
}

TEST_F(SiteTest, DropsPlansThatTheResumeDoesNotName) {
  start_following();
  resume_with("[]");
  platform_.hang_up();
  EXPECT_TRUE(until_traced("X 31 1"));
  EXPECT_EQ(site_->plans(), 0U);
}

TEST_F(SiteTest, DropsEverythingWhereItsSessionIsDead) {
  start_following();
  platform_.session["session"] = 13;
  platform_.hang_up();
  ASSERT_TRUE(until_traced("S 13 0"));
  EXPECT_TRUE(until_traced("X 31 1"));
}

TEST_F(SiteTest, DropsAPlanThatIsReleasedOrWhoseEpochIsStale) {
  start_following();
  platform_.push(R"({"topic":"asset.algo.release_scheme","plan":31,"epoch":1,"body":{}})");
  ASSERT_TRUE(until_traced("X 31 1"));
  push_line(1, 2, "entrust", placed_text(2));  // was on its way: no reason to resume
  push_line(2, 1, "scheme_start", plan_text("follow", "1"));
  ASSERT_TRUE(until([this] { return asked_["plan_done"] == 2; }));
  platform_.push(R"({"error":{"code":"STALE_EPOCH","message":"m","plan":31,"epoch":2}})");
  EXPECT_TRUE(until_traced("X 31 2"));
  EXPECT_EQ(platform_.proofs.size(), 1U);
}

TEST_F(SiteTest, PlacesOnceThoughTheAnswerIsLost) {
  answers_["plan_done"] = [](const json::object&) { return ok({{"status", "2"}}); };
  answers_["place"] = [](const json::object&) { return json::object{{"unanswered", true}}; };
  start();
  push_line(1, 1, "scheme_start", plan_text("twap", "1"));
  ASSERT_TRUE(until([this] { return asked_["place"] == 1; }));
  answers_["place"] = [](const json::object& request) {
    return ok({{"algo_ordid", request.at("body").at("algo_ordid")}});
  };
  resume_with(R"([{"plan":31,"epoch":1,"status":"2","claimed":false}])");
  platform_.hang_up();
  ASSERT_TRUE(until_traced("O 31 1 1-1 100"));
  EXPECT_EQ(asked_["place"], 2);
  json::object first = platform_.requests.at(1);
  json::object second = platform_.requests.at(2);
  EXPECT_EQ(name_of(first), "place");
  EXPECT_EQ(first.at("body"), second.at("body"));
  EXPECT_EQ(json::serialize(first.at("body")),
            R"({"algo_ordid":"1-1","market_no":1,"stock_code":"600570","entrust_direction":1,)"
            R"("entrust_price":"48.00","entrust_amount":100})");
}

// Its second slice is due, but nothing was heard for too long: it places that slice only
// after it has resumed.
TEST_F(SiteTest, StopsActingWhenItHearsNothing) {
  answers_["plan_done"] = [](const json::object&) { return ok({{"status", "2"}}); };
  start();
  push_line(1, 1, "scheme_start", plan_text("twap", "1"));
  ASSERT_TRUE(until_traced("O 31 1 1-1 100"));
  resume_with(R"([{"plan":31,"epoch":1,"status":"2","claimed":false}])");
  platform_.silent = true;
  clock_.move(std::chrono::seconds{10});
  ASSERT_TRUE(until([this] { return platform_.connections == 2; }));
  platform_.silent = false;
  platform_.hang_up();
  ASSERT_TRUE(until([this] { return platform_.proofs.size() == 2; }));
  EXPECT_EQ(asked_["place"], 1);
  EXPECT_TRUE(until_traced("O 31 1 1-2 100"));
}

TEST_F(SiteTest, CancelsItsOrdersBeforeItSaysThatItIsCancelled) {
  answers_["plan_done"] = [](const json::object& request) {
    const bool start = request.at("body").at("request") == "start";
    return ok({{"status", start ? "2" : "a"}});
  };
  start();
  push_line(1, 1, "scheme_start", plan_text("twap", "1"));
  ASSERT_TRUE(until_traced("O 31 1 1-1 100"));
  push_line(1, 2, "entrust",
            R"({"market_no":1,"entrust_no":"88","algo_ordid":"1-1","entrust_amount":100})");
  push_line(1, 3, "scheme_cancel", "{}");
  ASSERT_TRUE(until([this] { return asked_["cancel"] == 1; }));
  EXPECT_EQ(asked_["plan_done"], 1);
  push_line(1, 4, "withdraw", R"({"market_no":1,"cancel_entrust_no":"88"})");
  push_line(1, 5, "withdraw_success",
            R"({"market_no":1,"cancel_entrust_no":"88","cancel_amount":100})");
  ASSERT_TRUE(until([this] { return asked_["plan_done"] == 2; }));
  EXPECT_EQ(asked_["cancel"], 1);
  EXPECT_EQ(platform_.requests.back().at("body").at("request"), "cancel");
}

TEST_F(SiteTest, WritesItsDigestsWhenAsked) {
  start_following();
  push_line(1, 2, "entrust", placed_text(2));
  ASSERT_TRUE(until([this] {
    return asked_["plan_done"] == 1 && !platform_.acks.empty() &&
           platform_.acks.back().at("through") == 2;
  }));
  site_->dump_digests();
  EXPECT_TRUE(traced("D 31 1 2 " + site_->digest(31)));
  EXPECT_EQ(trace().back(), ". end");
}

TEST_F(SiteTest, GivesItsPlansBackAtLogout) {
  start_following();
  bool out = false;
  site_->log_out([&] { out = true; });
  ASSERT_TRUE(until([&] { return out; }));
  EXPECT_EQ(asked_["logout"], 1);
}

}  // namespace
}  // namespace systask::peers
