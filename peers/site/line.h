// Where a plan's line stands at this site: which push is the next one, which a repeat, and
// which must not be applied because one before it is missing or the epoch is another's.
#pragma once

#include <cstdint>

namespace systask::peers {

class Line {
 public:
  enum class Verdict { kNext, kRepeat, kBroken };

  Line() = default;
  Line(std::int64_t epoch, std::int64_t last) : epoch_(epoch), last_(last) {}

  [[nodiscard]] Verdict judge(std::int64_t epoch, std::int64_t seq) const {
    if (epoch < epoch_) return Verdict::kRepeat;  // on its way since before the takeover
    if (epoch > epoch_ || seq > last_ + 1) return Verdict::kBroken;
    return seq == last_ + 1 ? Verdict::kNext : Verdict::kRepeat;
  }
  void advance() { ++last_; }

  [[nodiscard]] std::int64_t epoch() const { return epoch_; }
  [[nodiscard]] std::int64_t last() const { return last_; }

 private:
  std::int64_t epoch_ = 0;
  std::int64_t last_ = 0;
};

}  // namespace systask::peers
