#include "service/gateway/session.h"

#include "tests/unit/service/gateway_world.h"

namespace systask::service {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr const char* kFill =
    R"("topic":"stp.api.realdeal","body":{"message_id":"f1","function_no":402206,)"
    R"("business_date":20260522,"market_no":1,"entrust_no":"88","deal_no":"D1",)"
    R"("deal_price":"48","deal_amount":100}})";

std::string fill(int number) { return R"({"pub":)" + std::to_string(number) + "," + kFill; }

// Publication `number` is message `message` of the day.
std::string report(int number, int message) {
  const std::string text = std::to_string(message);
  return R"({"pub":)" + std::to_string(number) +
         R"(,"topic":"stp.api.realdeal","body":{"message_id":"m)" + text +
         R"(","function_no":402206,"business_date":20260522,"market_no":1,"entrust_no":"88",)"
         R"("deal_no":"D)" +
         text + R"(","deal_price":"48","deal_amount":100}})";
}

TEST_F(GatewayTest, AReportIsAcknowledgedOnceItIsDealtWith) {
  const Caller flow = log_in("order_system", "flow");
  EXPECT_THAT(say(flow, fill(1)), ElementsAre(R"({"acked":1})"));
  EXPECT_EQ(platform.counts().parked, 1U) << "its order is not known yet";
  EXPECT_THAT(say(flow, fill(2)), ElementsAre(R"({"acked":2})"));
  EXPECT_EQ(platform.counts().duplicate, 1U);
}

TEST_F(GatewayTest, AnUnreadableReportIsQuarantinedAndAcknowledged) {
  const Caller flow = log_in("order_system", "flow");
  EXPECT_THAT(say(flow, R"({"pub":1,"topic":"stp.api.realdeal","body":{"function_no":1}})"),
              ElementsAre(R"({"acked":1})"));
  EXPECT_THAT(say(flow, R"({"pub":2,"topic":"stp.api.nothing","body":[1}})"),
              ElementsAre(R"({"acked":2})"));
  EXPECT_EQ(platform.counts().quarantined, 2U);
}

TEST_F(GatewayTest, AnEmptyBodyIsAnErrorAndCountsAsDealtWith) {
  const Caller flow = log_in("order_system", "flow");
  int number = 0;
  for (const char* body :
       {R"(,"body":{})", R"(,"body":{ })", R"(,"body":null)", R"(,"body":"")", ""}) {
    ++number;
    const auto frames = say(flow, R"({"pub":)" + std::to_string(number) +
                                      R"(,"topic":"stp.api.realdeal")" + body + "}");
    ASSERT_THAT(frames, SizeIs(2)) << body;
    const auto refused = boost::json::parse(frames[0]);
    EXPECT_EQ(refused.at("pub").as_int64(), number);
    EXPECT_EQ(refused.at("error").at("number").as_int64(), -1001);
    EXPECT_EQ(std::string{refused.at("error").at("code").as_string()}, "EMPTY_BODY");
    EXPECT_EQ(frames[1], R"({"acked":)" + std::to_string(number) + "}");
  }
  EXPECT_EQ(platform.counts().quarantined, 0U);
}

TEST_F(GatewayTest, APublicationOutOfItsOrderIsRefused) {
  const Caller flow = log_in("order_system", "flow");
  EXPECT_EQ(error_of(flow, fill(2)), "BAD_REQUEST");
  EXPECT_EQ(platform.counts().parked, 0U);
  EXPECT_THAT(say(flow, fill(1)), ElementsAre(R"({"acked":1})"));
}

TEST_F(GatewayTest, AReportThatWasNotKeptClosesTheConnection) {
  const Caller flow = log_in("order_system", "flow");
  platform.stop();  // takes nothing any more
  flow.peer->on_text(fill(1));
  ASSERT_TRUE(flow.connection->closed());
  EXPECT_THAT(*flow.connection->closed(), HasSubstr("publication 1 was not kept"));
  EXPECT_THAT(flow.connection->take(), IsEmpty());
}

TEST_F(GatewayTest, WhatTheDatabaseRefusedIsNotAcknowledged) {
  const Caller flow = log_in("order_system", "flow");
  transactions.refuse_next = true;
  EXPECT_THAT(say(flow, fill(1)), IsEmpty());
  ASSERT_TRUE(flow.connection->closed());
  EXPECT_THAT(*flow.connection->closed(), HasSubstr("the disk is gone"));
  const Caller again = log_in("order_system", "flow");
  EXPECT_THAT(say(again, fill(1)), ElementsAre(R"({"acked":1})"));
  EXPECT_EQ(platform.counts().duplicate, 0U);
}

// Nothing behind what was lost is kept or acknowledged, however the batches fell; what is
// published again goes on from there, in its order.
TEST_F(GatewayTest, ABatchLostInMidStreamLosesAllBehindIt) {
  const auto kept = [this] {
    std::vector<std::string> ids;
    for (const auto& [no, row] : stores.tables().messages)
      ids.push_back(row.message_id);
    return ids;
  };
  const Caller flow = log_in("order_system", "flow");
  EXPECT_THAT(say(flow, report(1, 1)), ElementsAre(R"({"acked":1})"));
  transactions.refuse_next = true;
  for (int number = 2; number <= 6; ++number)
    flow.peer->on_text(report(number, number));
  settle();
  flow.peer->on_text(report(7, 7));  // was on its way when the connection was closed
  settle();
  ASSERT_TRUE(flow.connection->closed());
  EXPECT_THAT(*flow.connection->closed(), HasSubstr("the disk is gone"));
  for (const std::string& frame : flow.connection->take())
    EXPECT_THAT(frame, ::testing::Not(HasSubstr("acked")));
  EXPECT_THAT(kept(), ElementsAre("m1"));

  const Caller again = log_in("order_system", "flow");
  for (int number = 1; number <= 6; ++number)
    again.peer->on_text(report(number, number + 1));
  settle();
  EXPECT_THAT(again.connection->take().back(), R"({"acked":6})");
  EXPECT_THAT(kept(), ElementsAre("m1", "m2", "m3", "m4", "m5", "m6", "m7"));
  EXPECT_EQ(platform.counts().duplicate, 0U);
}

TEST_F(GatewayTest, APlanFromTheOrderSystemIsAnsweredAndMadeOnce) {
  const Caller site = log_in_site("A");
  const Caller client = log_in("client", "cli");
  ask(client, R"({"id":3,"name":"subscribe","body":{"topics":["asset.algo.scheme_new_answer"]}})");
  const Caller flow = log_in("order_system", "flow");
  EXPECT_THAT(say(flow, new_plan(1, "m-1")), ElementsAre(R"({"acked":1})"));
  EXPECT_THAT(client.connection->take(),
              ElementsAre(R"({"topic":"asset.algo.scheme_new_answer","plan":1,"line":0,)"
                          R"("body":{"message_id":"m-1","plan":1}})"));
  EXPECT_THAT(say(flow, new_plan(2, "m-1")), ElementsAre(R"({"acked":2})"));
  EXPECT_THAT(client.connection->take(), ElementsAre(HasSubstr("DUPLICATE_REQUEST")));
  EXPECT_THAT(stores.tables().plans, SizeIs(1));
  EXPECT_EQ(stores.tables().plans.begin()->second.created_by, "order system flow");
}

class GatewayEdges : public GatewayTest {};

TEST_F(GatewayEdges, OnlyAnOrderSystemPublishes) {
  for (const Caller& caller : {log_in("client", "cli"), log_in_site("A")})
    EXPECT_EQ(error_of(caller, fill(1)), "WRONG_ROLE");
  EXPECT_EQ(error_of(connect(), fill(1)), "NOT_LOGGED_IN");
  EXPECT_EQ(platform.counts().parked, 0U);
}

TEST_F(GatewayEdges, AProofThatWasLookedAtIsUsedUp) {
  const Caller site = connect();
  const std::string proof =
      proof_of(challenge(site, "site", "A"), "site", "A", secrets.at("site A"));
  const auto prove_it = [&](const std::string& more) {
    return error_of(site,
                    R"({"id":2,"name":"prove","body":{"proof":")" + proof + '"' + more + "}}");
  };
  EXPECT_EQ(prove_it(R"(,"capacity":"many")"), "BAD_REQUEST");
  EXPECT_EQ(prove_it(""), "LOGIN_REFUSED");
}

TEST_F(GatewayEdges, ALoginLeavesThoseOfOtherNames) {
  const Caller desk = log_in("client", "desk");
  const Caller cli = log_in("client", "cli");
  EXPECT_FALSE(desk.connection->closed());
  EXPECT_FALSE(cli.connection->closed());
}

TEST_F(GatewayEdges, APlanThatWasNotKeptIsPublishedAgain) {
  const Caller site = log_in_site("A");
  const Caller client = log_in("client", "cli");
  ask(client, R"({"id":3,"name":"subscribe","body":{"topics":["asset.algo.scheme_new_answer"]}})");
  const Caller flow = log_in("order_system", "flow");
  transactions.refuse_next = true;
  for (const std::string& frame : say(flow, new_plan(1, "m-1")))
    EXPECT_THAT(frame, ::testing::Not(HasSubstr("acked")));
  ASSERT_TRUE(flow.connection->closed());
  EXPECT_THAT(*flow.connection->closed(), HasSubstr("publish it again"));
  EXPECT_THAT(client.connection->take(), IsEmpty()) << "it has no answer yet";
  const Caller again = log_in("order_system", "flow");
  EXPECT_THAT(say(again, new_plan(1, "m-1")), ElementsAre(R"({"acked":1})"));
  EXPECT_THAT(client.connection->take(), ElementsAre(HasSubstr(R"("plan":1)")));
}

TEST_F(GatewayTest, APlanThatCannotBeMadeIsAnsweredWithTheReason) {
  const Caller client = log_in("client", "cli");
  ask(client, R"({"id":3,"name":"subscribe","body":{"topics":["asset.algo.*"]}})");
  const Caller flow = log_in("order_system", "flow");
  EXPECT_THAT(say(flow, new_plan(1, "m-1")), ElementsAre(R"({"acked":1})"));
  EXPECT_THAT(client.connection->take(), ElementsAre(HasSubstr("no strategy site available")));
  EXPECT_THAT(say(flow, R"({"pub":2,"topic":"stp.api.scheme_new","body":{"message_id":"m-2"}})"),
              ElementsAre(R"({"acked":2})"));
  EXPECT_THAT(client.connection->take(),
              ElementsAre(::testing::AllOf(HasSubstr(R"("m-2")"), HasSubstr("BAD_REQUEST"))));
}

TEST_F(GatewayTest, AStaleAcknowledgementIsAnsweredWithPlanAndEpoch) {
  const Caller site = log_in_site("A");
  const Caller flow = log_in("order_system", "flow");
  say(flow, new_plan(1, "m-1"));
  site.connection->take();
  EXPECT_THAT(say(site, R"({"ack":{"plan":1,"epoch":1,"through":1}})"), IsEmpty());
  const auto stale = ask(site, R"({"ack":{"plan":1,"epoch":4,"through":1}})");
  EXPECT_FALSE(stale.contains("id"));
  EXPECT_EQ(std::string{stale.at("error").at("code").as_string()}, "STALE_EPOCH");
  EXPECT_EQ(stale.at("error").at("plan").as_int64(), 1);
  EXPECT_EQ(stale.at("error").at("epoch").as_int64(), 4);
  EXPECT_EQ(error_of(site, R"({"ack":{"plan":1,"epoch":1,"through":2}})"), "BAD_REQUEST")
      << "nothing was pushed that far";
  EXPECT_EQ(error_of(site, R"({"ack":{"plan":1,"epoch":1}})"), "BAD_REQUEST");
  EXPECT_EQ(error_of(site, R"({"ack":7})"), "BAD_REQUEST");
  EXPECT_EQ(error_of(flow, R"({"ack":{"through":1}})"), "BAD_REQUEST");
}

TEST_F(GatewayTest, WhatTheOrderSystemDidNotAcknowledgeIsSentAtItsNextLogin) {
  const Caller site = log_in_site("A");
  const Caller flow = log_in("order_system", "flow");
  say(flow, new_plan(1, "m-1"));
  site.connection->take();
  ask(site, R"({"id":7,"name":"plan_done","plan":1,"epoch":1,"body":{"request":"start"}})");
  for (const char* id : {"1-1", "1-2"})
    say(site, R"({"id":7,"name":"place","plan":1,"epoch":1,"body":{"algo_ordid":")" +
                  std::string{id} +
                  R"(","market_no":1,"stock_code":"600570","entrust_direction":1,)"
                  R"("entrust_price":"48","entrust_amount":10}})");
  EXPECT_THAT(flow.connection->take(), SizeIs(2));
  EXPECT_THAT(say(flow, R"({"ack":{"out":1}})"), IsEmpty());
  flow.peer->on_closed("gone");
  const Caller again = connect();
  const std::string proof = proof_of(challenge(again, "order_system", "flow"), "order_system",
                                     "flow", secrets.at("order_system flow"));
  EXPECT_THAT(say(again, R"({"id":2,"name":"prove","body":{"proof":")" + proof + R"("}})"),
              ElementsAre(R"({"id":2,"ok":{"session":0}})",
                          ::testing::AllOf(HasSubstr(R"("out":2)"), HasSubstr("1-2"))));
}

TEST_F(GatewayTest, ASiteWhoseConnectionClosedIsLostAfterItsGrace) {
  const Caller site = log_in_site("A");
  const Caller flow = log_in("order_system", "flow");
  say(flow, new_plan(1, "m-1"));
  site.peer->on_closed("gone");
  clock.advance(std::chrono::milliseconds{150});
  platform.watch_sites();
  settle();
  EXPECT_TRUE(stores.tables().sites.begin()->second.live);
  clock.advance(std::chrono::milliseconds{100});
  platform.watch_sites();
  settle();
  EXPECT_FALSE(stores.tables().sites.begin()->second.live);
  EXPECT_EQ(stores.tables().plans.begin()->second.status, trading::PlanStatus::kAbnormal);
}

TEST_F(GatewayTest, AClosedSubscriberIsForgotten) {
  const Caller client = log_in("client", "cli");
  ask(client, R"({"id":3,"name":"subscribe","body":{"topics":["*"]}})");
  client.peer->on_closed("gone");
  EXPECT_FALSE(centre.publish({"t", trading::PlanId{1}, {}, "{}"}).has_error());
  EXPECT_THAT(client.connection->take(), IsEmpty());
}

}  // namespace
}  // namespace systask::service
