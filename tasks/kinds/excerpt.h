// An Excerpt keeps the beginning and the end of a text of any length, in bounded memory,
// and knows how much it left out. Of use to one thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "scheduler/run.h"

namespace systask::tasks {

class Excerpt {
 public:
  // At most so many bytes are kept, half of them of the end.
  explicit Excerpt(std::size_t most) : head_most_(most - most / 2), tail_most_(most / 2) {}

  void add(std::string_view more);
  [[nodiscard]] std::uint64_t total() const { return total_; }
  [[nodiscard]] std::uint64_t cut() const;
  // Beginning and end, with a line between them that says how many bytes were cut.
  [[nodiscard]] std::string text() const;
  // The same in at most so many bytes.
  [[nodiscard]] Excerpt within(std::size_t most) const;

 private:
  [[nodiscard]] std::string_view tail() const;

  std::size_t head_most_;
  std::size_t tail_most_;
  std::uint64_t total_ = 0;
  std::string head_;
  std::string tail_;  // up to twice as much as it keeps, so that it is seldom moved
};

// So many bytes of what a run printed are kept with it in the ledger (docs/decisions/0064).
inline constexpr std::size_t kMostPrinted = std::size_t{64} * 1024;
// What a run keeps of a text.
[[nodiscard]] scheduler::Printed printed_of(const Excerpt& text);
[[nodiscard]] scheduler::Printed printed_of(std::string_view text);

// Safe to show and to store: what is no UTF-8 and no printing character becomes '?', but
// for ends of lines.
[[nodiscard]] std::string printable(std::string_view text);

// The same on one line, " | " between its lines, without its middle beyond `most` bytes.
[[nodiscard]] std::string on_one_line(std::string_view text, std::size_t most);

}  // namespace systask::tasks
