#include "peers/link/publications.h"

#include <algorithm>

#include "peers/link/frames.h"

namespace systask::peers {

bool Publications::add(std::string_view topic, std::string_view body) {
  if (waiting_.size() >= window_) return false;
  waiting_.push_back({publication_tail(topic, body)});
  return true;
}

void Publications::begin_again() {
  first_ = 1;
  sent_ = 0;
}

std::string Publications::next_frame() {
  if (sent_ >= waiting_.size()) return {};
  const auto number = first_ + static_cast<std::int64_t>(sent_);
  return publication_frame(number, waiting_[sent_++].tail);
}

std::size_t Publications::acknowledged(std::int64_t through) {
  // An acknowledgement of what was never sent on this connection acknowledges nothing more.
  const auto upto = std::min(through, first_ + static_cast<std::int64_t>(sent_) - 1);
  for (std::int64_t number = first_; number <= upto; ++number)
    waiting_[static_cast<std::size_t>(number - first_)].dealt = true;
  return drop_dealt();
}

std::size_t Publications::refused(std::int64_t number) {
  if (number < first_ || number >= first_ + static_cast<std::int64_t>(sent_)) return 0;
  waiting_[static_cast<std::size_t>(number - first_)].dealt = true;
  return drop_dealt();
}

std::size_t Publications::drop_dealt() {
  std::size_t count = 0;
  while (!waiting_.empty() && waiting_.front().dealt) {
    waiting_.pop_front();
    ++count;
  }
  first_ += static_cast<std::int64_t>(count);
  sent_ -= count;
  return count;
}

}  // namespace systask::peers
