#include "net/client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/ip/tcp.hpp>

#include "tests/unit/net/world.h"

namespace systask::net {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::HasSubstr;

// A port on which connections are accepted by the kernel, and nobody answers.
struct SilentPort {
  using Socket = boost::asio::ip::tcp::socket;
  boost::asio::io_context io;
  boost::asio::ip::tcp::acceptor acceptor{io, {boost::asio::ip::make_address("127.0.0.1"), 0}};
  Address address{"127.0.0.1", std::to_string(acceptor.local_endpoint().port())};
};

// A port that was free a moment ago.
Address nobody_there() {
  SilentPort port;
  return port.address;
}

std::string failure_of_request(const Address& address) {
  try {
    http_request(address, "GET", "/healthz", "", "", 50ms);
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "it succeeded";
}

std::string failure_of_connect(const Address& address) {
  boost::asio::io_context io;
  std::string failure;
  int calls = 0;
  connect(
      io, address, "/ws", {.timeout = 50ms},
      [&](const std::shared_ptr<Connection>&) -> std::shared_ptr<Peer> {
        ++calls;
        return nullptr;
      },
      [&](std::string reason) {
        ++calls;
        failure = std::move(reason);
      });
  io.run();
  EXPECT_EQ(calls, 1);
  return failure;
}

TEST(Client, SaysThatARequestIsRefused) {
  const Address address = nobody_there();
  EXPECT_THAT(failure_of_request(address),
              AllOf(HasSubstr("GET http://127.0.0.1:" + address.port + "/healthz"),
                    HasSubstr("Connection refused")));
}

TEST(Client, SaysThatARequestHasNoAnswer) {
  const SilentPort port;
  EXPECT_THAT(failure_of_request(port.address), HasSubstr("no answer within 50 ms"));
}

// What a server of its own is asked, and its answer as given.
HttpReply call_of(World& world, HttpCall call) {
  call.to = world.address();
  HttpReply reply;
  world.beside([&] { reply = http_call(call); });
  return reply;
}

TEST(Client, CallsWithHeadersAndBodyAndAnyStatus) {
  World world;
  HttpRequest asked;
  world.on_request = [&](HttpRequest request, const HttpAnswer& answer) {
    asked = std::move(request);
    answer({503, "text/plain", "later"});
  };
  const HttpReply reply =
      call_of(world, {.method = "PUT",
                      .target = "/a?b=1",
                      .headers = {{"Authorization", "Bearer t"}, {"Content-Type", "text/csv"}},
                      .body = "1,2"});
  EXPECT_EQ(reply.response.status, 503);
  EXPECT_EQ(reply.response.body, "later");
  EXPECT_FALSE(reply.cut);
  EXPECT_EQ(asked.method, "PUT");
  EXPECT_EQ(asked.path, "/a");
  EXPECT_EQ(asked.bearer, "t");
  EXPECT_EQ(asked.content_type, "text/csv");
  EXPECT_EQ(asked.body, "1,2");
}

TEST(Client, ReadsNoMoreOfAnAnswerThanItIsTold) {
  World world;
  world.on_request = [&](const HttpRequest&, const HttpAnswer& answer) {
    answer({200, "text/plain", std::string(100, 'x')});
  };
  EXPECT_FALSE(call_of(world, {.answer_bytes = 100}).cut);
  const HttpReply cut = call_of(world, {.answer_bytes = 99});
  EXPECT_TRUE(cut.cut);
  EXPECT_EQ(cut.response.status, 200);
}

TEST(Client, IsStoppedWhileItWaits) {
  SilentPort port;
  std::stop_source stop;
  std::string failure;
  std::thread caller{[&] {
    try {
      http_call({.to = port.address, .timeout = 1h, .stop = stop.get_token()});
    } catch (const std::runtime_error& error) {
      failure = error.what();
    }
  }};
  SilentPort::Socket connected{port.io};
  port.acceptor.accept(connected);  // it waits for an answer now
  stop.request_stop();
  caller.join();
  EXPECT_THAT(failure, HasSubstr("stopped before the answer came"));
}

TEST(Client, SaysThatAWebSocketIsRefused) {
  const Address address = nobody_there();
  EXPECT_EQ(failure_of_connect(address),
            "connect 127.0.0.1:" + address.port + ": Connection refused");
}

TEST(Client, GivesUpOnAHandshakeWithoutAnAnswer) {
  const SilentPort port;
  EXPECT_THAT(failure_of_connect(port.address),
              HasSubstr("connect 127.0.0.1:" + port.address.port));
}

TEST(Client, SaysThatThereIsNoWebSocketOnThisPath) {
  World world;
  EXPECT_THAT(world.failure_to_open("/elsewhere", 5s),
              AllOf(HasSubstr("404"), HasSubstr("there is no WebSocket on this path")));
}

TEST(Client, ClosesAConnectionThatNobodyWants) {
  World world;
  connect(
      world.io, world.address(), "/ws", {.timeout = 5s},
      [](const std::shared_ptr<Connection>&) -> std::shared_ptr<Peer> { return nullptr; },
      [](const std::string& reason) { ADD_FAILURE() << reason; });
  ASSERT_TRUE(world.until([&] { return !world.served().empty() && world.served()[0]->closed; }));
  EXPECT_EQ(world.served()[0]->closed, "nobody serves this connection");
}

}  // namespace
}  // namespace systask::net
