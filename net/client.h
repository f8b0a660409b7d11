// The other end: a WebSocket client, and a plain HTTP request for command lines.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "net/connection.h"
#include "net/server.h"

namespace boost::asio {
class io_context;
}

namespace systask::net {

struct Address {
  std::string host = "127.0.0.1";
  std::string port = "8787";
};

struct ConnectOptions {
  Limits limits = {};
  std::chrono::milliseconds timeout;  // of opening, from the name to the handshake
};

// Opens ws://host:port/path on the io_context. Exactly one of the two functions is called,
// on the io thread: on_open gives the peer of the new connection, on_failed the reason
// ("connect 127.0.0.1:8787: Connection refused"). Tries once; whoever wants more asks again.
void connect(boost::asio::io_context& io, const Address& address, const std::string& path,
             const ConnectOptions& options,
             std::function<std::shared_ptr<Peer>(std::shared_ptr<Connection>)> on_open,
             std::function<void(std::string reason)> on_failed);

struct HttpCall {
  Address to;
  std::string method = "GET";
  std::string target = "/";
  // Host and Content-Length are given anyway.
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  std::chrono::milliseconds timeout{5'000};  // for all of it
  std::uint64_t answer_bytes = std::uint64_t{256} << 20;
  std::stop_token stop;  // ends the wait at once
};

struct HttpReply {
  HttpResponse response;
  bool cut = false;  // the answer's body is longer than answer_bytes, and not all there
};

// One HTTP request, waited for by the calling thread; no redirect is followed. Throws
// std::runtime_error, naming the address, where no answer comes in time or `stop` does. A
// name that cannot be resolved may hold the thread beyond the timeout, as long as the
// system's resolver tries.
HttpReply http_call(const HttpCall& call);

// The same for command lines: JSON, with a token where it is not empty.
HttpResponse http_request(const Address& address, const std::string& method,
                          const std::string& target, const std::string& body,
                          const std::string& bearer, std::chrono::milliseconds timeout);

}  // namespace systask::net
