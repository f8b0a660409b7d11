#include "tests/unit/net/world.h"

#include <gtest/gtest.h>

#include <boost/asio/connect.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <stdexcept>

namespace systask::net {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

constexpr auto kPatience = 10s;

}  // namespace

World::World(ServerOptions options) : work_(io.get_executor()) {
  options.port = 0;
  if (options.allowed_hosts.empty()) options.allowed_hosts = {"x", "desk"};
  server = std::make_unique<Server>(
      io, options,
      Server::Handlers{
          .on_request = [this](HttpRequest request,
                               HttpAnswer answer) { on_request(std::move(request), answer); },
          .on_connection = [this](std::shared_ptr<Connection> connection,
                                  const std::string& path) -> std::shared_ptr<Peer> {
            if (path != "/ws") return nullptr;
            served_.push_back(std::make_shared<RecordingPeer>());
            served_.back()->connection = std::move(connection);
            return served_.back();
          }});
  server->start();
}

// Connections must be gone before their io_context.
World::~World() {
  server.reset();
  for (const auto& peer : served_)
    peer->connection.reset();
  served_.clear();
  work_.reset();
  io.run_for(kPatience);  // returns as soon as nothing is left
}

bool World::until(const std::function<bool()>& condition) {
  while (!condition())
    if (io.run_one_for(kPatience) == 0) return false;
  return true;
}

bool World::runs_dry() {
  work_.reset();
  io.run_for(kPatience);
  return io.stopped();
}

void World::beside(const std::function<void()>& function) {
  bool done = false;
  std::jthread thread{[&] {
    function();
    asio::post(io, [&] { done = true; });
  }};
  EXPECT_TRUE(until([&] { return done; }));
}

Address World::address() const { return {"127.0.0.1", std::to_string(server->port())}; }

std::shared_ptr<RecordingPeer> World::open(const std::string& path, Limits limits) {
  const auto peer = std::make_shared<RecordingPeer>();
  std::string failure;
  connect(
      io, address(), path, {limits, 5s},
      [peer](std::shared_ptr<Connection> connection) {
        peer->connection = std::move(connection);
        return peer;
      },
      [&failure](std::string reason) { failure = std::move(reason); });
  EXPECT_TRUE(until([&] { return peer->connection || !failure.empty(); }));
  EXPECT_EQ(failure, "");
  if (!peer->connection) throw std::runtime_error("no connection: " + failure);
  return peer;
}

std::string World::failure_to_open(const std::string& path, std::chrono::milliseconds timeout) {
  std::string failure;
  connect(
      io, address(), path, {.timeout = timeout},
      [](std::shared_ptr<Connection>) -> std::shared_ptr<Peer> {
        ADD_FAILURE() << "it was opened";
        return nullptr;
      },
      [&failure](std::string reason) { failure = std::move(reason); });
  EXPECT_TRUE(until([&] { return !failure.empty(); }));
  return failure;
}

RawClient::RawClient(World& world) : world_(world), socket_(world.io) {
  socket_.connect({asio::ip::make_address("127.0.0.1"), world.server->port()});
}

void RawClient::say(std::string_view bytes) {
  asio::write(socket_, asio::buffer(bytes.data(), bytes.size()));
}

std::optional<std::string> RawClient::all_said() {
  std::string text;
  bool ended = false;
  asio::async_read(socket_, asio::dynamic_buffer(text),
                   [&](boost::system::error_code, std::size_t) { ended = true; });
  if (world_.until([&] { return ended; })) return text;
  socket_.close();
  EXPECT_TRUE(world_.until([&] { return ended; }));
  return std::nullopt;
}

std::string RawClient::said_up_to(const std::string& mark) {
  std::string text;
  bool ended = false;
  asio::async_read_until(socket_, asio::dynamic_buffer(text), mark,
                         [&](boost::system::error_code, std::size_t) { ended = true; });
  EXPECT_TRUE(world_.until([&] { return ended; }));
  return text;
}

void RawClient::upgrade(const std::string& path) {
  say("GET " + path +
      " HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
      "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
  EXPECT_TRUE(said_up_to("\r\n\r\n").starts_with("HTTP/1.1 101"));
}

std::string raw_frame(unsigned char first_byte, std::string_view payload) {
  std::string frame;
  frame += static_cast<char>(first_byte);
  frame += static_cast<char>(0x80U | payload.size());
  frame.append(4, '\0');
  return frame.append(payload);
}

}  // namespace systask::net
