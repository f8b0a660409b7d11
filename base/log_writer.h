// Where lines of the log go. Without a Background each is written by the thread that logs, as
// commands and tests want it. While a Background lives, a thread of its own writes them, so that a
// reader of standard error who stalls, or goes, delays nobody: what waits is bounded, and what is
// too much is dropped and counted. Any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/log.h"

namespace systask::log {

// One at a time. Ignores SIGPIPE, and on abort() writes what waits. Its end writes what waits, for
// two seconds at most.
class Background {
 public:
  static constexpr std::size_t kBytes = std::size_t{1} << 20;  // that may wait

  Background();
  ~Background();
  Background(const Background&) = delete;
  Background& operator=(const Background&) = delete;
};

// Lines dropped since the process began.
[[nodiscard]] std::uint64_t dropped_lines();

// For base/log.cc: a whole line with its line feed.
void put_line(std::string_view line);

// Of base/log.cc: the sentence and the fields of a line as they are written, cleaned and cut.
[[nodiscard]] std::string line_of(std::string_view sentence, Fields fields);

// Of base/log.cc: writes how many lines of a flood that is over were left out. The Background calls
// it twice a second.
void tell_floods();

}  // namespace systask::log
