// The Screen is what a table is written for: a terminal has a width, a pipe or a file has none.
#pragma once

#include <cstddef>
#include <limits>

namespace systask::service {

struct Screen {
  static constexpr std::size_t kNoEnd = std::numeric_limits<std::size_t>::max();

  std::size_t width = kNoEnd;  // columns of the terminal
};

// Of standard output: a terminal's own width, or COLUMNS where that is set; without end where it
// is no terminal.
[[nodiscard]] Screen standard_output();

}  // namespace systask::service
