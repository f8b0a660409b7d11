#include "net/web_socket.h"

#include <atomic>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <deque>
#include <vector>

#include "base/guarded.h"
#include "base/log.h"
#include "net/buffered_socket.h"

namespace systask::net {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
namespace websocket = boost::beast::websocket;
using Error = boost::beast::error_code;

constexpr std::size_t kBatchBytes = std::size_t{64} << 10;
constexpr std::size_t kBatchFrames = 512;
constexpr std::size_t kFirstReadBytes = 4096;
constexpr std::size_t kReasonBytes = 123;  // what a close frame has room for

// At most kReasonBytes of the text, never half a character.
std::string_view fit_reason(std::string_view text) {
  if (text.size() <= kReasonBytes) return text;
  std::size_t end = kReasonBytes;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U)
    --end;
  return text.substr(0, end);
}

// What any thread may touch; the rest belongs to the io thread.
struct Outbox {
  std::deque<Frame> frames;
  std::size_t bytes = 0;  // of `frames`, and of the batch being written
  bool pumping = true;    // someone will look again; true until the WebSocket is open
  bool closing = false;
  bool stalled = false;  // the peer has taken nothing for the write timeout
  websocket::close_code code = websocket::close_code::normal;
  std::string reason;
};

class Session final : public WebSocket, public std::enable_shared_from_this<Session> {
 public:
  Session(TcpSocket socket, Options options, std::string_view already_read)
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

  bool send(Frame frame) override;
  void close(std::string_view reason) override {
    begin_close(websocket::close_code::normal, reason);
  }
  void pause_reading() override { paused_ = true; }
  void resume_reading() override {
    paused_ = false;
    asio::post(executor_, [self = shared_from_this()] {
      if (!self->reading_) self->read();
    });
  }
  [[nodiscard]] std::string remote() const override { return remote_; }

  void occupy(std::shared_ptr<void> slot) override { slot_ = std::move(slot); }
  TcpSocket decline() override;
  void accept(Request request, std::shared_ptr<Peer> peer) override;
  void handshake(const std::string& host, const std::string& path,
                 std::function<void(std::string)> done) override;
  void serve(std::shared_ptr<Peer> peer) override;

 private:
  enum class Stage { kOpening, kOpen, kRefusing, kFinished };

  void begin_close(websocket::close_code code, std::string_view reason);
  void pump();
  bool take_batch();
  void on_written(Error error);
  void watch_writing();
  void look_at_writing();
  void write_close();
  void read();
  void on_read(Error error);
  void deliver();
  void refuse(websocket::close_code code, const std::string& reason);
  [[nodiscard]] std::string why_read_failed(Error error) const;
  void arm_close_timer();
  void finish(std::string reason);

  const std::string remote_;
  const Options options_;
  const Executor executor_;
  Guarded<Outbox> outbox_;
  std::atomic<bool> paused_ = false;

  Stage stage_ = Stage::kOpening;
  websocket::stream<BufferedSocket, /*deflateSupported=*/false> ws_;
  asio::steady_timer close_timer_;
  asio::steady_timer write_timer_;
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

bool Session::send(Frame frame) {
  enum class Outcome { kQueued, kWake, kClosed, kOverflow };
  const Outcome outcome = outbox_.with([&](Outbox& outbox) {
    if (outbox.closing) return Outcome::kClosed;
    if (outbox.stalled) {
      outbox.closing = true;
      outbox.reason = "the peer reads too slowly: it took nothing for " +
                      std::to_string(options_.limits.write_timeout.count()) + " ms";
      return Outcome::kOverflow;
    }
    if (frame->size() > options_.limits.queue_bytes - outbox.bytes) {
      outbox.closing = true;
      outbox.reason = "the peer reads too slowly: over " +
                      std::to_string(options_.limits.queue_bytes) + " bytes wait for it";
      return Outcome::kOverflow;
    }
    outbox.bytes += frame->size();
    outbox.frames.push_back(std::move(frame));
    return std::exchange(outbox.pumping, true) ? Outcome::kQueued : Outcome::kWake;
  });
  if (outcome == Outcome::kWake)
    asio::post(executor_, [self = shared_from_this()] { self->pump(); });
  // A peer that does not read what is queued would not read a close frame either.
  if (outcome == Outcome::kOverflow)
    asio::post(executor_, [self = shared_from_this()] { self->finish("cut off"); });
  return outcome == Outcome::kQueued || outcome == Outcome::kWake;
}

void Session::begin_close(websocket::close_code code, std::string_view reason) {
  enum class Outcome { kIgnored, kWait, kWake };
  const Outcome outcome = outbox_.with([&](Outbox& outbox) {
    if (std::exchange(outbox.closing, true)) return Outcome::kIgnored;
    outbox.code = code;
    outbox.reason = reason;
    return std::exchange(outbox.pumping, true) ? Outcome::kWait : Outcome::kWake;
  });
  if (outcome == Outcome::kIgnored) return;
  asio::post(executor_, [self = shared_from_this(), wake = outcome == Outcome::kWake] {
    self->arm_close_timer();
    if (wake) self->pump();
  });
}

// Writes the next frame; with none left, flushes, and closes if that was asked for.
void Session::pump() {
  if (stage_ == Stage::kFinished) return;
  if (batch_next_ == batch_.size() && !take_batch()) return;
  watch_writing();
  ws_.next_layer().hold();
  ws_.async_write(
      asio::buffer(*batch_[batch_next_]),
      [self = shared_from_this()](Error error, std::size_t) { self->on_written(error); });
}

bool Session::take_batch() {
  batch_.clear();
  batch_next_ = 0;
  const bool close_now = outbox_.with([this](Outbox& outbox) {
    outbox.bytes -= std::exchange(batch_bytes_, 0);
    while (!outbox.frames.empty() && batch_.size() < kBatchFrames && batch_bytes_ < kBatchBytes) {
      batch_bytes_ += outbox.frames.front()->size();
      batch_.push_back(std::move(outbox.frames.front()));
      outbox.frames.pop_front();
    }
    if (batch_.empty() && !outbox.closing) outbox.pumping = false;
    return batch_.empty() && outbox.closing;
  });
  if (!batch_.empty()) return true;
  ws_.next_layer().release();
  if (close_now) write_close();
  return false;
}

void Session::on_written(Error error) {
  if (!error) {
    ++written_;
    batch_[batch_next_++].reset();
    return pump();
  }
  // The read that is under way knows better why: it may hold the peer's close frame.
  if (reading_) return arm_close_timer();
  finish("connection lost: " + error.message());
}

// One timer for all that is written while there is something to write, so that no frame pays.
void Session::watch_writing() {
  if (std::exchange(watching_, true)) return;
  seen_ = written_;
  look_at_writing();
}

void Session::look_at_writing() {
  write_timer_.expires_after(options_.limits.write_timeout);
  write_timer_.async_wait([weak = weak_from_this()](Error error) {
    const auto self = weak.lock();
    if (error || !self || self->stage_ == Stage::kFinished) return;
    const bool stuck = self->seen_ == self->written_;
    self->seen_ = self->written_;
    self->watching_ = self->outbox_.with([&](Outbox& outbox) {
      outbox.stalled = outbox.pumping && stuck;
      return outbox.pumping;
    });
    if (self->watching_) self->look_at_writing();
  });
}

void Session::write_close() {
  const auto reason = outbox_.with([](const Outbox& outbox) {
    return websocket::close_reason{outbox.code,
                                   boost::beast::string_view{fit_reason(outbox.reason)}};
  });
  ws_.async_close(reason, [self = shared_from_this()](Error) { self->finish("closed"); });
}

void Session::read() {
  reading_ = stage_ == Stage::kOpen && !paused_;
  if (!reading_) return;
  // One byte more than allowed is read, so that a frame that is too long is seen to be.
  const std::size_t room = options_.limits.frame_bytes + 1 - text_.size();
  ws_.async_read_some(
      text_, std::min(room, ws_.read_size_hint(kFirstReadBytes)),
      [self = shared_from_this()](Error error, std::size_t) { self->on_read(error); });
}

void Session::on_read(Error error) {
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

void Session::deliver() {
  try {
    peer_->on_text({static_cast<const char*>(text_.data().data()), text_.size()});
  } catch (const std::exception& error) {
    log::error("a frame could not be handled; its connection is closed",
               {{"remote", remote_}, {"error", error.what()}});
    refuse(websocket::close_code::internal_error, "the frame could not be handled");
  }
  text_.consume(text_.size());
}

// Closes with a reason of ours; what still comes is discarded by the closing handshake.
void Session::refuse(websocket::close_code code, const std::string& reason) {
  stage_ = Stage::kRefusing;
  reading_ = false;
  begin_close(code, reason);
}

std::string Session::why_read_failed(Error error) const {
  if (error != websocket::error::closed) return "connection lost: " + error.message();
  const auto& reason = ws_.reason();
  if (!reason.reason.empty()) return std::string{reason.reason.data(), reason.reason.size()};
  return "closed by the peer with code " + std::to_string(reason.code);
}

TcpSocket Session::decline() {
  stage_ = Stage::kFinished;
  outbox_.with([](Outbox& outbox) {
    outbox.closing = true;
    outbox.frames.clear();
  });
  return std::move(ws_.next_layer().next_layer());
}

void Session::accept(Request request, std::shared_ptr<Peer> peer) {
  peer_ = std::move(peer);
  const auto kept = std::make_shared<const Request>(std::move(request));
  ws_.async_accept(*kept, [self = shared_from_this(), kept](Error error) {
    if (error) return self->finish("the WebSocket handshake failed: " + error.message());
    self->serve(self->peer_);
  });
}

void Session::handshake(const std::string& host, const std::string& path,
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

void Session::serve(std::shared_ptr<Peer> peer) {
  if (stage_ != Stage::kOpening) return;
  peer_ = std::move(peer);
  stage_ = peer_ ? Stage::kOpen : Stage::kRefusing;
  if (!peer_) close("nobody serves this connection");
  read();
  pump();
}

void Session::arm_close_timer() {
  if (stage_ == Stage::kFinished) return;
  close_timer_.expires_after(options_.timeout);
  close_timer_.async_wait([weak = weak_from_this()](Error error) {
    if (error) return;
    if (const auto self = weak.lock()) self->finish("the peer did not answer the close");
  });
}

// The only way out. A reason of our own, given to close(), goes before what came of it.
void Session::finish(std::string reason) {
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

}  // namespace

std::shared_ptr<WebSocket> WebSocket::make(TcpSocket socket, Options options,
                                           std::string_view already_read) {
  Error ignored;
  socket.set_option(asio::ip::tcp::no_delay{true}, ignored);
  return std::make_shared<Session>(std::move(socket), std::move(options), already_read);
}

}  // namespace systask::net
