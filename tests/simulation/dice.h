// Dice are the only source of chance in a simulation: the same seed throws the same numbers on
// every machine. Values; a copy goes on from where the original was.
#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>

namespace systask::simulation {

class Dice {
 public:
  explicit Dice(std::uint64_t seed)
      : state_(seed * 0x9e3779b97f4a7c15ULL + 0x2545f4914f6cdd1dULL) {}

  // splitmix64
  std::uint64_t next() {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15ULL);
    z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27U)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31U);
  }
  // From 0 to n - 1.
  std::int64_t below(std::int64_t n) {
    return static_cast<std::int64_t>(next() % static_cast<std::uint64_t>(n));
  }
  std::int64_t between(std::int64_t least, std::int64_t most) {
    return least + below(most - least + 1);
  }
  bool one_in(std::int64_t n) { return n > 0 && below(n) == 0; }
  bool percent(std::int64_t p) { return below(100) < p; }
  template <class List>
  auto& any_of(List& list) {
    return list[static_cast<std::size_t>(below(static_cast<std::int64_t>(std::size(list))))];
  }
  // Dice of somebody's own, so that what one does moves nobody else's numbers.
  Dice fork() { return Dice{next()}; }

 private:
  std::uint64_t state_;
};

}  // namespace systask::simulation
