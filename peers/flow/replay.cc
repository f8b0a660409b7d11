#include "peers/flow/replay.h"

#include <algorithm>
#include <utility>

namespace systask::peers::flow {
namespace {

constexpr std::size_t kLookAhead = 8;  // enough to meet another plan's message

}  // namespace

Replay::Replay(const ReplayOptions& options)
    : swap_(options.swap),
      gaps_(options.longest_gap_us),
      limit_(options.limit),
      recording_(open_recording(options)),
      random_(options.seed) {}

std::optional<Report> Replay::next(std::int64_t elapsed_us) {
  const auto at = next_at_us();
  if (!at || *at > elapsed_us) return {};
  maybe_swap();
  Report report = std::move(ready_.front().report);
  ready_.pop_front();
  ++given_;
  return report;
}

std::optional<std::int64_t> Replay::next_at_us() {
  look_ahead();
  if (ready_.empty() || given_ >= limit_) return {};
  return ready_.front().at_us;
}

void Replay::look_ahead() {
  while (!ended_ && ready_.size() < kLookAhead) {
    auto recorded = recording_->next();
    ended_ = !recorded;
    if (!recorded) return;
    recorded->at_us = gaps_.due_us(recorded->at_us);
    ready_.push_back(std::move(*recorded));
  }
}

// Only neighbours of different plans: the order of one plan's messages is what it is.
void Replay::maybe_swap() {
  if (swap_ <= 0 || ready_.size() < 2) return;
  if (ready_[0].report.order.plan == ready_[1].report.order.plan) return;
  if (std::uniform_real_distribution<>{}(random_) < swap_)
    std::swap(ready_[0].report, ready_[1].report);
}

}  // namespace systask::peers::flow
