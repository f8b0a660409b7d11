#include "net/web_socket.h"

#include "base/log.h"
#include "net/web_socket_session.h"

namespace systask::net {

namespace websocket = boost::beast::websocket;

WebSocketSession::WebSocketSession(TcpSocket socket, Options options, std::string_view already_read)
    : remote_(remote_of(socket)),
      options_(std::move(options)),
      executor_(socket.get_executor()),
      ws_(std::move(socket), already_read, options_.timeout),
      close_timer_(executor_),
      write_timer_(executor_) {
  ws_.set_option(websocket::stream_base::timeout{options_.timeout, websocket::stream_base::none(),
                                                 /*keep_alive_pings=*/false});
  ws_.read_message_max(0);  // on_read() keeps the limit, so that it can say why
  ws_.auto_fragment(false);
  ws_.text(true);
}

TcpSocket WebSocketSession::decline() {
  stage_ = Stage::kFinished;
  outbox_.with([](Outbox& outbox) {
    outbox.closing = true;
    outbox.frames.clear();
  });
  return std::move(ws_.next_layer().next_layer());
}

void WebSocketSession::accept(Request request, std::shared_ptr<Peer> peer) {
  peer_ = std::move(peer);
  const auto kept = std::make_shared<const Request>(std::move(request));
  ws_.async_accept(*kept, [self = shared_from_this(), kept](Error error) {
    if (error) return self->finish("the WebSocket handshake failed: " + error.message());
    self->serve(self->peer_);
  });
}

void WebSocketSession::handshake(const std::string& host, const std::string& path,
                                 std::function<void(std::string)> done) {
  const auto response = std::make_shared<websocket::response_type>();
  ws_.async_handshake(*response, host, path,
                      [self = shared_from_this(), response, done = std::move(done)](Error error) {
                        if (!error) return done({});
                        std::string failure = error.message();
                        if (error == websocket::error::upgrade_declined)
                          failure = "the server refused the WebSocket with status " +
                                    std::to_string(response->result_int()) + ": " +
                                    response->body();
                        self->finish(failure);
                        done(std::move(failure));
                      });
}

void WebSocketSession::serve(std::shared_ptr<Peer> peer) {
  if (stage_ != Stage::kOpening) return;
  peer_ = std::move(peer);
  stage_ = peer_ ? Stage::kOpen : Stage::kRefusing;
  if (!peer_) close("nobody serves this connection");
  read();
  pump();
}

void WebSocketSession::arm_close_timer(std::chrono::milliseconds limit) {
  if (stage_ == Stage::kFinished) return;
  close_timer_.expires_after(limit);
  close_timer_.async_wait([weak = weak_from_this()](Error error) {
    if (error) return;
    if (const auto self = weak.lock()) self->finish("the peer did not answer the close");
  });
}

// The only way out. A reason of our own, given to close(), goes before what came of it.
void WebSocketSession::finish(std::string reason) {
  if (std::exchange(stage_, Stage::kFinished) == Stage::kFinished) return;
  outbox_.with([&](Outbox& outbox) {
    if (std::exchange(outbox.closing, true)) reason = outbox.reason;
    outbox.frames.clear();
  });
  close_timer_.cancel();
  write_timer_.cancel();
  Error ignored;
  ws_.next_layer().next_layer().close(ignored);
  slot_.reset();
  const std::shared_ptr<Peer> peer = std::move(peer_);
  if (!peer) return;
  try {
    peer->on_closed(reason);
  } catch (const std::exception& error) {
    log::error("the end of a connection could not be handled",
               {{"remote", remote_}, {"error", error.what()}});
  }
}

std::shared_ptr<WebSocket> WebSocket::make(TcpSocket socket, Options options,
                                           std::string_view already_read) {
  boost::beast::error_code ignored;
  socket.set_option(boost::asio::ip::tcp::no_delay{true}, ignored);
  return std::make_shared<WebSocketSession>(std::move(socket), std::move(options), already_read);
}

}  // namespace systask::net
