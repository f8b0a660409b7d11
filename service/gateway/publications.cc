#include "service/gateway/publications.h"

#include <fmt/format.h>

#include "service/gateway/frames.h"

namespace systask::service {

Result<void> Publications::arrived(std::int64_t number, std::size_t bytes) {
  bool pause = false;
  {
    const std::scoped_lock lock{mutex_};
    if (broken_)
      return Refusal{"BUSY", fmt::format("publication {} comes behind one that was not kept: begin "
                                         "again from there on a new connection",
                                         number)};
    if (number != arrived_ + 1)
      return Refusal{"BAD_REQUEST", fmt::format("pub: found {}, expected {}, the next number of "
                                                "this connection",
                                                number, arrived_ + 1)};
    arrived_ = number;
    bytes_.push_back(bytes);
    in_flight_ += bytes;
    if (!paused_ && (arrived_ - through_ >= kMostInFlight || in_flight_ >= kMostBytesInFlight))
      pause = paused_ = true;
  }
  if (pause)
    if (const auto connection = connection_.lock()) connection->pause_reading();
  return {};
}

void Publications::dealt_with(std::int64_t number) {
  {
    const std::scoped_lock lock{mutex_};
    if (broken_) return;
    if (number == through_ + 1) {
      pass(number);
      while (!beyond_.empty() && *beyond_.begin() == through_ + 1)
        pass(beyond_.extract(beyond_.begin()).value());
    } else {
      beyond_.insert(number);
    }
    if (acknowledging_) return;
    acknowledging_ = true;
  }
  post_([self = shared_from_this()] { self->send_acknowledgement(); });
}

void Publications::pass(std::int64_t number) {
  through_ = number;
  if (bytes_.empty()) return;
  in_flight_ -= bytes_.front();
  bytes_.pop_front();
}

void Publications::send_acknowledgement() {
  std::int64_t through = 0;
  bool resume = false;
  {
    const std::scoped_lock lock{mutex_};
    acknowledging_ = false;
    through = through_;
    if (paused_ && arrived_ - through_ <= kFewInFlight && in_flight_ <= kFewBytesInFlight) {
      paused_ = false;
      resume = true;
    }
  }
  const auto connection = connection_.lock();
  if (!connection) return;
  if (through > 0) connection->send(acked_frame(through));
  if (resume) connection->resume_reading();
}

void Publications::failed(std::int64_t number, const std::string& why) {
  {
    const std::scoped_lock lock{mutex_};
    if (std::exchange(broken_, true)) return;
  }
  stream_->break_off();
  if (const auto connection = connection_.lock())
    connection->close(
        fmt::format("publication {} was not kept, publish it again: {}", number, why));
}

}  // namespace systask::service
