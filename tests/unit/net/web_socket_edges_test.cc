// The edges of a WebSocket's limits: what just fits, what waits, what is cut.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include "tests/unit/net/world.h"

namespace systask::net {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

TEST(WebSocketEdges, AQueueTakesExactlyWhatItHasRoomFor) {
  World world{{.limits = {.queue_bytes = 100}}};
  RawClient client{world};
  client.upgrade();
  const auto& server = world.served().at(0);
  EXPECT_TRUE(server->connection->send(make_frame(std::string(60, 'x'))));
  EXPECT_TRUE(server->connection->send(make_frame(std::string(40, 'x'))));
  EXPECT_FALSE(server->connection->send(make_frame("y")));
  ASSERT_TRUE(world.until([&] { return server->closed.has_value(); }));
  EXPECT_THAT(server->closed.value(), HasSubstr("over 100 bytes wait"));
}

TEST(WebSocketEdges, WhatHasLeftTheQueueMakesRoom) {
  World world{{.limits = {.queue_bytes = 100}}};
  const auto client = world.open();
  const auto& server = world.served().at(0);
  for (std::size_t i = 0; i < 50; ++i) {
    ASSERT_TRUE(server->connection->send(make_frame(std::string(60, 'x')))) << i;
    ASSERT_TRUE(world.until([&] { return client->texts.size() > i; }));
    while (world.io.poll() > 0) {
    }
  }
}

TEST(WebSocketEdges, AFrameOfNothingNeedsNoRoom) {
  World world{{.limits = {.queue_bytes = 0}}};
  const auto client = world.open();
  EXPECT_TRUE(world.served().at(0)->connection->send(make_frame("")));
  ASSERT_TRUE(world.until([&] { return client->texts.size() == 1; }));
}

// A close frame has room for 123 bytes of reason, and half a character is none.
TEST(WebSocketEdges, ALongReasonIsCutBetweenCharacters) {
  std::string accents;
  for (int i = 0; i < 100; ++i)
    accents += "\xC3\xA9";
  const std::vector<std::pair<std::string, std::string>> cases{
      {std::string(123, 'x'), std::string(123, 'x')},
      {std::string(124, 'x'), std::string(123, 'x')},
      {accents, accents.substr(0, 122)},
      {"x" + accents, "x" + accents.substr(0, 122)}};
  for (const auto& [reason, told] : cases) {
    World world;
    const auto client = world.open();
    world.served().at(0)->connection->close(reason);
    ASSERT_TRUE(world.until([&] { return client->closed.has_value(); }));
    EXPECT_EQ(client->closed, told);
  }
}

TEST(WebSocketEdges, TellsTheCodeOfACloseWithoutAReason) {
  World world;
  const auto client = world.open();
  world.served().at(0)->connection->close("");
  ASSERT_TRUE(world.until([&] { return client->closed.has_value(); }));
  EXPECT_EQ(client->closed, "closed by the peer with code 1000");
}

// A peer that takes something now and then is slow, not stuck.
TEST(WebSocketEdges, WhoeverTakesSomethingNowAndThenIsNotCutOff) {
  World world{{.limits = {.write_timeout = 40ms}}};
  const auto client = world.open("/ws", {});
  const auto& server = world.served().at(0);
  std::size_t looks = 0;
  boost::asio::steady_timer often{world.io};
  std::function<void()> look = [&] {
    often.expires_after(10ms);
    often.async_wait([&](boost::system::error_code error) {
      if (error) return;
      server->connection->send(make_frame("tick"));
      if (++looks < 30) look();
    });
  };
  look();
  ASSERT_TRUE(world.until([&] { return looks == 30 && client->texts.size() == 30; }));
  EXPECT_FALSE(server->closed);
}

TEST(WebSocketEdges, AnOwnerThatThrowsAtTheEndHarmsNobody) {
  struct Thrower final : Peer {
    void on_text(std::string_view) override {}
    void on_closed(std::string_view) override { throw std::runtime_error("bug"); }
  };
  World world;
  std::shared_ptr<Connection> kept;
  connect(
      world.io, world.address(), "/ws", {.timeout = 5s},
      [&](std::shared_ptr<Connection> connection) {
        kept = std::move(connection);
        return std::make_shared<Thrower>();
      },
      [](const std::string& reason) { ADD_FAILURE() << reason; });
  ASSERT_TRUE(world.until([&] { return kept != nullptr; }));
  world.served().at(0)->connection->close("done");
  ASSERT_TRUE(world.until([&] { return world.served()[0]->closed.has_value(); }));
  const auto another = world.open();
  EXPECT_FALSE(another->closed);
}

TEST(WebSocketEdges, IsOpenedWithinItsTimeOrNotAtAll) {
  boost::asio::io_context io;
  boost::asio::ip::tcp::acceptor silent{io, {boost::asio::ip::make_address("127.0.0.1"), 0}};
  std::string failure;
  connect(
      io, {"127.0.0.1", std::to_string(silent.local_endpoint().port())}, "/ws", {.timeout = 50ms},
      [](const std::shared_ptr<Connection>&) -> std::shared_ptr<Peer> { return nullptr; },
      [&](std::string reason) { failure = std::move(reason); });
  io.run_for(10s);
  EXPECT_TRUE(io.stopped()) << "the attempt goes on";
  EXPECT_NE(failure, "");
}

}  // namespace
}  // namespace systask::net
