#include "tests/unit/service/gateway_world.h"

namespace systask::service {
namespace {

using namespace std::chrono_literals;
using ::testing::IsEmpty;

TEST_F(GatewayTest, ASiteLogsInByItsProof) {
  const Caller site = connect();
  const auto answer = prove(site, "site", "A", R"(,"strategies":["twap"],"capacity":5)");
  EXPECT_EQ(boost::json::serialize(answer),
            R"({"id":2,"ok":{"site":1,"session":1,"resumed":false,"heartbeat_ms":200,)"
            R"("site_timeout_ms":800,"plans":[]}})");
  const auto& row = stores.tables().sites.begin()->second;
  EXPECT_EQ(row.name, "A");
  EXPECT_EQ(row.capacity, 5);
  EXPECT_TRUE(row.live);
}

TEST_F(GatewayTest, OrderSystemsAndClientsSendOnlyTheProof) {
  for (const auto& [role, name] : {std::pair{"order_system", "flow"}, std::pair{"client", "cli"}}) {
    const Caller caller = connect();
    EXPECT_EQ(boost::json::serialize(prove(caller, role, name)), R"({"id":2,"ok":{"session":0}})");
  }
  EXPECT_THAT(stores.tables().sites, IsEmpty());
}

TEST_F(GatewayTest, AWrongSecretIsRefusedAndTheConnectionClosed) {
  secrets["site A"] = "one secret";
  const Caller site = connect();
  const std::string challenge_text = challenge(site, "site", "A");
  const std::string proof = proof_of(challenge_text, "site", "A", "another secret");
  EXPECT_EQ(error_of(site, R"({"id":2,"name":"prove","body":{"proof":")" + proof + R"("}})"),
            "LOGIN_REFUSED");
  EXPECT_EQ(site.connection->closed(), "login refused");
}

TEST_F(GatewayTest, ARefusalDoesNotSayWhatWasWrong) {
  std::vector<std::string> messages;
  for (const auto& [role, name] :
       {std::pair{"site", "A"}, std::pair{"site", "nobody"}, std::pair{"king", "A"}}) {
    const Caller caller = connect();
    challenge(caller, role, name);
    const auto answer = ask(caller, R"({"id":2,"name":"prove","body":{"proof":"00"}})");
    messages.push_back(boost::json::serialize(answer));
    EXPECT_TRUE(caller.connection->closed());
  }
  EXPECT_EQ(messages[0], messages[1]);
  EXPECT_EQ(messages[0], messages[2]);
}

TEST_F(GatewayTest, AChallengeIsGoodForOneProof) {
  const Caller site = connect();
  const std::string first = challenge(site, "site", "A");
  const std::string second = challenge(site, "site", "A");
  EXPECT_NE(first, second);
  const std::string proof = proof_of(first, "site", "A", secrets.at("site A"));
  EXPECT_EQ(error_of(site, R"({"id":2,"name":"prove","body":{"proof":")" + proof + R"("}})"),
            "LOGIN_REFUSED");
  const Caller other = connect();
  EXPECT_EQ(error_of(other, R"({"id":2,"name":"prove","body":{"proof":")" + proof + R"("}})"),
            "LOGIN_REFUSED");
}

TEST_F(GatewayTest, ALoginThatIsIncompleteMayBeTriedAgain) {
  const Caller site = connect();
  EXPECT_EQ(error_of(site, R"({"id":1,"name":"login","body":{"role":"site"}})"), "BAD_REQUEST");
  const auto answer = prove(site, "site", "A", R"(,"capacity":"many")");
  EXPECT_EQ(std::string{answer.at("error").at("code").as_string()}, "BAD_REQUEST");
  EXPECT_FALSE(site.connection->closed());
  EXPECT_TRUE(prove(site, "site", "A").contains("ok"));
}

TEST_F(GatewayTest, AConnectionLogsInOnce) {
  const Caller client = log_in("client", "cli");
  EXPECT_EQ(error_of(client, R"({"id":1,"name":"login","body":{"role":"site","name":"A"}})"),
            "BAD_REQUEST");
  EXPECT_EQ(error_of(client, R"({"id":1,"name":"prove","body":{"proof":"00"}})"), "LOGIN_REFUSED");
}

TEST_F(GatewayTest, NothingElseIsAnsweredBeforeTheLogin) {
  const Caller caller = connect();
  for (const char* frame :
       {R"({"id":1,"name":"heartbeat"})", R"({"id":1,"name":"claim","plan":1,"epoch":1})",
        R"({"pub":1,"topic":"stp.api.realdeal","body":{"a":1}})",
        R"({"ack":{"plan":1,"epoch":1,"through":1}})"})
    EXPECT_EQ(error_of(caller, frame), "NOT_LOGGED_IN") << frame;
}

TEST_F(GatewayTest, WhoDoesNotLogInWithinFiveSecondsIsClosed) {
  const Caller quiet = connect();
  const Caller site = log_in_site("A");
  ASSERT_EQ(timers.size(), 2U);
  for (const auto& [delay, work] : timers) {
    EXPECT_EQ(delay, 5s);
    work();
  }
  EXPECT_EQ(quiet.connection->closed(), "no login within 5 s");
  EXPECT_FALSE(site.connection->closed());
}

TEST_F(GatewayTest, ATimerOfALoginDoesNotKeepAConnection) {
  std::weak_ptr<net::Connection> connection;
  connection = connect().connection;
  EXPECT_TRUE(connection.expired());
  timers.front().second();
}

TEST_F(GatewayTest, ASecondLoginOfASiteReplacesTheFirst) {
  const Caller first = log_in_site("A");
  const Caller second = log_in_site("A");
  EXPECT_EQ(first.connection->closed(),
            "another process logged in under this name, from 127.0.0.1:5");
  EXPECT_FALSE(second.connection->closed());
  EXPECT_EQ(stores.tables().sites.begin()->second.session, trading::SessionId{2});
}

TEST_F(GatewayTest, AResumedLoginKeepsItsSessionAndGetsWhatItMissed) {
  const Caller first = log_in_site("A");
  const Caller flow = log_in("order_system", "flow");
  say(flow, new_plan(1, "m1"));
  EXPECT_EQ(first.connection->take().size(), 1U) << "the plan's start, number 1 of its line";
  first.peer->on_closed("gone");
  const Caller again = connect();
  const std::string proof =
      proof_of(challenge(again, "site", "A"), "site", "A", secrets.at("site A"));
  const auto frames =
      say(again, R"({"id":2,"name":"prove","body":{"proof":")" + proof +
                     R"(","strategies":["twap"],"resume":{"session":1,"plans":[]}}})");
  ASSERT_EQ(frames.size(), 2U) << "the answer, and behind it what was missed";
  const auto answer = boost::json::parse(frames[0]);
  EXPECT_TRUE(answer.at("ok").at("resumed").as_bool());
  EXPECT_EQ(answer.at("ok").at("session").as_int64(), 1);
  EXPECT_EQ(answer.at("ok").at("plans").as_array().size(), 1U);
  EXPECT_EQ(boost::json::parse(frames[1]).at("seq").as_int64(), 1);
}

TEST_F(GatewayTest, ABrokenResumptionNamesWhatIsWrong) {
  const Caller site = connect();
  const auto answer = prove(
      site, "site", "A", R"(,"resume":{"session":1,"plans":[{"plan":0,"epoch":1,"through":0}]})");
  EXPECT_EQ(std::string{answer.at("error").at("code").as_string()}, "BAD_REQUEST");
  EXPECT_NE(answer.at("error").at("message").as_string().find("plan"), std::string::npos);
}

TEST_F(GatewayTest, ASecondLoginUnderANameReplacesTheFirst) {
  const Caller first = log_in("order_system", "flow");
  const Caller other = log_in("client", "cli");
  const Caller second = log_in("order_system", "flow");
  EXPECT_EQ(first.connection->closed(),
            "another process logged in under this name, from 127.0.0.1:5");
  EXPECT_FALSE(second.connection->closed());
  EXPECT_FALSE(other.connection->closed());
}

TEST_F(GatewayTest, ASilentClientIsDroppedAndNobodyElse) {
  const Caller unknown = connect();
  const Caller site = log_in_site("A");
  const Caller flow = log_in("order_system", "flow");
  const Caller silent = log_in("client", "cli");
  const Caller busy = log_in("client", "desk");
  const char* const heartbeat = R"({"id":9,"name":"heartbeat","fn":5180214})";
  const auto live_on_with_the_site = [&](std::chrono::seconds length) {
    for (std::chrono::seconds lived{0}; lived < length; lived += 1s) {
      site.peer->on_text(heartbeat);
      live_on(1s);
    }
  };
  live_on_with_the_site(100s);
  EXPECT_EQ(gateway.drop_silent_clients(120s), 0U);
  EXPECT_TRUE(ask(busy, heartbeat).contains("ok"));
  live_on_with_the_site(20s);
  EXPECT_EQ(gateway.drop_silent_clients(120s), 1U);
  EXPECT_EQ(silent.connection->closed(), "silent for 120 s");
  for (const Caller& other : {unknown, site, flow, busy})
    EXPECT_FALSE(other.connection->closed());
}

// What a client says while we stand still, we read only after it.
TEST_F(GatewayTest, ASilenceWhileWeStoodStillIsNoClients) {
  const Caller client = log_in("client", "cli");
  live_on(60s);
  clock.advance(300s);  // SIGSTOP, or a machine that slept
  EXPECT_EQ(gateway.drop_silent_clients(120s), 0U);
  live_on(59s);
  EXPECT_EQ(gateway.drop_silent_clients(120s), 0U);
  live_on(2s);
  EXPECT_EQ(gateway.drop_silent_clients(120s), 1U);
  EXPECT_EQ(client.connection->closed(), "silent for 120 s");
}

}  // namespace
}  // namespace systask::service
