// A WebSocket with all that is behind it. Its work is in one file a direction, since each direction
// of Beast's stream takes a compiler its time: web_socket.cc opens and ends it,
// web_socket_read.cc reads, web_socket_write.cc writes.
#pragma once

#include <atomic>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/guarded.h"
#include "net/buffered_socket.h"
#include "net/web_socket.h"

namespace systask::net {

class WebSocketSession final : public WebSocket,
                               public std::enable_shared_from_this<WebSocketSession> {
 public:
  WebSocketSession(TcpSocket socket, Options options, std::string_view already_read);

  bool send(Frame frame) override;
  void close(std::string_view reason) override {
    begin_close(boost::beast::websocket::close_code::normal, reason);
  }
  void pause_reading() override { paused_ = true; }
  void resume_reading() override;
  [[nodiscard]] std::string remote() const override { return remote_; }

  void occupy(std::shared_ptr<void> slot) override { slot_ = std::move(slot); }
  TcpSocket decline() override;
  void accept(Request request, std::shared_ptr<Peer> peer) override;
  void handshake(const std::string& host, const std::string& path,
                 std::function<void(std::string)> done) override;
  void serve(std::shared_ptr<Peer> peer) override;

 private:
  using Error = boost::beast::error_code;
  enum class Stage { kOpening, kOpen, kRefusing, kFinished };
  // What any thread may touch; the rest belongs to the io thread.
  struct Outbox {
    std::deque<Frame> frames;
    std::size_t bytes = 0;  // of `frames`, and of the batch being written
    bool pumping = true;    // someone will look again; true until the WebSocket is open
    bool closing = false;
    bool stalled = false;  // the peer has taken nothing for the write timeout
    boost::beast::websocket::close_code code = boost::beast::websocket::close_code::normal;
    std::string reason;
  };

  void begin_close(boost::beast::websocket::close_code code, std::string_view reason);
  void pump();
  bool take_batch();
  void on_written(Error error);
  void watch_writing();
  void look_at_writing();
  void write_close();
  void read();
  void on_read(Error error);
  void deliver();
  void refuse(boost::beast::websocket::close_code code, const std::string& reason);
  [[nodiscard]] std::string why_read_failed(Error error) const;
  void arm_close_timer(std::chrono::milliseconds limit);
  void finish(std::string reason);

  const std::string remote_;
  const Options options_;
  const Executor executor_;
  Guarded<Outbox> outbox_;
  std::atomic<bool> paused_ = false;
  std::atomic<bool> deaf_ = false;  // we have closed it: what comes is discarded

  Stage stage_ = Stage::kOpening;
  boost::beast::websocket::stream<BufferedSocket, /*deflateSupported=*/false> ws_;
  boost::asio::steady_timer close_timer_;
  boost::asio::steady_timer write_timer_;
  bool watching_ = false;      // write_timer_ runs
  std::uint64_t written_ = 0;  // frames
  std::uint64_t seen_ = 0;     // of them, at the last look
  boost::beast::flat_buffer text_;
  bool reading_ = false;
  std::vector<Frame> batch_;
  std::size_t batch_next_ = 0;
  std::size_t batch_bytes_ = 0;
  std::shared_ptr<Peer> peer_;
  std::shared_ptr<void> slot_;
};

}  // namespace systask::net
