// Patience waits for a condition by looking every few milliseconds on a timer, doing the
// chores of each look, and gives up, saying for what it waited, when nothing has moved for
// too long or somebody interrupts (SIGINT, SIGTERM). One thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>

#include "base/clock.h"

namespace systask::peers::drill {

// Nothing has moved for too long: what is waited for does not come.
class GaveUp : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class Patience {
 public:
  // `chores` runs at each look and gives a number that changes while things move.
  Patience(const Clock& clock, std::chrono::seconds limit, std::function<std::int64_t()> chores);
  ~Patience();
  Patience(const Patience&) = delete;
  Patience& operator=(const Patience&) = delete;

  // Throws GaveUp where it gives up, std::runtime_error when interrupted. An unbounded wait ends by
  // interruption only.
  void until(const std::string& what, const std::function<bool()>& reached, bool bounded = true);
  // The same, but false instead of giving up, after so long whether things move or not.
  bool for_at_most(std::chrono::milliseconds time, const std::function<bool()>& reached);

 private:
  std::int64_t look();

  struct Loop;
  const Clock& clock_;
  std::chrono::seconds limit_;
  std::function<std::int64_t()> chores_;
  std::unique_ptr<Loop> loop_;
};

}  // namespace systask::peers::drill
