#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/net/world.h"

namespace systask::net {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::HasSubstr;

constexpr std::size_t kMany = 4'000;

void send_many(Connection& connection) {
  for (std::size_t i = 0; i < kMany; ++i)
    ASSERT_TRUE(connection.send(make_frame(std::to_string(i) + std::string(i % 300, '.'))));
}

// Why the first text that is not the expected one is not, or empty.
std::string disorder(const std::vector<std::string>& texts) {
  for (std::size_t i = 0; i < texts.size(); ++i)
    if (texts[i] != std::to_string(i) + std::string(i % 300, '.'))
      return "frame " + std::to_string(i) + " is " + texts[i];
  return {};
}

TEST(WebSocket, EchoesTextOfAnySize) {
  World world;
  const auto client = world.open();
  const auto& server = world.served().at(0);
  server->on_text_hook = [&](std::string_view text) {
    server->connection->send(make_frame(std::string{text}));
  };
  std::vector<std::string> sent;
  for (const std::size_t size : {0U, 1U, 125U, 126U, 65'535U, 65'536U, 1U << 20}) {
    sent.emplace_back(size, 'x');
    client->connection->send(make_frame(sent.back()));
  }
  ASSERT_TRUE(world.until([&] { return client->texts.size() == sent.size(); }));
  EXPECT_TRUE(client->texts == sent);
  EXPECT_THAT(server->connection->remote(), HasSubstr("127.0.0.1:"));
  EXPECT_EQ(client->connection->remote(), "127.0.0.1:" + world.address().port);
}

TEST(WebSocket, KeepsTheOrderOfTenThousandFramesBothWays) {
  World world;
  const auto client = world.open();
  const auto& server = world.served().at(0);
  send_many(*client->connection);
  send_many(*server->connection);
  ASSERT_TRUE(
      world.until([&] { return client->texts.size() == kMany && server->texts.size() == kMany; }));
  EXPECT_EQ(disorder(client->texts), "");
  EXPECT_EQ(disorder(server->texts), "");
}

TEST(WebSocket, KeepsTheOrderOfAnotherThread) {
  World world;
  const auto client = world.open();
  world.beside([&] { send_many(*client->connection); });
  const auto& server = world.served().at(0);
  ASSERT_TRUE(world.until([&] { return server->texts.size() == kMany; }));
  EXPECT_EQ(disorder(server->texts), "");
}

TEST(WebSocket, SendsWhatIsQueuedBeforeItCloses) {
  World world;
  const auto client = world.open();
  const auto& server = world.served().at(0);
  send_many(*server->connection);
  server->connection->close("the end of the day");
  server->connection->close("a second close is ignored");
  EXPECT_FALSE(server->connection->send(make_frame("too late")));
  ASSERT_TRUE(world.until([&] { return client->closed && server->closed; }));
  EXPECT_EQ(client->texts.size(), kMany);
  EXPECT_EQ(client->closed, "the end of the day");
  EXPECT_EQ(server->closed, "the end of the day");
  EXPECT_FALSE(client->connection->send(make_frame("to nobody")));
}

// A connection that was replaced: what its peer still sends, or sent long ago, is too late.
TEST(WebSocket, HearsNothingAfterItWasClosed) {
  World world;
  const auto client = world.open();
  const auto& server = world.served().at(0);
  server->on_text_hook = [&](std::string_view text) {
    if (text == "2") server->connection->close("replaced");
  };
  for (const char* text : {"1", "2", "3", "4"})
    client->connection->send(make_frame(text));
  ASSERT_TRUE(world.until([&] { return client->closed && server->closed; }));
  EXPECT_EQ(server->texts, (std::vector<std::string>{"1", "2"}));
  EXPECT_EQ(client->closed, "replaced");
}

TEST(WebSocket, SendsWhatIsQueuedBeforeItIsOpen) {
  boost::asio::io_context io;
  auto client = std::make_shared<RecordingPeer>();
  Server server{io,
                {.port = 0},
                {.on_request = nullptr,
                 .on_connection = [](const std::shared_ptr<Connection>& connection,
                                     const std::string&) -> std::shared_ptr<Peer> {
                   connection->send(make_frame("welcome"));
                   connection->close("goodbye");
                   return std::make_shared<RecordingPeer>();
                 }}};
  server.start();
  connect(
      io, {"127.0.0.1", std::to_string(server.port())}, "/", {.timeout = 5s},
      [&](const std::shared_ptr<Connection>&) { return client; },
      [](const std::string& reason) { ADD_FAILURE() << reason; });
  while (!client->closed)
    ASSERT_EQ(io.run_one_for(5s), 1U);
  EXPECT_THAT(client->texts, testing::ElementsAre("welcome"));
  EXPECT_EQ(client->closed, "goodbye");
}

TEST(WebSocket, ClosesOnAFrameThatIsTooLong) {
  World world{{.limits = {.frame_bytes = 100'000}}};
  const auto client = world.open();
  client->connection->send(make_frame(std::string(100'000, 'x')));
  client->connection->send(make_frame(std::string(100'001, 'x')));
  client->connection->send(make_frame("after"));
  const auto& server = world.served().at(0);
  ASSERT_TRUE(world.until([&] { return client->closed && server->closed; }));
  EXPECT_EQ(server->texts.size(), 1U);
  EXPECT_THAT(client->closed.value(), HasSubstr("more than 100000 bytes"));
  EXPECT_EQ(server->closed, client->closed);
}

TEST(WebSocket, TellsTheCodeOfEachRefusalOnTheWire) {
  const std::vector<std::pair<std::string, std::string>> cases{
      {raw_frame(0x81, std::string(11, 'x')), "\x03\xf1"},  // 1009, too big
      {raw_frame(0x82, "binary"), "\x03\xeb"},              // 1003, not text
      {raw_frame(0x81, "\xff\xfe"), "\x03\xef"},            // 1007, not UTF-8
      {raw_frame(0x83, "opcode 3"), "\x03\xea"},            // 1002, protocol error
  };
  for (const auto& [frame, code] : cases) {
    World world{{.limits = {.frame_bytes = 10}, .handshake_timeout = 200ms}};
    RawClient client{world};
    client.upgrade();
    client.say(frame);
    const std::string said = client.all_said().value();
    ASSERT_GE(said.size(), 4U);
    EXPECT_EQ(said[0], '\x88');
    EXPECT_EQ(said.substr(2, 2), code);
    const auto& server = world.served().at(0);
    ASSERT_TRUE(world.until([&] { return server->closed.has_value(); }));
    EXPECT_TRUE(server->texts.empty());
  }
}

// A browser says whose page asks; a program says nothing, as all the other tests here.
TEST(WebSocket, OnlyPagesOfItsOwnOriginMayConnect) {
  const auto answer_to = [](const std::string& origin) {
    World world;
    RawClient client{world};
    client.say(
        "GET /ws HTTP/1.1\r\nHost: desk:8787\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        "Origin: " +
        origin +
        "\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
    return client.said_up_to("\r\n\r\n").substr(0, 12);
  };
  EXPECT_EQ(answer_to("http://desk:8787"), "HTTP/1.1 101");
  EXPECT_EQ(answer_to("http://evil:8787"), "HTTP/1.1 403");
  EXPECT_EQ(answer_to("http://desk:8787.evil"), "HTTP/1.1 403");
  EXPECT_EQ(answer_to("null"), "HTTP/1.1 403");
}

TEST(WebSocket, AnswersAPingAndPutsAMessageOfPiecesTogether) {
  World world;
  RawClient client{world};
  client.upgrade();
  client.say(raw_frame(0x01, "one ") + raw_frame(0x89, "ping") + raw_frame(0x80, "message"));
  EXPECT_EQ(client.said_up_to("ping"), "\x8a\x04ping");
  const auto& server = world.served().at(0);
  ASSERT_TRUE(world.until([&] { return !server->texts.empty(); }));
  EXPECT_THAT(server->texts, testing::ElementsAre("one message"));
}

TEST(WebSocket, NoticesAPeerThatVanishes) {
  World world;
  RawClient client{world};
  client.upgrade();
  client.vanish();
  const auto& server = world.served().at(0);
  ASSERT_TRUE(world.until([&] { return server->closed.has_value(); }));
  EXPECT_THAT(server->closed.value(), HasSubstr("connection lost"));
  EXPECT_FALSE(server->connection->send(make_frame("to nobody")));
  EXPECT_EQ(server->closings, 1);
}

TEST(WebSocket, EndsAlsoWhereThePeerNeverAnswersTheClose) {
  World world{{.handshake_timeout = 100ms}};
  RawClient client{world};
  client.upgrade();
  const auto& server = world.served().at(0);
  server->connection->close("enough");
  ASSERT_TRUE(world.until([&] { return server->closed.has_value(); }));
  EXPECT_EQ(server->closed, "enough");
}

TEST(WebSocket, WaitsNotLongForTheAnswerToAClose) {
  World world{{.handshake_timeout = 1h}};
  RawClient client{world};
  client.upgrade();
  const auto& server = world.served().at(0);
  server->connection->close("enough");
  ASSERT_TRUE(world.until([&] { return server->closed.has_value(); }));  // gives up after 10 s
}

TEST(WebSocket, ClosesWhereItsOwnerThrows) {
  World world;
  const auto client = world.open();
  world.served().at(0)->on_text_hook = [](std::string_view) { throw std::runtime_error("bug"); };
  client->connection->send(make_frame("x"));
  ASSERT_TRUE(world.until([&] { return client->closed.has_value(); }));
  EXPECT_EQ(client->closed, "the frame could not be handled");
}

TEST(WebSocket, StopClosesEveryConnectionAndTheIoContextRunsDry) {
  World world;
  const std::vector clients{world.open(), world.open(), world.open()};
  world.server->stop();
  EXPECT_TRUE(world.runs_dry());
  for (const auto& peer : clients)
    EXPECT_EQ(peer->closed, "the service is stopping");
  for (const auto& peer : world.served())
    EXPECT_EQ(peer->closings, 1);
}

}  // namespace
}  // namespace systask::net
