// The Server listens on one address, answers HTTP requests, and turns those that ask for
// a WebSocket into Connections. It runs on the io_context it is given (one thread runs
// it); start() throws where the address cannot be had, naming it. stop() may be called
// twice and before start(): it stops accepting, closes what is open, and returns at once;
// the io_context runs dry when the last connection is gone. The handlers may be called until
// then, so destroy a Server, and what its handlers refer to, after the io thread has ended.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "net/connection.h"

namespace boost::asio {
class io_context;
}

namespace systask::net {

struct HttpRequest {
  std::string method;  // "GET"
  std::string path;    // decoded, without the query: "/api/plans/7"; "*" of OPTIONS *
  std::map<std::string, std::string> query;
  std::string repeated;  // a key that the query has twice, or empty
  std::string bearer;    // the token of "Authorization: Bearer …", or empty
  std::string content_type;
  std::string body;
  std::string remote;
};

struct HttpResponse {
  int status = 200;
  std::string content_type = "application/json";
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers = {};  // more of them: "Allow"
};

// Answers one request; may be called once, from any thread, now or later.
using HttpAnswer = std::function<void(HttpResponse)>;

// What was answered 503, since the start: bodies and answers that had no room, and connections
// beyond the most.
struct Busy {
  std::uint64_t bodies = 0;
  std::uint64_t answers = 0;
  std::uint64_t connections = 0;
};

struct ServerOptions {
  std::string address = "127.0.0.1";  // or a name, such as localhost
  std::uint16_t port = 8787;          // 0 chooses a free one, see Server::port()
  Limits limits;
  std::size_t body_bytes = std::size_t{1} << 20;  // of an HTTP request; more is 413
  // Of all connections together: bodies of requests, and answers that wait to be taken by slow
  // readers. What goes beyond is 503, but for small ones (ByteBudget::kSmall); each alone may be
  // as long as it is.
  std::size_t bodies_bytes = std::size_t{64} << 20;
  std::size_t answers_bytes = std::size_t{64} << 20;
  std::chrono::milliseconds read_timeout{5'000};       // of a request; slower is cut off
  std::chrono::milliseconds answer_timeout{30'000};    // to take an answer; slower is cut off
  std::chrono::milliseconds handshake_timeout{5'000};  // of a WebSocket upgrade
  std::size_t connections = 4096;                      // more are refused with 503
  // By these names it may be asked, besides localhost and its addresses; "*" is any.
  std::vector<std::string> allowed_hosts = {};
};

class Server {
 public:
  struct Handlers {
    // On the io thread; must not wait.
    std::function<void(HttpRequest, HttpAnswer)> on_request;
    // A WebSocket is asked for on this path: gives the peer of it, or null to refuse it
    // with 404. What is sent to it already now leaves after the handshake.
    std::function<std::shared_ptr<Peer>(std::shared_ptr<Connection>, const std::string& path)>
        on_connection;
  };

  Server(boost::asio::io_context& io, ServerOptions options, Handlers handlers);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  void start();
  void stop();
  [[nodiscard]] std::uint16_t port() const;
  [[nodiscard]] Busy busy() const;  // any thread

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace systask::net
