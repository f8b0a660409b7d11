// A WebSocket is a Connection from the inside of this room: what the server and the client
// do with it before its owner may use it. Only net/web_socket*.cc compile Beast's stream.
//
// Everything here is called on the io thread. Frames sent before the WebSocket is open wait
// in its queue. It keeps itself alive until it is closed.
#pragma once

#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "net/connection.h"
#include "net/tcp.h"

namespace systask::net {

class WebSocket : public Connection {
 public:
  using Request = boost::beast::http::request<boost::beast::http::string_body>;

  struct Options {
    Limits limits;
    std::chrono::milliseconds timeout;  // of the opening handshake, and of the closing one
  };

  static std::shared_ptr<WebSocket> make(TcpSocket socket, Options options,
                                         std::string_view already_read);

  // Keeps what counts it as open, until it is closed.
  virtual void occupy(std::shared_ptr<void> slot) = 0;

  // Server: it will not be a WebSocket; gives the socket back. The Connection is closed.
  virtual TcpSocket decline() = 0;

  // Server: answers the request, and serves the peer, which hears on_closed() also where
  // the handshake fails.
  virtual void accept(Request request, std::shared_ptr<Peer> peer) = 0;

  // Client: asks for the path, then calls done with an empty text, or with the failure.
  virtual void handshake(const std::string& host, const std::string& path,
                         std::function<void(std::string failure)> done) = 0;
  // Client: after a handshake that succeeded. Null closes it.
  virtual void serve(std::shared_ptr<Peer> peer) = 0;
};

}  // namespace systask::net
