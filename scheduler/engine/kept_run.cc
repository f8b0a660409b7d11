#include "scheduler/engine/kept_run.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/check.h"

namespace systask::scheduler {
namespace {

// Seven bits a byte, the lowest first; the highest bit says that more follow.
constexpr unsigned kBits = 7;
constexpr std::uint8_t kMore = 1U << kBits;

// Small where the number is near zero, on either side of it.
std::uint64_t folded(std::int64_t number) {
  const auto bits = static_cast<std::uint64_t>(number);
  return (bits << 1U) ^ (number < 0 ? ~std::uint64_t{0} : 0);
}
std::int64_t unfolded(std::uint64_t bits) {
  return static_cast<std::int64_t>((bits >> 1U) ^ ((bits & 1U) != 0 ? ~std::uint64_t{0} : 0));
}

class Packer {
 public:
  void number(std::int64_t number) {
    std::uint64_t left = folded(number);
    for (; left >= kMore; left >>= kBits)
      bytes_.push_back(static_cast<std::uint8_t>(left) | kMore);
    bytes_.push_back(static_cast<std::uint8_t>(left));
  }
  void text(std::string_view text) {
    number(static_cast<std::int64_t>(text.size()));
    bytes_.insert(bytes_.end(), text.begin(), text.end());
  }
  void time(TimePoint at) {
    const auto distance = static_cast<std::uint64_t>(to_micros(at)) -
                          static_cast<std::uint64_t>(std::exchange(last_, to_micros(at)));
    number(static_cast<std::int64_t>(distance));
  }
  void time(const std::optional<TimePoint>& at) {
    number(at.has_value() ? 1 : 0);
    if (at) time(*at);
  }

  [[nodiscard]] std::unique_ptr<std::uint8_t[]> packed() const {
    auto packed = std::make_unique_for_overwrite<std::uint8_t[]>(bytes_.size());
    std::ranges::copy(bytes_, packed.get());
    return packed;
  }

 private:
  std::vector<std::uint8_t> bytes_;
  std::int64_t last_ = 0;  // the time before
};

class Unpacker {
 public:
  explicit Unpacker(const std::uint8_t* at) : at_(at) {}

  std::int64_t number() {
    std::uint64_t bits = 0;
    unsigned shift = 0;
    for (; (*at_ & kMore) != 0; shift += kBits)
      bits |= static_cast<std::uint64_t>(*at_++ & ~kMore) << shift;
    return unfolded(bits | static_cast<std::uint64_t>(*at_++) << shift);
  }
  std::string text() {
    const std::int64_t size = number();
    const std::uint8_t* const from = std::exchange(at_, at_ + size);
    return {from, at_};
  }
  TimePoint time() {
    last_ += static_cast<std::uint64_t>(number());
    return from_micros(static_cast<std::int64_t>(last_));
  }
  std::optional<TimePoint> time_or_none() {
    if (number() == 0) return std::nullopt;
    return time();
  }

 private:
  const std::uint8_t* at_;
  std::uint64_t last_ = 0;
};

}  // namespace

KeptRun::KeptRun(const RunRow& row) {
  Packer packer;
  packer.number(static_cast<std::int64_t>(row.trigger));
  packer.number(static_cast<std::int64_t>(row.state));
  packer.number(row.key.key);
  packer.number(row.id.value());
  packer.number(row.business_date);
  packer.number(row.attempt);
  packer.number(row.count);
  packer.time(row.key.nominal);
  packer.time(row.last_nominal);
  packer.time(row.claimed_at);
  packer.time(row.started_at);
  packer.time(row.finished_at);
  packer.text(row.detail);
  packer.text(row.actor);
  bytes_ = packer.packed();
}

RunRow KeptRun::row(TaskId task) const {
  CHECK(bytes_ != nullptr, "a task that has not run has no last run");
  Unpacker unpacker{bytes_.get()};
  RunRow row;
  row.key.task = task;
  row.trigger = static_cast<Trigger>(unpacker.number());
  row.state = static_cast<RunState>(unpacker.number());
  row.key.key = unpacker.number();
  row.id = RunId{unpacker.number()};
  row.business_date = static_cast<int>(unpacker.number());
  row.attempt = static_cast<int>(unpacker.number());
  row.count = unpacker.number();
  row.key.nominal = unpacker.time();
  row.last_nominal = unpacker.time();
  row.claimed_at = unpacker.time();
  row.started_at = unpacker.time_or_none();
  row.finished_at = unpacker.time_or_none();
  row.detail = unpacker.text();
  row.actor = unpacker.text();
  return row;
}

}  // namespace systask::scheduler
