// Gaps cuts what lies between two reports of a recording to what it may be at most. One thread.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>

namespace systask::peers::flow {

class Gaps {
 public:
  // In microseconds; nothing: they are as long as they were.
  explicit Gaps(std::optional<std::int64_t> longest_us) : longest_us_(longest_us) {}

  // When a report is due that was recorded so long after the first; in the order of the recording.
  std::int64_t due_us(std::int64_t recorded_us) {
    const std::int64_t gap = recorded_us - std::exchange(last_us_, recorded_us);
    if (longest_us_) cut_us_ += std::max<std::int64_t>(gap - *longest_us_, 0);
    return recorded_us - cut_us_;
  }

 private:
  std::optional<std::int64_t> longest_us_;
  std::int64_t last_us_ = 0;
  std::int64_t cut_us_ = 0;  // of all gaps so far
};

}  // namespace systask::peers::flow
