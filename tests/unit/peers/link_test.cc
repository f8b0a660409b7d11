#include "peers/link/link.h"

#include <gtest/gtest.h>

#include "peers/link/publications.h"
#include "tests/unit/peers/fake_platform.h"

namespace systask::peers {
namespace {

namespace json = boost::json;

class Listener : public LinkHandler {
 public:
  void add_to_prove(json::object& body) override { body["capacity"] = logins; }
  void on_login(const json::object&) override { ++logins; }
  void on_push(const Push& push) override {
    pushed.push_back(std::string{push.topic} + " " + std::to_string(push.seq));
  }
  void on_refused(const Refusal& refused) override { refusals.push_back(refused.code); }
  void on_lost(std::string_view) override { ++losses; }
  void on_published(std::size_t count) override { published += count; }
  void before_acks() override { ++flushes; }

  int logins = 0;
  int losses = 0;
  int flushes = 0;
  std::size_t published = 0;
  std::vector<std::string> pushed;
  std::vector<std::string> refusals;
};

class LinkTest : public ::testing::Test {
 protected:
  LinkOptions options() {
    LinkOptions options;
    options.address.port = platform_.port();
    options.role = "site";
    options.name = "A";
    options.secret = "s3cret";
    options.window = 3;
    return options;
  }
  bool until(const std::function<bool()>& happened) { return platform_.run_until(happened); }

  boost::asio::io_context io_;
  SystemClock clock_;
  Listener listener_;
  FakePlatform platform_{io_};
};

TEST_F(LinkTest, ProvesItsSecretAndSaysWhatItsHandlerAdds) {
  Link link{io_, clock_, options(), listener_};
  link.start();
  ASSERT_TRUE(until([&] { return listener_.logins == 1; }));
  EXPECT_TRUE(link.logged_in());
  EXPECT_EQ(platform_.proofs.at(0).at("capacity"), 0);
}

TEST_F(LinkTest, StopsWhereItsSecretIsWrong) {
  platform_.secret = "another";
  Link link{io_, clock_, options(), listener_};
  link.start();
  ASSERT_TRUE(until([&] { return !listener_.refusals.empty(); }));
  EXPECT_EQ(listener_.refusals.at(0), "LOGIN_REFUSED");
  EXPECT_FALSE(link.logged_in());
}

TEST_F(LinkTest, MatchesAnswersToRequestsInAnyOrder) {
  std::vector<json::object> held_back;
  platform_.script = [&](const json::object& request) -> std::optional<json::object> {
    if (name_of(request) == "first") {
      held_back.push_back(request);
      return std::nullopt;
    }
    platform_.push(json::serialize(
        json::object{{"id", held_back.at(0).at("id")}, {"ok", json::object{{"said", "first"}}}}));
    return refusal("BUSY", "try again");
  };
  Link link{io_, clock_, options(), listener_};
  link.start();
  ASSERT_TRUE(until([&] { return listener_.logins == 1; }));
  std::vector<std::string> answers;
  link.request({.name = "first", .plan = 31, .epoch = 4}, [&](const Answer& answer) {
    answers.emplace_back((*answer)->at("said").as_string());
  });
  link.request({.name = "second"},
               [&](const Answer& answer) { answers.push_back(answer.error().code); });
  ASSERT_TRUE(until([&] { return answers.size() == 2; }));
  EXPECT_EQ(answers, (std::vector<std::string>{"first", "BUSY"}));
  EXPECT_EQ(platform_.requests.at(0).at("plan"), 31);
  EXPECT_EQ(platform_.requests.at(0).at("epoch"), 4);
  EXPECT_FALSE(platform_.requests.at(1).contains("plan"));
}

TEST_F(LinkTest, RefusesWhatTheBreakLeftUnansweredAndLogsInAgain) {
  platform_.script = [](const json::object&) { return std::nullopt; };
  Link link{io_, clock_, options(), listener_};
  std::string code;
  link.request({.name = "claim"}, [&](const Answer& answer) { code = answer.error().code; });
  EXPECT_EQ(code, "CONNECTION_LOST");
  link.start();
  ASSERT_TRUE(until([&] { return listener_.logins == 1; }));
  code.clear();
  link.request({.name = "claim"}, [&](const Answer& answer) { code = answer.error().code; });
  ASSERT_TRUE(until([&] { return platform_.requests.size() == 1; }));
  platform_.hang_up();
  ASSERT_TRUE(until([&] { return listener_.logins == 2; }));
  EXPECT_EQ(code, "CONNECTION_LOST");
  EXPECT_EQ(listener_.losses, 1);
  EXPECT_EQ(platform_.proofs.at(1).at("capacity"), 1);
}

TEST_F(LinkTest, PublishesWithinItsWindowAndAgainAfterABreak) {
  Link link{io_, clock_, options(), listener_};
  EXPECT_TRUE(link.publish("stp.api.realdeal", R"({"message_id":"m1"})"));
  EXPECT_TRUE(link.publish("stp.api.realdeal", R"({"message_id":"m2"})"));
  EXPECT_TRUE(link.publish("stp.api.realdeal", R"({"message_id":"m3"})"));
  EXPECT_FALSE(link.publish("stp.api.realdeal", R"({"message_id":"m4"})"));
  link.start();
  ASSERT_TRUE(until([&] { return platform_.pubs.size() == 3; }));
  platform_.push(R"({"acked":1})");
  ASSERT_TRUE(until([&] { return listener_.published == 1; }));
  EXPECT_EQ(link.room(), 1U);
  platform_.hang_up();
  ASSERT_TRUE(until([&] { return platform_.pubs.size() == 5; }));
  EXPECT_EQ(platform_.pubs.at(3).at("pub"), 1);
  EXPECT_EQ(platform_.pubs.at(3).at("body").at("message_id"), "m2");
  EXPECT_EQ(platform_.pubs.at(4).at("pub"), 2);
  platform_.push(R"({"acked":2})");
  ASSERT_TRUE(until([&] { return listener_.published == 3; }));
  EXPECT_EQ(link.unpublished(), 0U);
}

TEST_F(LinkTest, AcknowledgesOnceForManyPushes) {
  Link link{io_, clock_, options(), listener_};
  link.start();
  ASSERT_TRUE(until([&] { return listener_.logins == 1; }));
  for (int seq = 1; seq <= 100; ++seq)
    link.ack(31, 4, seq);
  link.ack(32, 1, 7);
  link.ack_out(9);
  ASSERT_TRUE(until([&] { return platform_.acks.size() == 3; }));
  EXPECT_EQ(listener_.flushes, 1);
  EXPECT_EQ(platform_.acks.at(0), parse(R"({"plan":31,"epoch":4,"through":100})"));
  EXPECT_EQ(platform_.acks.at(1), parse(R"({"plan":32,"epoch":1,"through":7})"));
  EXPECT_EQ(platform_.acks.at(2), parse(R"({"out":9})"));
}

TEST_F(LinkTest, BeatsAndMovesToANewConnectionWhereNothingIsHeard) {
  platform_.session["heartbeat_ms"] = 20;
  platform_.session["site_timeout_ms"] = 100;
  Link link{io_, clock_, options(), listener_};
  link.start();
  ASSERT_TRUE(until([&] { return platform_.heartbeats >= 3; }));
  EXPECT_EQ(listener_.losses, 0);
  platform_.silent = true;
  ASSERT_TRUE(until([&] { return listener_.losses == 1; }));
  EXPECT_FALSE(link.logged_in());
  platform_.silent = false;
  EXPECT_TRUE(until([&] { return listener_.logins == 2; }));
}

TEST_F(LinkTest, HandsPushesOnInOrder) {
  Link link{io_, clock_, options(), listener_};
  link.start();
  ASSERT_TRUE(until([&] { return listener_.logins == 1; }));
  platform_.push(R"({"topic":"asset.algo.realdeal","plan":31,"epoch":4,"seq":118,"body":{}})");
  platform_.push(R"({"topic":"stp.order.place","out":81,"body":{"algo_ordid":"4-1"}})");
  ASSERT_TRUE(until([&] { return listener_.pushed.size() == 2; }));
  EXPECT_EQ(listener_.pushed.at(0), "asset.algo.realdeal 118");
  EXPECT_EQ(listener_.pushed.at(1), "stp.order.place 0");
}

TEST(Publications, ARefusedOneCountsAsDealtWithWhenItsTurnComes) {
  Publications publications{10};
  for (const char* body : {"{}", "{\"a\":1}", "{\"a\":2}"})
    publications.add("t", body);
  while (!publications.next_frame().empty())
    continue;
  EXPECT_EQ(publications.refused(2), 0U);
  EXPECT_EQ(publications.acknowledged(1), 2U);
  EXPECT_EQ(publications.acknowledged(99), 1U);
  EXPECT_EQ(publications.size(), 0U);
}

}  // namespace
}  // namespace systask::peers
