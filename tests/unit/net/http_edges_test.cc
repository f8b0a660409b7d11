// The edges of what HTTP allows: the last byte that fits, the second request, the late answer.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/ip/tcp.hpp>

#include "tests/unit/net/world.h"

namespace systask::net {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

void answer_ok(const HttpRequest&, const HttpAnswer& answer) { answer({.body = R"({"ok":1})"}); }

constexpr std::string_view kUpgrade =
    "GET /ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

// Time that a request may take has passed when another connection has been cut off for it.
void let_the_read_timeout_pass(World& world) {
  RawClient silent{world};
  EXPECT_EQ(silent.all_said(), "");
}

TEST(HttpEdges, TakesATokenOfTheBearerSchemeOnlyInAnyCase) {
  const std::vector<std::pair<std::string, std::string>> cases{{"Bearer abc", "abc"},
                                                               {"bearer abc", "abc"},
                                                               {"BEARER a b", "a b"},
                                                               {"Basic abc", ""},
                                                               {"Bearer", ""},
                                                               {"Bearerabc", ""},
                                                               {"abc", ""}};
  for (const auto& [header, token] : cases) {
    World world;
    std::string bearer = "not asked";
    world.on_request = [&](const HttpRequest& request, const HttpAnswer& answer) {
      bearer = request.bearer;
      answer({});
    };
    RawClient client{world};
    client.say("GET / HTTP/1.1\r\nHost: x\r\nAuthorization: " + header +
               "\r\nConnection: close\r\n\r\n");
    EXPECT_TRUE(client.all_said()) << header;
    EXPECT_EQ(bearer, token) << header;
  }
}

TEST(HttpEdges, ABodyOfExactlyTheMostIsTaken) {
  World world{{.body_bytes = 10}};
  world.on_request = answer_ok;
  RawClient client{world};
  client.say(
      "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\nConnection: close\r\n\r\n1234567890");
  EXPECT_THAT(client.all_said().value(), StartsWith("HTTP/1.1 200"));
}

TEST(HttpEdges, AWrongRequestEndsAConnectionThatWasKept) {
  World world;
  world.on_request = answer_ok;
  RawClient client{world};
  client.say("GET / HTTP/1.1\r\nHost: x\r\n\r\nNONSENSE\r\n\r\n");
  const std::string said = client.all_said().value();
  EXPECT_THAT(said, AllOf(HasSubstr("HTTP/1.1 200"), HasSubstr("HTTP/1.1 400")));
  EXPECT_THAT(said.substr(said.find("HTTP/1.1 400")), HasSubstr("Connection: close"));
}

TEST(HttpEdges, AHeadLeavesTheNextAnswerItsBody) {
  World world{{.body_bytes = 1}};
  world.on_request = answer_ok;
  RawClient client{world};
  client.say("HEAD / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(client.said_up_to("\r\n\r\n"), HasSubstr("Content-Length: 8"));
  client.say("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n123456789");
  EXPECT_THAT(client.said_up_to("\"}"), AllOf(StartsWith("HTTP/1.1 413"), HasSubstr("detail")));
}

// RFC 9110, 8.6.
TEST(HttpEdges, AnAnswerThatHasNoContentSaysNoLength) {
  World world;
  world.on_request = [](const HttpRequest&, const HttpAnswer& answer) {
    answer({.status = 204, .content_type = ""});
  };
  RawClient client{world};
  client.say("OPTIONS / HTTP/1.1\r\nHost: x\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\nConnection: close"
             "\r\n\r\n");
  const std::string said = client.all_said().value();
  EXPECT_THAT(said, testing::Not(HasSubstr("Content-Length")));
  EXPECT_NE(said.find("HTTP/1.1 204", 1), std::string::npos) << "the next one is answered";
}

TEST(HttpEdges, ClosesAConnectionThatAsksNoMore) {
  World world{{.read_timeout = 50ms}};
  world.on_request = answer_ok;
  RawClient client{world};
  client.say("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(client.all_said().value(), HasSubstr(R"({"ok":1})"));
}

TEST(HttpEdges, AnAnswerMayTakeLongerThanARequest) {
  World world{{.read_timeout = 50ms}};
  HttpAnswer kept;
  world.on_request = [&](const HttpRequest&, HttpAnswer answer) { kept = std::move(answer); };
  RawClient client{world};
  client.say("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  ASSERT_TRUE(world.until([&] { return kept != nullptr; }));
  let_the_read_timeout_pass(world);
  std::exchange(kept, nullptr)({.body = "after all"});
  EXPECT_THAT(client.all_said().value(), HasSubstr("after all"));
}

// A client that is refused early and has not finished sending still reads why.
TEST(HttpEdges, ARefusalIsReadByWhoeverStillSends) {
  World world{{.body_bytes = 10}};
  world.on_request = answer_ok;
  RawClient client{world};
  client.say("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3000000\r\n\r\n");
  world.beside([&] { client.say(std::string(3'000'000, 'x')); });
  EXPECT_THAT(client.said_up_to("\"}"), AllOf(StartsWith("HTTP/1.1 413"), HasSubstr("10 bytes")));
}

TEST(HttpEdges, WhoeverWasAnsweredAndNeverLeavesIsLeft) {
  World world{{.read_timeout = 50ms, .connections = 2}};
  world.on_request = answer_ok;
  RawClient stays{world};
  stays.say("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(stays.all_said().value(), StartsWith("HTTP/1.1 200"));
  let_the_read_timeout_pass(world);
  const auto first = world.open();
  const auto second = world.open();  // has the place of the one that stays
  EXPECT_FALSE(first->closed || second->closed);
}

TEST(HttpEdges, OnlySoManyAreToldThatTheServerIsFull) {
  World world{{.connections = 0}};
  std::vector<std::unique_ptr<RawClient>> told;
  for (int i = 0; i < 64; ++i) {
    told.push_back(std::make_unique<RawClient>(world));
    EXPECT_THAT(told.back()->said_up_to("\"}"), StartsWith("HTTP/1.1 503")) << i;
  }
  RawClient one_more{world};
  EXPECT_EQ(one_more.all_said(), "");
}

TEST(HttpEdges, AConnectionThatEndedMakesRoomForAnother) {
  World world{{.connections = 1}};
  world.on_request = answer_ok;
  for (int i = 0; i < 3; ++i) {
    RawClient client{world};
    client.say("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    EXPECT_THAT(client.all_said().value(), StartsWith("HTTP/1.1 200")) << i;
    client.vanish();
    while (world.io.poll() > 0) {
    }
  }
  const auto web_socket = world.open();
  web_socket->connection->close("done");
  ASSERT_TRUE(world.until([&] { return world.served().front()->closed.has_value(); }));
  RawClient client{world};
  client.say("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(client.all_said().value(), StartsWith("HTTP/1.1 200"));
}

TEST(HttpEdges, ARefusedWebSocketLeavesTheConnectionForRequests) {
  World world;
  world.on_request = answer_ok;
  RawClient client{world};
  std::string elsewhere{kUpgrade};
  elsewhere.replace(elsewhere.find("/ws"), 3, "/no");
  client.say(elsewhere);
  EXPECT_THAT(client.said_up_to("\"}"), StartsWith("HTTP/1.1 404"));
  client.say("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(client.all_said().value(), HasSubstr(R"({"ok":1})"));
}

TEST(HttpEdges, AFrameRightBehindTheUpgradeIsHeard) {
  World world;
  RawClient client{world};
  client.say(std::string{kUpgrade} + raw_frame(0x81, "eager"));
  ASSERT_TRUE(world.until([&] { return !world.served().empty(); }));
  ASSERT_TRUE(world.until([&] { return !world.served()[0]->texts.empty(); }));
  EXPECT_EQ(world.served()[0]->texts[0], "eager");
}

TEST(HttpEdges, ATroubleWithAWebSocketIsAnswered) {
  boost::asio::io_context io;
  Server server{io,
                {.port = 0},
                {.on_request = nullptr,
                 .on_connection = [](const std::shared_ptr<Connection>&, const std::string&)
                     -> std::shared_ptr<Peer> { throw std::runtime_error("secret trouble"); }}};
  server.start();
  std::string failure;
  connect(
      io, {"127.0.0.1", std::to_string(server.port())}, "/", {.timeout = 5s},
      [](const std::shared_ptr<Connection>&) -> std::shared_ptr<Peer> { return nullptr; },
      [&](std::string reason) { failure = std::move(reason); });
  while (failure.empty())
    ASSERT_EQ(io.run_one_for(5s), 1U);
  EXPECT_THAT(failure, AllOf(HasSubstr("status 500"), Not(HasSubstr("secret"))));
}

TEST(HttpEdges, AnswersWhileItStopsAndThenCloses) {
  World world;
  world.on_request = [&](const HttpRequest&, const HttpAnswer& answer) {
    world.server->stop();
    while (world.io.poll_one() > 0) {
    }
    answer({.body = "the last"});
  };
  RawClient client{world};
  client.say("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(client.all_said().value(),
              AllOf(HasSubstr("the last"), HasSubstr("Connection: close")));
  EXPECT_TRUE(world.runs_dry());
}

TEST(HttpEdges, AnAddressOfColonsStandsInBrackets) {
  EXPECT_EQ(host_and_port("::1", "80"), "[::1]:80");
  EXPECT_EQ(host_and_port("localhost", "80"), "localhost:80");
}

// What the server is asked by http_request() and http_call().
std::string raw_request(const std::function<void(const Address&)>& call) {
  boost::asio::io_context io;
  boost::asio::ip::tcp::acceptor acceptor{io, {boost::asio::ip::make_address("127.0.0.1"), 0}};
  std::jthread caller{[&] {
    try {
      call({"127.0.0.1", std::to_string(acceptor.local_endpoint().port())});
    } catch (const std::runtime_error&) {
    }
  }};
  boost::asio::ip::tcp::socket socket{io};
  acceptor.accept(socket);
  std::string asked(1'000, '\0');
  asked.resize(socket.read_some(boost::asio::buffer(asked)));
  return asked;
}

TEST(HttpEdges, AsksForNoMoreThanItSays) {
  const std::string get =
      raw_request([](const Address& to) { http_request(to, "GET", "/x", "", "", 5s); });
  EXPECT_THAT(get, AllOf(StartsWith("GET /x HTTP/1.1\r\n"), HasSubstr("Connection: close"),
                         HasSubstr("Host: 127.0.0.1:")));
  EXPECT_THAT(get, AllOf(Not(HasSubstr("Authorization")), Not(HasSubstr("Content-Type"))));
  const std::string post =
      raw_request([](const Address& to) { http_request(to, "POST", "/x", "{}", "t", 5s); });
  EXPECT_THAT(post, AllOf(HasSubstr("Authorization: Bearer t\r\n"),
                          HasSubstr("Content-Type: application/json\r\n"),
                          HasSubstr("Content-Length: 2\r\n")));
}

TEST(HttpEdges, TakesTheHeadOfAnAnswerWithoutItsBody) {
  World world;
  world.on_request = answer_ok;
  HttpReply reply;
  world.beside([&] { reply = http_call({.to = world.address(), .method = "HEAD"}); });
  EXPECT_EQ(reply.response.status, 200);
  EXPECT_EQ(reply.response.body, "");
}

// The server refuses before it has read everything, and goes.
TEST(HttpEdges, AnEarlyRefusalIsAnAnswer) {
  World world{{.body_bytes = 10}};
  world.on_request = answer_ok;
  HttpReply reply;
  world.beside([&] {
    reply = http_call({.to = world.address(), .method = "POST", .body = std::string(20'000, 'x')});
  });
  EXPECT_EQ(reply.response.status, 413);
}

}  // namespace
}  // namespace systask::net
