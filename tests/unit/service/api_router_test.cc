#include "service/api/router.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <stdexcept>
#include <string>
#include <utility>

#include "base/text.h"
#include "service/api/body.h"
#include "service/api/new_plan.h"
#include "service/api/problem.h"

namespace systask::service {
namespace {

class RouterTest : public testing::Test {
 protected:
  RouterTest() {
    const auto say = [](const std::string& text) {
      return [text](const ApiRequest& request, const net::HttpAnswer& answer) {
        const auto id = request.path.find("id");
        answer({200, "text/plain", text + (id == request.path.end() ? "" : " " + id->second)});
      };
    };
    router.add("GET", "/api/plans", say("all"));
    router.add("POST", "/api/plans", say("new"));
    router.add("GET", "/api/plans/{id}", say("one"));
    router.add("POST", "/api/plans/{id}/pause", say("pause"));
    router.add("GET", "/breaks", [](const ApiRequest&, const net::HttpAnswer&) {
      throw std::runtime_error("the disk is gone");
    });
  }
  net::HttpResponse route(const std::string& method, const std::string& path) {
    net::HttpResponse given{.status = 0};
    router.route({.method = method, .path = path}, {},
                 [&given](net::HttpResponse response) { given = std::move(response); });
    return given;
  }
  Router router;
};

TEST_F(RouterTest, FindsByMethodAndPattern) {
  EXPECT_EQ(route("GET", "/api/plans").body, "all");
  EXPECT_EQ(route("POST", "/api/plans").body, "new");
  EXPECT_EQ(route("GET", "/api/plans/31").body, "one 31");
  EXPECT_EQ(route("POST", "/api/plans/31/pause").body, "pause 31");
}

TEST_F(RouterTest, AnUnknownPathIs404AndAnotherMethodIs405) {
  for (const char* path : {"/", "/api", "/api/plan", "/api/plans/", "/api/plans/31/stop", ""})
    EXPECT_EQ(route("GET", path).status, 404) << path;
  const auto wrong = route("DELETE", "/api/plans");
  EXPECT_EQ(wrong.status, 405);
  EXPECT_NE(wrong.body.find("use GET, POST, HEAD, OPTIONS"), std::string::npos) << wrong.body;
}

TEST_F(RouterTest, WhatAHandlerThrowsIsAProblem) {
  const auto broken = route("GET", "/breaks");
  EXPECT_EQ(broken.status, 500);
  EXPECT_EQ(broken.content_type, "application/problem+json");
  EXPECT_NE(broken.body.find("the disk is gone"), std::string::npos);
}

TEST(Problem, HasTheMembersOfRfc9457AndALineFeed) {
  const auto response = problem(Refusal{"NO_SITE", "no strategy site available"});
  EXPECT_EQ(response.status, 409);
  EXPECT_EQ(response.body.back(), '\n');
  const auto body = boost::json::parse(response.body).as_object();
  EXPECT_EQ(body.at("type"), "about:blank");
  EXPECT_EQ(body.at("title"), "Refused");
  EXPECT_EQ(body.at("status"), 409);
  EXPECT_EQ(body.at("detail"), "no strategy site available");
  EXPECT_EQ(body.at("code"), "NO_SITE");
}

// A client that checks (Node does) drops the connection over half a character.
TEST(Problem, IsWholeUtf8AndNotLongerThanSomebodyReads) {
  EXPECT_TRUE(is_utf8(problem(400, "BAD_REQUEST", "'limit' is '\xE4\xB8'").body));
  EXPECT_TRUE(is_utf8(json_response(200, boost::json::value("half \xC3")).body));
  std::string text = "x";
  for (int i = 0; i < 100'000; ++i)
    text += "\xC3\xA9";
  const auto response = problem(400, "BAD_REQUEST", text);
  EXPECT_TRUE(is_utf8(response.body));
  EXPECT_LT(response.body.size(), 5'000U);
  auto body = Body::parse(R"({"name":")" + text + R"("})").value();
  body.integer("name", 1, 2);
  EXPECT_TRUE(is_utf8(body.refusal().message)) << body.refusal().message;
}

TEST(Problem, EachCodeHasItsStatus) {
  EXPECT_EQ(status_of("NO_SUCH_PLAN"), 404);
  EXPECT_EQ(status_of("UNKNOWN_TASK"), 404);
  EXPECT_EQ(status_of("PLAN_NOT_RUNNING"), 409);
  EXPECT_EQ(status_of("BAD_REQUEST"), 400);
  EXPECT_EQ(status_of("BUSY"), 503);
  EXPECT_EQ(status_of("INTERNAL"), 500);
  EXPECT_EQ(status_of("A_REFUSAL_YET_TO_COME"), 409);
}

TEST(BodyTest, NamesEveryMistakeWithWhatWasExpected) {
  auto body =
      Body::parse(
          R"({"name":7,"tolerance_percent":101,"details":[{"market_no":"1","stock_code":"600570",
      "entrust_direction":3,"quantity":-1}],"parameters":{"slices":6}})")
          .value();
  const auto plan = new_plan_of(std::move(body), "test");
  ASSERT_TRUE(plan.has_error());
  EXPECT_EQ(plan.error().code, "BAD_REQUEST");
  for (const char* part :
       {"'name' is 7, expected a string", "'strategy' is missing, expected a string",
        "'parameters.slices' is 6, expected a string",
        "'details[0].market_no' is \"1\", expected an integer from 0",
        "'details[0].entrust_direction' is 3, expected an integer from 1 to 2",
        "'details[0].quantity' is -1, expected",
        "'tolerance_percent' is 101, expected an integer from 0 to 100"})
    EXPECT_NE(plan.error().message.find(part), std::string::npos)
        << part << " in " << plan.error().message;
}

// A megabyte of empty details would have a million.
TEST(BodyTest, NamesNoMoreMistakesThanSomebodyReads) {
  std::string details = "{}";
  for (int i = 1; i < 1'000; ++i)
    details += ",{}";
  auto body = Body::parse(R"({"name":"n","strategy":"s","details":[)" + details + "]}").value();
  const auto plan = new_plan_of(std::move(body), "test");
  ASSERT_TRUE(plan.has_error());
  EXPECT_LT(plan.error().message.size(), 10'000U);
  EXPECT_NE(plan.error().message.find("details[12].market_no"), std::string::npos);
}

TEST(BodyTest, TakesAWholePlan) {
  auto body = Body::parse(R"({"name":"n","strategy":"twap","parameters":{"slices":"6"},
      "last_date":20260601,"tolerance_percent":5,"unknown":true,"reason":"the desk asked",
      "details":[{"market_no":1,"stock_code":"600570","entrust_direction":2,"quantity":100}]})");
  const auto plan = new_plan_of(std::move(*body), "test").value();
  EXPECT_EQ(plan.environment, "prod");
  EXPECT_EQ(plan.actor, "test");
  EXPECT_EQ(plan.reason, "the desk asked");
  EXPECT_EQ(plan.last_date, trading::BusinessDate{20260601});
  EXPECT_EQ(plan.tolerance_percent, 5);
  EXPECT_EQ(plan.parameters, (trading::Parameters{{"slices", "6"}}));
  ASSERT_EQ(plan.details.size(), 1U);
  EXPECT_EQ(plan.details[0].side, trading::Side::kSell);
  EXPECT_EQ(plan.details[0].security, "600570");
  EXPECT_EQ(plan.details[0].quantity, 100);
}

// Names and reasons of a hundred thousand characters were kept for a year.
TEST(BodyTest, EveryTextHasAnEnd) {
  const auto wrong = [](const std::string& text, auto read) {
    auto body = Body::parse(text).value();
    read(body);
    return body.wrong();
  };
  const auto quoted = [](std::size_t size) { return '"' + std::string(size, 'x') + '"'; };
  const auto text = [](Body& body) { body.text("a"); };
  const auto text_or = [](Body& body) { body.text_or("a", ""); };
  const auto texts = [](Body& body) { body.texts("a"); };
  const auto list = [](Body& body) { body.text_list("a"); };
  for (const auto& [size, is_wrong] : {std::pair{1'000U, false}, {1'001U, true}}) {
    EXPECT_EQ(wrong(R"({"a":)" + quoted(size) + "}", text), is_wrong) << size;
    EXPECT_EQ(wrong(R"({"a":)" + quoted(size) + "}", text_or), is_wrong) << size;
    EXPECT_EQ(wrong(R"({"a":[)" + quoted(size) + "]}", list), is_wrong) << size;
  }
  EXPECT_FALSE(wrong(R"({"a":{)" + quoted(128) + ":" + quoted(4'096) + "}}", texts));
  EXPECT_TRUE(wrong(R"({"a":{)" + quoted(129) + R"(:"1"}})", texts));
  EXPECT_TRUE(wrong(R"({"a":{"b":)" + quoted(4'097) + "}}", texts));
  std::string many;
  for (int i = 0; i < 1'001; ++i)
    many += fmt::format(R"({}"{}":"1")", i == 0 ? "" : ",", i);
  EXPECT_TRUE(wrong(R"({"a":{)" + many + "}}", texts));
}

TEST(BodyTest, RefusesWhatIsNoObject) {
  for (const char* text : {"[1]", "{", "null", "\"x\"", "{\"a\":1}x"})
    EXPECT_EQ(Body::parse(text).error().code, "BAD_JSON") << text;
  EXPECT_TRUE(Body::parse("").has_value());
}

}  // namespace
}  // namespace systask::service
