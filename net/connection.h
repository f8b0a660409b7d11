// A Connection is one open WebSocket, seen from either end: text frames out, text frames
// in through the Peer that the owner gave. It hides Boost.Beast, which only net/ compiles.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace systask::net {

// A frame is shared, so that one text goes to many connections without a copy.
using Frame = std::shared_ptr<const std::string>;

[[nodiscard]] inline Frame make_frame(std::string text) {
  return std::make_shared<const std::string>(std::move(text));
}

struct Limits {
  std::size_t frame_bytes = std::size_t{1} << 20;   // a longer frame closes the connection
  std::size_t queue_bytes = std::size_t{64} << 20;  // unsent text; more closes the connection
  // A peer that takes nothing of what is queued for so long, at most twice that, is too slow.
  std::chrono::milliseconds write_timeout{5'000};
};

// Every member may be called from any thread and none of them waits. Frames leave in the
// order in which send() was called by one thread. Let go of a Connection before its
// io_context dies.
class Connection {
 public:
  virtual ~Connection() = default;

  // False, and nothing is queued, when the connection is closed or closing. A frame that
  // does not fit the bounded queue, or comes when the peer has taken nothing for the write
  // timeout, closes the connection: its peer is too slow.
  virtual bool send(Frame frame) = 0;

  // Sends what is queued, then a close frame with the reason. What still comes is not heard (from
  // another thread than the io thread's: one frame may be). on_closed() follows, also where the
  // peer never answers. A second close is ignored.
  virtual void close(std::string_view reason) = 0;

  // Between pause_reading() and resume_reading() no further on_text() begins (one frame
  // already read may still come), so the peer is slowed by TCP. Nor is it noticed then that
  // the peer has closed or vanished, unless a send() fails.
  virtual void pause_reading() = 0;
  virtual void resume_reading() = 0;

  // "127.0.0.1:49152"
  [[nodiscard]] virtual std::string remote() const = 0;
};

// What the owner of a connection does with what comes. Called on the io thread only, one
// call at a time; must not wait. After on_closed() nothing more is called.
class Peer {
 public:
  virtual ~Peer() = default;
  virtual void on_text(std::string_view text) = 0;
  virtual void on_closed(std::string_view reason) = 0;
};

}  // namespace systask::net
