// A Stream is what one connection publishes, in order. Its commands are run in that order, and
// once one of them was not kept none behind it is run, also those that were queued already: the
// publisher begins again from there, on another connection and so in another Stream.
// Any thread; shared by the commands and whoever posts them.
#pragma once

#include <atomic>

namespace systask::trading {

class Stream {
 public:
  void break_off() { broken_.store(true, std::memory_order_relaxed); }
  [[nodiscard]] bool broken() const { return broken_.load(std::memory_order_relaxed); }

 private:
  std::atomic<bool> broken_ = false;
};

}  // namespace systask::trading
