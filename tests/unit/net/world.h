// A server and its clients on real loopback sockets, all on one io_context that the test's
// thread runs: until() runs it to the moment a condition holds, or gives up after 10 s.
#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "net/client.h"
#include "net/connection.h"
#include "net/server.h"
#include "net/tcp.h"

namespace systask::net {

// Keeps what it hears. `on_text_hook` is called with each text, `connection` is its own.
struct RecordingPeer final : Peer {
  void on_text(std::string_view text) override {
    texts.emplace_back(text);
    if (on_text_hook) on_text_hook(text);
  }
  void on_closed(std::string_view reason) override {
    closed = reason;
    ++closings;
  }

  std::shared_ptr<Connection> connection;
  std::function<void(std::string_view)> on_text_hook;
  std::vector<std::string> texts;
  std::optional<std::string> closed;
  int closings = 0;
};

class World {
 public:
  explicit World(ServerOptions options = {});
  ~World();
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  [[nodiscard]] bool until(const std::function<bool()>& condition);
  // Runs until nothing is left to do; false where something still is after 10 s.
  [[nodiscard]] bool runs_dry();
  // Calls the function on a thread of its own while the io_context runs here.
  void beside(const std::function<void()>& function);

  [[nodiscard]] Address address() const;
  // An open WebSocket; the server's end of it is then served().back().
  std::shared_ptr<RecordingPeer> open(const std::string& path = "/ws", Limits limits = {});
  // Why a WebSocket could not be opened.
  std::string failure_to_open(const std::string& path, std::chrono::milliseconds timeout);

  [[nodiscard]] const std::vector<std::shared_ptr<RecordingPeer>>& served() const {
    return served_;
  }

  boost::asio::io_context io{1};
  std::function<void(HttpRequest, HttpAnswer)> on_request;
  std::unique_ptr<Server> server;

 private:
  boost::asio::executor_work_guard<Executor> work_;
  std::vector<std::shared_ptr<RecordingPeer>> served_;
};

// A client that says whatever bytes it likes.
class RawClient {
 public:
  explicit RawClient(World& world);
  void say(std::string_view bytes);
  void vanish() { socket_.close(); }
  // What the server says until it closes the connection; nothing where it does not close.
  std::optional<std::string> all_said();
  // What the server says up to and including the mark.
  std::string said_up_to(const std::string& mark);
  void upgrade(const std::string& path = "/ws");

 private:
  World& world_;
  TcpSocket socket_;
};

// A masked client frame (with a mask of zeros) of fewer than 126 bytes.
std::string raw_frame(unsigned char first_byte, std::string_view payload);

}  // namespace systask::net
