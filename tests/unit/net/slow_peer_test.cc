// What happens where one end does not keep up with the other.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/post.hpp>

#include "tests/unit/net/world.h"

namespace systask::net {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

TEST(SlowPeer, IsCutOffWhenTheQueueIsFull) {
  World world{{.limits = {.queue_bytes = 1 << 20}}};
  RawClient client{world};
  client.upgrade();  // and never reads again
  const auto& server = world.served().at(0);
  const Frame frame = make_frame(std::string(100'000, 'x'));
  int sent = 0;
  while (server->connection->send(frame))
    ++sent;
  EXPECT_EQ(sent, 10) << "nothing was written meanwhile, so the queue's bound is exact";
  ASSERT_TRUE(world.until([&] { return server->closed.has_value(); }));
  EXPECT_THAT(server->closed.value(), HasSubstr("reads too slowly"));
  EXPECT_EQ(server->closings, 1);
}

TEST(SlowPeer, IsCutOffThoughTheSocketTakesSome) {
  World world{{.limits = {.queue_bytes = 4 << 20}}};
  RawClient client{world};
  client.upgrade();
  const auto& server = world.served().at(0);
  const Frame frame = make_frame(std::string(100'000, 'x'));
  while (!server->closed && world.io.poll() < 1'000'000)
    server->connection->send(frame);
  EXPECT_THAT(server->closed.value(), HasSubstr("reads too slowly"));
}

TEST(SlowPeer, IsCutOffWhenItHasTakenNothingForTheWriteTimeout) {
  World world{{.limits = {.write_timeout = 20ms}}};
  RawClient client{world};
  client.upgrade();
  const auto& server = world.served().at(0);
  const Frame frame = make_frame(std::string(100'000, 'x'));
  for (int i = 0; i < 300; ++i)  // more than sockets hold, and less than the queue
    ASSERT_TRUE(server->connection->send(frame));
  ASSERT_TRUE(world.until([&] { return !server->connection->send(make_frame("y")); }));
  ASSERT_TRUE(world.until([&] { return server->closed.has_value(); }));
  EXPECT_THAT(server->closed.value(), HasSubstr("it took nothing for 20 ms"));
}

TEST(SlowPeer, ThatNeverTakesWhatIsQueuedDoesNotKeepACloseFromEnding) {
  World world{{.handshake_timeout = 100ms}};
  RawClient client{world};
  client.upgrade();
  const auto& server = world.served().at(0);
  for (int i = 0; i < 300; ++i)
    server->connection->send(make_frame(std::string(100'000, 'x')));
  server->connection->close("enough");
  ASSERT_TRUE(world.until([&] { return server->closed.has_value(); }));
  EXPECT_EQ(server->closed, "enough");
}

TEST(SlowPeer, PausedReadingStopsAndGoesOnWhereItStopped) {
  World world;
  const auto client = world.open();
  const auto& server = world.served().at(0);
  server->on_text_hook = [&](std::string_view) { server->connection->pause_reading(); };
  constexpr std::size_t kFrames = 100;
  for (std::size_t i = 0; i < kFrames; ++i)
    client->connection->send(make_frame(std::to_string(i)));
  for (std::size_t i = 0; i < kFrames; ++i) {
    ASSERT_TRUE(world.until([&] { return server->texts.size() > i; }));
    ASSERT_EQ(server->texts.back(), std::to_string(i));
    while (world.io.poll() > 0) {
    }
    ASSERT_EQ(server->texts.size(), i + 1) << "it was read although reading is paused";
    server->connection->resume_reading();
  }
}

TEST(SlowPeer, APausedConnectionSlowsTheSenderByTcp) {
  World world;
  const auto client = world.open("/ws", {.queue_bytes = 16 << 20});
  const auto& server = world.served().at(0);
  server->connection->pause_reading();
  const Frame frame = make_frame(std::string(1 << 20, 'x'));
  while (!client->closed) {
    client->connection->send(frame);
    world.io.poll();
  }
  EXPECT_THAT(client->closed.value(), HasSubstr("reads too slowly"));
  EXPECT_LE(server->texts.size(), 1U);
  server->connection->resume_reading();
  EXPECT_TRUE(world.until([&] { return server->closed.has_value(); }));
}

TEST(SlowPeer, PauseAndResumeFromAnotherThreadLoseNothing) {
  World world;
  const auto client = world.open();
  const auto& server = world.served().at(0);
  world.beside([&] {
    for (int i = 0; i < 2'000; ++i) {
      client->connection->send(make_frame(std::to_string(i)));
      server->connection->pause_reading();
      server->connection->resume_reading();
    }
  });
  ASSERT_TRUE(world.until([&] { return server->texts.size() == 2'000; }));
  EXPECT_EQ(server->texts.back(), "1999");
}

// One connection is all that the server takes: whoever is cut off makes room for the next.
std::string next_in_line(World& world) {
  constexpr int kMostTries = 200'000;
  for (int tries = 0; tries < kMostTries; ++tries) {
    RawClient client{world};
    client.say("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    const std::string answer = client.all_said().value_or("");
    if (answer.find(" 503 ") == std::string::npos) return answer;
  }
  return "nobody made room";
}

TEST(SlowPeer, ThatDoesNotTakeItsAnswerIsCutOff) {
  World world{{.answer_timeout = 100ms, .connections = 1}};
  world.on_request = [](const HttpRequest& request, const HttpAnswer& answer) {
    constexpr std::size_t kLarge = 64 << 20;  // more than sockets hold
    answer({.body = std::string(request.path == "/large" ? kLarge : 2, 'x')});
  };
  RawClient slow{world};
  slow.say("GET /large HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(next_in_line(world), HasSubstr(" 200 "));
}

TEST(SlowPeer, ThatDoesNotEndAfterItsAnswerIsCutOff) {
  World world{{.read_timeout = 100ms, .connections = 1}};
  world.on_request = [](const HttpRequest&, const HttpAnswer& answer) { answer({.body = "{}"}); };
  RawClient lingers{world};
  lingers.say("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\nand more");
  ASSERT_THAT(lingers.all_said().value_or(""), HasSubstr(" 200 "));
  EXPECT_THAT(next_in_line(world), HasSubstr(" 200 "))
      << "what comes is discarded for a while only";
}

}  // namespace
}  // namespace systask::net
