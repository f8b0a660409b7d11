#include <algorithm>
#include <boost/asio/post.hpp>
#include <utility>

#include "net/web_socket_session.h"

namespace systask::net {

namespace asio = boost::asio;
namespace websocket = boost::beast::websocket;
namespace {

constexpr std::size_t kBatchBytes = std::size_t{64} << 10;
constexpr std::size_t kBatchFrames = 512;
constexpr std::size_t kReasonBytes = 123;  // what a close frame has room for
constexpr std::chrono::milliseconds kCloseAnswered{1'000};

// At most kReasonBytes of the text, never half a character.
std::string_view fit_reason(std::string_view text) {
  if (text.size() <= kReasonBytes) return text;
  std::size_t end = kReasonBytes;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U)
    --end;
  return text.substr(0, end);
}

}  // namespace

bool WebSocketSession::send(Frame frame) {
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

void WebSocketSession::begin_close(websocket::close_code code, std::string_view reason) {
  enum class Outcome { kIgnored, kWait, kWake };
  const Outcome outcome = outbox_.with([&](Outbox& outbox) {
    if (std::exchange(outbox.closing, true)) return Outcome::kIgnored;
    outbox.code = code;
    outbox.reason = reason;
    return std::exchange(outbox.pumping, true) ? Outcome::kWait : Outcome::kWake;
  });
  if (outcome == Outcome::kIgnored) return;
  deaf_ = true;
  asio::post(executor_, [self = shared_from_this(), wake = outcome == Outcome::kWake] {
    self->arm_close_timer(self->options_.timeout);  // to send what is queued
    if (wake) self->pump();
  });
}

// Writes the next frame; with none left, flushes, and closes if that was asked for.
void WebSocketSession::pump() {
  if (stage_ == Stage::kFinished) return;
  if (batch_next_ == batch_.size() && !take_batch()) return;
  watch_writing();
  ws_.next_layer().hold();
  ws_.async_write(
      asio::buffer(*batch_[batch_next_]),
      [self = shared_from_this()](Error error, std::size_t) { self->on_written(error); });
}

bool WebSocketSession::take_batch() {
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

void WebSocketSession::on_written(Error error) {
  if (!error) {
    ++written_;
    batch_[batch_next_++].reset();
    return pump();
  }
  // The read that is under way knows better why: it may hold the peer's close frame.
  if (reading_) return arm_close_timer(options_.timeout);
  finish("connection lost: " + error.message());
}

// One timer for all that is written while there is something to write, so that no frame pays.
void WebSocketSession::watch_writing() {
  if (std::exchange(watching_, true)) return;
  seen_ = written_;
  look_at_writing();
}

void WebSocketSession::look_at_writing() {
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

void WebSocketSession::write_close() {
  // All that was queued has gone before. Whoever is stopped or has vanished keeps nobody waiting.
  arm_close_timer(std::min(options_.timeout, kCloseAnswered));
  const auto reason = outbox_.with([](const Outbox& outbox) {
    return websocket::close_reason{outbox.code,
                                   boost::beast::string_view{fit_reason(outbox.reason)}};
  });
  ws_.async_close(reason, [self = shared_from_this()](Error) { self->finish("closed"); });
}

}  // namespace systask::net
