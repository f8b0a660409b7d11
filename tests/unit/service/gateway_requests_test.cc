#include "service/gateway/requests.h"

#include "tests/unit/service/gateway_world.h"

namespace systask::service {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

// Every request of docs/protocol.md with its number, and who may ask it.
struct Row {
  const char* name;
  std::int64_t fn;
  bool site_only;
};
constexpr Row kRequests[] = {
    {"heartbeat", 5180214, false}, {"subscribe", 0, false},    {"plan_done", 0, true},
    {"plan_failed", 0, true},      {"plan_state", 0, true},    {"place", 0, true},
    {"cancel", 0, true},           {"logout", 0, true},        {"drain", 0, true},
    {"open_orders", 0, true},      {"claim", 5180246, true},   {"cached", 0, true},
    {"finish", 5180224, true},     {"recover_failed", 0, true}};

TEST(Requests, AreThoseOfTheProtocol) {
  for (const Row& row : kRequests) {
    const Request* const request = find_request(row.name);
    ASSERT_NE(request, nullptr) << row.name;
    EXPECT_EQ(request->fn, row.fn) << row.name;
  }
  EXPECT_EQ(find_request("publish"), nullptr);
  EXPECT_EQ(find_request(""), nullptr);
}

class RequestsTest : public GatewayTest {
 protected:
  // A site that has plan 1, and the order system beside it.
  void SetUp() override {
    site = log_in_site("A");
    flow = log_in("order_system", "flow");
    say(flow, new_plan(1, "m1"));
    site.connection->take();
  }
  static std::string request(const std::string& name, const std::string& body,
                             std::int64_t epoch = 1) {
    return R"({"id":7,"name":")" + name + R"(","plan":1,"epoch":)" + std::to_string(epoch) +
           R"(,"body":)" + body + "}";
  }
  static std::string order(const std::string& price, const std::string& algo_ordid = "1-1") {
    return R"({"algo_ordid":")" + algo_ordid +
           R"(","market_no":1,"stock_code":"600570","entrust_direction":1,"entrust_price":")" +
           price + R"(","entrust_amount":50})";
  }

  Caller site;
  Caller flow;
};

TEST_F(RequestsTest, UnknownFunctionsAndMismatchesAreNamed) {
  EXPECT_EQ(error_of(site, R"({"id":7,"name":"fly"})"), "UNKNOWN_FUNCTION");
  EXPECT_EQ(error_of(site, R"({"id":7,"name":"claim","fn":5180224})"), "FUNCTION_MISMATCH");
  EXPECT_EQ(error_of(site, R"({"id":7,"name":"place","fn":1})"), "FUNCTION_MISMATCH");
  EXPECT_EQ(error_of(site, R"({"id":7})"), "BAD_REQUEST");
  EXPECT_EQ(error_of(site, R"({"name":"heartbeat"})"), "BAD_REQUEST");
  EXPECT_EQ(error_of(site, "no JSON"), "BAD_JSON");
  EXPECT_EQ(error_of(site, R"({"id":7,"name":"plan_done","plan":1,"epoch":1,"body":[1]})"),
            "BAD_JSON");
  EXPECT_EQ(error_of(site, R"({"id":7,"name":"plan_done","body":{"request":"start"}})"),
            "BAD_REQUEST")
      << "it names no plan";
  EXPECT_FALSE(site.connection->closed());
}

TEST_F(RequestsTest, AnErrorSaysToWhatItIsTheAnswerAndTheRightThing) {
  const auto error = [&](const Caller& caller, const std::string& frame, const char* key,
                         std::int64_t number) {
    const auto answer = ask(caller, frame);
    EXPECT_TRUE(answer.contains(key) && answer.at(key) == number)
        << frame << ": " << boost::json::serialize(answer);
    return std::string{answer.at("error").at("message").as_string()};
  };
  EXPECT_THAT(error(site, R"({"id":7,"name":"plan_state","plan":"x","epoch":1})", "id", 7),
              HasSubstr("plan: found \"x\", expected an integer"));
  EXPECT_THAT(error(site, R"({"epoch":1.5,"id":8,"name":"plan_state","plan":1})", "id", 8),
              HasSubstr("epoch: found 1.5"));
  EXPECT_THAT(error(site, R"({"id":9,"name":"heartbeat","fn":"5180214"})", "id", 9),
              HasSubstr("fn: found"));
  EXPECT_THAT(error(site, R"({"id":9,"name":7})", "id", 9), HasSubstr("name: found 7"));
  EXPECT_THAT(error(site, R"({"id":9,"name":""})", "id", 9), HasSubstr("name: empty"));
  EXPECT_THAT(error(site, R"({"id":9})", "id", 9), HasSubstr("name: absent"));
  EXPECT_THAT(error(site, R"({"id":9,"name":"plan_state","epoch":1})", "id", 9),
              HasSubstr("plan: absent, expected the plan"));
  EXPECT_THAT(error(site, R"({"id":9,"name":"plan_state","plan":1})", "id", 9),
              HasSubstr("epoch: absent, expected the epoch"));
  EXPECT_THAT(error(site, R"({"id":9,"name":"plan_state","plan":-3,"epoch":1})", "id", 9),
              HasSubstr("plan: found -3, expected 1 or more"));
  EXPECT_THAT(error(site, R"({"id":9,"name":"place","fn":7,"plan":1,"epoch":1})", "id", 9),
              HasSubstr("'place' has no number"));
  EXPECT_THAT(error(site, R"({"id":9,"name":"claim","fn":7,"plan":1,"epoch":1})", "id", 9),
              HasSubstr("fn: found 7, expected 5180246"));
  EXPECT_THAT(error(site, R"({"id":4,"ack":{"epoch":1,"through":1}})", "id", 4),
              HasSubstr("ack.plan: absent"));
  EXPECT_THAT(error(site, R"({"id":4,"ack":{"plan":1,"epoch":1}})", "id", 4),
              HasSubstr("ack.through: absent"));
  EXPECT_THAT(error(flow, R"({"pub":2,"body":{"a":1}})", "pub", 2), HasSubstr("topic: absent"));
  EXPECT_THAT(error(flow, R"({"pub":5,"topic":"t","body":{"a":1}})", "pub", 5),
              HasSubstr("pub: found 5, expected 2"));
  EXPECT_THAT(error(flow, R"({"pub":2,"topic":7,"body":{"a":1}})", "pub", 2),
              HasSubstr("topic: found 7"));
  EXPECT_THAT(error(site, R"({"pub":1,"topic":"t","body":{"a":1}})", "pub", 1),
              HasSubstr("may not publish"));
  EXPECT_THAT(error(site, R"({"id":4,"ack":{"plan":1,"epoch":1,"through":"1"}})", "id", 4),
              HasSubstr("ack.through: found \"1\""));
  EXPECT_THAT(error(site, request("finish", R"({"through":1})", 9), "id", 7),
              HasSubstr("plan 1 is in epoch 1, not 9"));
  EXPECT_THAT(error(site, R"({"id":9223372036854775808,"name":"heartbeat","pub":1})", "pub", 1),
              HasSubstr("may not publish"));
  EXPECT_THAT(error(site, R"({"id":7,"name":"plan_done","plan":9223372036854775808})", "id", 7),
              HasSubstr("expected an integer of 64 bits"));
  const std::string deep = R"({"a":)" + std::string(40, '[') + std::string(40, ']') + "}";
  EXPECT_THAT(error(site, request("finish", deep), "id", 7), HasSubstr("nested more deeply"));
  const Caller other = log_in_site("B");
  EXPECT_THAT(error(other, request("plan_state", "{}"), "id", 7),
              HasSubstr("plan 1 in epoch 1 is not this session's"));
  say(site, request("plan_done", R"({"request":"start"})"));
  EXPECT_THAT(error(site, request("recover_failed", R"({"reason":"r"})"), "id", 7),
              HasSubstr("plan 1 is not being taken over: it is running"));
  EXPECT_THAT(error(site, request("claim", R"({"snapshot":1})"), "id", 7),
              HasSubstr("plan 1 is not being taken over: it is running"))
      << "who was told that it is not this session's dropped it";
  EXPECT_THAT(error(site, request("place", order("48.123456789")), "id", 7),
              HasSubstr("at most 8 decimals"));
  EXPECT_THAT(error(site, request("place", order("92233720369")), "id", 7),
              HasSubstr("a decimal above 0 and at most 10000000000"));
}

TEST_F(RequestsTest, ARoleMayAskOnlyWhatIsItsOwn) {
  const Caller client = log_in("client", "cli");
  for (const Row& row : kRequests) {
    if (!row.site_only) continue;
    EXPECT_EQ(error_of(client, request(row.name, "{}")), "WRONG_ROLE") << row.name;
    EXPECT_EQ(error_of(flow, request(row.name, "{}")), "WRONG_ROLE") << row.name;
  }
  EXPECT_EQ(error_of(client, R"({"pub":1,"topic":"t","body":{"a":1}})"), "WRONG_ROLE");
  EXPECT_EQ(error_of(site, R"({"pub":1,"topic":"t","body":{"a":1}})"), "WRONG_ROLE");
}

TEST_F(RequestsTest, APlanAndAnEpochAreNumbersFromOne) {
  const auto code = [&](int plan, int epoch) {
    return error_of(site, R"({"id":7,"name":"plan_state","plan":)" + std::to_string(plan) +
                              R"(,"epoch":)" + std::to_string(epoch) + "}");
  };
  for (const auto& [plan, epoch] :
       {std::pair{0, 1}, std::pair{-1, 1}, std::pair{1, 0}, std::pair{1, -1}, std::pair{0, 0}})
    EXPECT_EQ(code(plan, epoch), "BAD_REQUEST") << plan << " " << epoch;
  EXPECT_EQ(code(1, 9), "STALE_EPOCH");
}

TEST_F(RequestsTest, LimitsAreTakenUpToTheirLast) {
  const std::vector<std::tuple<const char*, std::string, bool>> cases{
      {"open_orders", R"({"limit":1000})", true}, {"open_orders", R"({"limit":1001})", false},
      {"open_orders", R"({"limit":1})", true},    {"open_orders", R"({"limit":0})", false},
      {"open_orders", R"({"after":-1})", false},  {"cached", R"({"limit":2000})", true},
      {"cached", R"({"limit":2001})", false},     {"cached", R"({"limit":0})", false},
      {"claim", R"({"snapshot":0})", true},       {"claim", R"({"snapshot":-1})", false},
      {"finish", R"({"through":-1})", false},
  };
  for (const auto& [name, body, taken] : cases)
    EXPECT_EQ(error_of(site, request(name, body, 9)), taken ? "STALE_EPOCH" : "BAD_REQUEST")
        << name << " " << body;
}

TEST_F(RequestsTest, AnOrderSystemAcknowledgesWhatItWasSentOnly) {
  say(site, request("plan_done", R"({"request":"start"})"));
  say(site, request("place", order("48.00")));
  EXPECT_THAT(flow.connection->take(), Contains(HasSubstr(R"("out":1,)")));
  const auto refused = ask(flow, R"({"ack":{"out":5}})");
  EXPECT_EQ(refused.at("error").at("code"), "BAD_REQUEST");
  EXPECT_EQ(refused.at("error").at("out").as_int64(), 5);
  EXPECT_EQ(platform.orders_out().waiting, 1);
  EXPECT_THAT(say(flow, R"({"ack":{"out":1}})"), IsEmpty());
  EXPECT_EQ(platform.orders_out().waiting, 0);
}

TEST_F(RequestsTest, AnOrderSystemThatIsConnectedTakesOverWithoutALogin) {
  secrets["order_system spare"] = "secret of the spare";
  const Caller spare = log_in("order_system", "spare");
  say(site, request("plan_done", R"({"request":"start"})"));
  say(site, request("place", order("48.00")));
  EXPECT_THAT(flow.connection->take(), Not(Contains(HasSubstr(R"("out":)"))))
      << "the one that logged in last gets them";
  EXPECT_THAT(spare.connection->take(), Contains(HasSubstr(R"("out":1,)")));
  spare.peer->on_closed("its cable");
  settle();
  EXPECT_EQ(platform.orders_out().receiver, "flow");
  EXPECT_THAT(flow.connection->take(), ElementsAre(HasSubstr(R"("out":1,)")));
  say(site, request("place", order("48.00", "1-2")));
  EXPECT_THAT(flow.connection->take(), ElementsAre(HasSubstr(R"("out":2,)")));
  EXPECT_THAT(say(flow, R"({"ack":{"out":2}})"), IsEmpty());
  EXPECT_EQ(platform.orders_out().waiting, 0);
}

TEST_F(RequestsTest, AHeartbeatTellsTheTime) {
  for (const Caller& caller : {site, flow})
    EXPECT_EQ(boost::json::serialize(ask(caller, R"({"id":7,"name":"heartbeat","fn":5180214})")),
              R"({"id":7,"ok":{"time":"2026-05-22T01:30:00Z"}})");
}

TEST_F(RequestsTest, EveryRequestAboutAPlanIsFencedByItsEpoch) {
  for (const auto& [name, body] :
       {std::pair{"plan_done", R"({"request":"start"})"},
        std::pair{"plan_failed", R"({"reason":"r"})"}, std::pair{"plan_state", "{}"},
        std::pair{"cancel", R"({"algo_ordid":"1-1"})"}, std::pair{"open_orders", "{}"},
        std::pair{"claim", R"({"snapshot":1})"}, std::pair{"cached", "{}"},
        std::pair{"finish", R"({"through":1})"},
        std::pair{"recover_failed", R"({"reason":"r"})"}}) {
    EXPECT_EQ(error_of(site, request(name, body, 9)), "STALE_EPOCH") << name;
    EXPECT_EQ(error_of(site, R"({"id":7,"name":")" + std::string{name} +
                                 R"(","plan":99,"epoch":1,"body":)" + body + "}"),
              "NO_SUCH_PLAN")
        << name;
  }
  EXPECT_EQ(error_of(site, request("place", order("48.00"), 9)), "STALE_EPOCH");
}

TEST_F(RequestsTest, AnOrderIsAcceptedAndLeavesForTheOrderSystem) {
  ask(site, request("plan_done", R"({"request":"start"})"));
  EXPECT_EQ(boost::json::serialize(ask(site, request("place", order("48.00")))),
            R"({"id":7,"ok":{"algo_ordid":"1-1"}})");
  const auto sent = flow.connection->take();
  ASSERT_EQ(sent.size(), 1U);
  const auto frame = boost::json::parse(sent.front());
  EXPECT_EQ(std::string{frame.at("topic").as_string()}, "stp.order.place");
  EXPECT_EQ(std::string{frame.at("body").at("entrust_price").as_string()}, "48");
  // Asked again, it is answered again, and nothing more is placed.
  EXPECT_TRUE(ask(site, request("place", order("48.00"))).contains("ok"));
  EXPECT_TRUE(flow.connection->take().empty());
  EXPECT_EQ(error_of(site, request("place", order("49.00"))), "DUPLICATE_ORDER");
  EXPECT_TRUE(ask(site, request("cancel", R"({"algo_ordid":"1-1"})")).contains("ok"));
  EXPECT_THAT(flow.connection->take().back(), HasSubstr("stp.order.cancel"));
}

TEST_F(RequestsTest, AnOrderOfTheWrongFormIsRefusedWithTheReason) {
  ask(site, request("plan_done", R"({"request":"start"})"));
  for (const char* price : {"1.123456789", "1e3", "", "x", "0", "-1", "10000000000.5"}) {
    const auto answer = ask(site, request("place", order(price)));
    EXPECT_THAT(boost::json::serialize(answer), HasSubstr("BAD_REQUEST")) << price;
    EXPECT_THAT(boost::json::serialize(answer), HasSubstr("entrust_price")) << price;
  }
  const auto answer = ask(site, request("place", R"({"algo_ordid":"1-1","entrust_direction":3})"));
  for (const char* member : {"market_no", "stock_code", "entrust_direction", "entrust_amount"})
    EXPECT_THAT(boost::json::serialize(answer), HasSubstr(member));
  EXPECT_EQ(error_of(site, request("cancel", "{}")), "BAD_REQUEST");
}

TEST_F(RequestsTest, PlanDoneTakesARequestThatASiteCarriesOut) {
  for (const char* name : {"modify", "fly"})
    EXPECT_EQ(error_of(site, request("plan_done", R"({"request":")" + std::string{name} + "\"}")),
              "BAD_REQUEST");
  EXPECT_EQ(boost::json::serialize(ask(site, request("plan_done", R"({"request":"start"})"))),
            R"({"id":7,"ok":{"status":"2"}})");
}

TEST_F(RequestsTest, ASiteSeesTheStateOfItsPlan) {
  const auto answer = ask(site, request("plan_state", "{}"));
  const auto& ok = answer.at("ok");
  EXPECT_EQ(ok.at("last").as_int64(), 1);
  EXPECT_EQ(ok.at("skipped").as_int64(), 0);
  EXPECT_EQ(ok.at("digest").as_string().size(), 64U);
  EXPECT_EQ(std::string{ok.at("plan").at("strategy").as_string()}, "twap");
}

TEST_F(RequestsTest, ASiteMayNotSubscribeToPlans) {
  for (const char* topic : {"asset.algo.realdeal", "asset.algo.*", "*", "stp*"})
    EXPECT_EQ(error_of(site, R"({"id":7,"name":"subscribe","body":{"topics":[")" +
                                 std::string{topic} + "\"]}}"),
              "WRONG_ROLE")
        << topic;
  EXPECT_EQ(error_of(flow, R"({"id":7,"name":"subscribe","body":{"topics":[7]}})"), "BAD_REQUEST");
}

TEST_F(RequestsTest, ATakeoverGoesThroughClaimReplayAndFinish) {
  ask(site, request("plan_done", R"({"request":"start"})"));
  const Caller other = log_in_site("B");
  EXPECT_TRUE(say(site, R"({"ack":{"plan":1,"epoch":1,"through":1}})").empty());
  EXPECT_EQ(say(site, R"({"id":7,"name":"drain"})").size(), 2U) << "the plan is released, then ok";
  EXPECT_EQ(platform.recover_plans().offered, 1);
  const auto asked = other.connection->take();
  ASSERT_EQ(asked.size(), 1U);
  EXPECT_THAT(asked.front(), HasSubstr("asset.algo.recover_scheme"));
  const auto pages = ask(other, request("open_orders", R"({"after":0,"limit":500})", 2));
  EXPECT_EQ(pages.at("ok").at("snapshot").as_int64(), 1);
  EXPECT_EQ(error_of(other, request("place", order("48.00", "2-1"), 2)), "RECOVERING");
  EXPECT_EQ(boost::json::serialize(ask(other, request("claim", R"({"snapshot":1})", 2))),
            R"({"id":7,"ok":{"epoch":3,"snapshot":1}})");
  EXPECT_EQ(boost::json::serialize(ask(other, request("cached", "{}", 3))),
            R"({"id":7,"ok":{"through":1,"remaining":0}})");
  EXPECT_EQ(error_of(other, request("finish", R"({"through":2})", 3)), "NOT_DRAINED");
  EXPECT_EQ(boost::json::serialize(ask(other, request("finish", R"({"through":1})", 3))),
            R"({"id":7,"ok":{"status":"2","last":1}})");
}

TEST_F(RequestsTest, ADigestThatIsNotOursEndsTheTakeover) {
  const Caller other = log_in_site("B");
  ask(site, R"({"id":7,"name":"logout"})");
  EXPECT_EQ(platform.recover_plans().offered, 1);
  settle();
  EXPECT_EQ(other.connection->take().size(), 1U) << "the offer";
  ask(other, request("claim", R"({"snapshot":1})", 2));
  const auto refused = ask(other, request("finish", R"({"through":1,"digest":"00"})", 3));
  EXPECT_EQ(refused.at("error").at("code"), "DIGEST_DIFFERS");
  EXPECT_EQ(refused.at("error").at("digest").as_string().size(), 64U);
  EXPECT_EQ(error_of(other, request("finish", R"({"through":1})", 3)), "STALE_EPOCH");
}

TEST_F(RequestsTest, ALogoutGivesThePlansAwayAtOnce) {
  EXPECT_TRUE(ask(site, R"({"id":7,"name":"logout"})").contains("ok"));
  EXPECT_EQ(stores.tables().plans.begin()->second.status, trading::PlanStatus::kAbnormal);
}

}  // namespace
}  // namespace systask::service
