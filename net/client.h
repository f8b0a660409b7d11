// The other end: a WebSocket client, and a plain HTTP request for command lines.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

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

// Opens ws://host:port/path on the io_context. Exactly one of the two functions is called,
// on the io thread: on_open gives the peer of the new connection, on_failed the reason
// ("connect 127.0.0.1:8787: Connection refused"). Tries once; whoever wants more asks again.
void connect(boost::asio::io_context& io, const Address& address, const std::string& path,
             const Limits& limits, std::chrono::milliseconds timeout,
             std::function<std::shared_ptr<Peer>(std::shared_ptr<Connection>)> on_open,
             std::function<void(std::string reason)> on_failed);

// One HTTP request, waited for by the calling thread. Throws std::runtime_error, naming
// the address, where no answer comes in time.
HttpResponse http_request(const Address& address, const std::string& method,
                          const std::string& target, const std::string& body,
                          const std::string& bearer, std::chrono::milliseconds timeout);

}  // namespace systask::net
