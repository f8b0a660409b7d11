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
      io, address, "/ws", {}, 50ms,
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
      world.io, world.address(), "/ws", {}, 5s,
      [](const std::shared_ptr<Connection>&) -> std::shared_ptr<Peer> { return nullptr; },
      [](const std::string& reason) { ADD_FAILURE() << reason; });
  ASSERT_TRUE(world.until([&] { return !world.served().empty() && world.served()[0]->closed; }));
  EXPECT_EQ(world.served()[0]->closed, "nobody serves this connection");
}

}  // namespace
}  // namespace systask::net
