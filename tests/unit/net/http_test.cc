#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/net/world.h"

namespace systask::net {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

void say_ok(const HttpRequest&, const HttpAnswer& answer) { answer({.body = R"({"ok":1})"}); }

TEST(Http, HandsOverTheWholeRequestAndBringsTheAnswer) {
  World world;
  HttpRequest seen;
  world.on_request = [&](HttpRequest request, const HttpAnswer& answer) {
    seen = std::move(request);
    answer({.status = 201, .content_type = "text/plain", .body = "made"});
    answer({.status = 500, .content_type = "text/plain", .body = "a second answer is dropped"});
  };
  HttpResponse got;
  world.beside([&] {
    got = http_request(world.address(), "POST", "/api/plans?dry=yes%21", "{}", "s3cret", 5s);
  });
  EXPECT_EQ(got.status, 201);
  EXPECT_EQ(got.content_type, "text/plain");
  EXPECT_EQ(got.body, "made");
  EXPECT_EQ(seen.method, "POST");
  EXPECT_EQ(seen.path, "/api/plans");
  EXPECT_EQ(seen.query.at("dry"), "yes!");
  EXPECT_EQ(seen.bearer, "s3cret");
  EXPECT_EQ(seen.content_type, "application/json");
  EXPECT_EQ(seen.body, "{}");
  EXPECT_THAT(seen.remote, StartsWith("127.0.0.1:"));
}

TEST(Http, AnswersFromAnotherThreadAndLater) {
  World world;
  HttpAnswer kept;
  world.on_request = [&](const HttpRequest&, HttpAnswer answer) { kept = std::move(answer); };
  RawClient client{world};
  client.say("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  ASSERT_TRUE(world.until([&] { return kept != nullptr; }));
  world.beside([&] { std::exchange(kept, nullptr)({.body = "late"}); });
  EXPECT_THAT(client.all_said().value(), AllOf(StartsWith("HTTP/1.1 200"), HasSubstr("late")));
}

TEST(Http, KeepsTheConnectionForTheNextRequest) {
  World world;
  world.on_request = say_ok;
  RawClient client{world};
  client.say("GET /1 HTTP/1.1\r\nHost: x\r\n\r\nHEAD /2 HTTP/1.1\r\nHost: x\r\n\r\n");
  client.say("GET /3 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  const std::string said = client.all_said().value();
  std::size_t answers = 0;
  std::size_t bodies = 0;
  for (std::size_t at = 0; (at = said.find("HTTP/1.1 200", at)) != std::string::npos; ++at)
    ++answers;
  for (std::size_t at = 0; (at = said.find(R"({"ok":1})", at)) != std::string::npos; ++at)
    ++bodies;
  EXPECT_EQ(answers, 3U);
  EXPECT_EQ(bodies, 2U) << "a HEAD has no body";
}

TEST(Http, InvitesABodyThatWaitsToBeInvited) {
  World world;
  world.on_request = [](const HttpRequest& request, const HttpAnswer& answer) {
    answer({.body = request.body});
  };
  RawClient client{world};
  client.say(
      "PUT / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 4\r\n"
      "Connection: close\r\n\r\n");
  EXPECT_THAT(client.said_up_to("\r\n\r\n"), StartsWith("HTTP/1.1 100"));
  client.say("body");
  EXPECT_THAT(client.all_said().value(), HasSubstr("body"));
}

TEST(Http, SaysWhatIsWrongAsProblemDetails) {
  World world{{.body_bytes = 10}};
  world.on_request = say_ok;
  const std::vector<std::pair<std::string, std::string>> cases{
      {"NONSENSE\r\n\r\n", "400"},
      {"GET /%zz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "400"},
      {"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 11\r\n\r\n12345678901", "413"},
      {"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nb\r\n12345678901\r\n",
       "413"},
      {"GET / HTTP/1.1\r\nHost: " + std::string(20'000, 'x'), "431"},
  };
  for (const auto& [request, status] : cases) {
    RawClient client{world};
    client.say(request);
    const std::string said = client.said_up_to("\"}");
    EXPECT_THAT(said, StartsWith("HTTP/1.1 " + status)) << request.substr(0, 40);
    EXPECT_THAT(said, AllOf(HasSubstr("application/problem+json"),
                            HasSubstr(R"({"type":"about:blank","title":")"),
                            HasSubstr(R"("status":)" + status), HasSubstr(R"("detail":")")));
  }
}

TEST(Http, AnswersAHandlerThatThrows) {
  World world;
  world.on_request = [](const HttpRequest&, const HttpAnswer&) {
    throw std::runtime_error("database gone");
  };
  HttpResponse got;
  world.beside([&] { got = http_request(world.address(), "GET", "/", "", "", 5s); });
  EXPECT_EQ(got.status, 500);
  EXPECT_THAT(got.body, Not(HasSubstr("database gone")));
}

TEST(Http, CutsOffASlowRequestHoweverItDrips) {
  World world{{.read_timeout = 100ms}};
  world.on_request = say_ok;
  RawClient silent{world};
  RawClient slow{world};
  slow.say("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nonly this");
  EXPECT_EQ(silent.all_said(), "");
  EXPECT_EQ(slow.all_said(), "");
}

TEST(Http, RefusesMoreConnectionsThanItMayHave) {
  World world{{.connections = 2}};
  world.on_request = say_ok;
  const auto first = world.open();
  const auto second = world.open();
  RawClient third{world};
  EXPECT_THAT(third.said_up_to("\"}"), AllOf(StartsWith("HTTP/1.1 503"), HasSubstr("detail")));
  third.vanish();
  first->connection->close("done");
  ASSERT_TRUE(world.until([&] { return world.served().front()->closed.has_value(); }));
  const auto fourth = world.open();
  EXPECT_FALSE(fourth->closed);
}

TEST(Http, StopEndsIdleConnectionsAndLetsAnAnswerOut) {
  World world;
  HttpAnswer kept;
  world.on_request = [&](const HttpRequest&, HttpAnswer answer) { kept = std::move(answer); };
  RawClient idle{world};
  RawClient asking{world};
  asking.say("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  ASSERT_TRUE(world.until([&] { return kept != nullptr; }));
  world.server->stop();
  world.server->stop();
  EXPECT_EQ(idle.all_said(), "");
  std::exchange(kept, nullptr)({.body = "the last word"});
  EXPECT_THAT(asking.all_said().value(),
              AllOf(HasSubstr("the last word"), HasSubstr("Connection: close")));
  EXPECT_TRUE(world.runs_dry());
}

TEST(Http, NamesTheAddressItCannotHave) {
  World world;
  Server twin{world.io, {.port = world.server->port()}, {}};
  try {
    twin.start();
    FAIL() << "two servers on one port";
  } catch (const std::runtime_error& error) {
    EXPECT_THAT(error.what(), HasSubstr("127.0.0.1:" + world.address().port));
  }
  Server nowhere{world.io, {.address = "no.such.name.invalid"}, {}};
  EXPECT_THROW(nowhere.start(), std::runtime_error);
}

TEST(Http, ListensOnANameToo) {
  World world{{.address = "localhost"}};
  world.on_request = say_ok;
  HttpResponse got;
  world.beside([&] {
    got = http_request({"localhost", world.address().port}, "GET", "/", "", "", 5s);
  });
  EXPECT_EQ(got.body, R"({"ok":1})");
}

}  // namespace
}  // namespace systask::net
