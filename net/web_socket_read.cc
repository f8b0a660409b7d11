#include <algorithm>
#include <boost/asio/post.hpp>

#include "base/log.h"
#include "net/web_socket_session.h"

namespace systask::net {

namespace websocket = boost::beast::websocket;
namespace {

constexpr std::size_t kFirstReadBytes = 4096;

}  // namespace

void WebSocketSession::resume_reading() {
  paused_ = false;
  boost::asio::post(executor_, [self = shared_from_this()] {
    if (!self->reading_) self->read();
  });
}

void WebSocketSession::read() {
  reading_ = stage_ == Stage::kOpen && !paused_;
  if (!reading_) return;
  // One byte more than allowed is read, so that a frame that is too long is seen to be.
  const std::size_t room = options_.limits.frame_bytes + 1 - text_.size();
  ws_.async_read_some(
      text_, std::min(room, ws_.read_size_hint(kFirstReadBytes)),
      [self = shared_from_this()](Error error, std::size_t) { self->on_read(error); });
}

void WebSocketSession::on_read(Error error) {
  if (stage_ == Stage::kFinished) return;
  if (error) return finish(why_read_failed(error));
  if (!ws_.got_text())
    return refuse(websocket::close_code::unknown_data,
                  "a binary frame came: only text frames are accepted");
  if (text_.size() > options_.limits.frame_bytes)
    return refuse(websocket::close_code::too_big, "a frame of more than " +
                                                      std::to_string(options_.limits.frame_bytes) +
                                                      " bytes came: send shorter ones");
  if (ws_.is_message_done()) deliver();
  read();
}

void WebSocketSession::deliver() {
  try {
    if (!deaf_) peer_->on_text({static_cast<const char*>(text_.data().data()), text_.size()});
  } catch (const std::exception& error) {
    log::error("a frame could not be handled; its connection is closed",
               {{"remote", remote_}, {"error", error.what()}});
    refuse(websocket::close_code::internal_error, "the frame could not be handled");
  }
  text_.consume(text_.size());
}

// Closes with a reason of ours; what still comes is discarded by the closing handshake.
void WebSocketSession::refuse(websocket::close_code code, const std::string& reason) {
  stage_ = Stage::kRefusing;
  reading_ = false;
  begin_close(code, reason);
}

std::string WebSocketSession::why_read_failed(Error error) const {
  if (error != websocket::error::closed) return "connection lost: " + error.message();
  const auto& reason = ws_.reason();
  if (!reason.reason.empty()) return std::string{reason.reason.data(), reason.reason.size()};
  return "closed by the peer with code " + std::to_string(reason.code);
}

}  // namespace systask::net
