// LogFloods decides which lines of a log are written where one sentence comes again and again: so
// many within a second, and then how many more there were. A value; not for several threads at
// once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/log.h"

namespace systask::log {

class LogFloods {
 public:
  static constexpr std::size_t kLines = 50;       // of one sentence within a second
  static constexpr std::size_t kSentences = 512;  // that are told apart
  static constexpr std::chrono::milliseconds kWindow{1'000};

  // Lines of a sentence that were not written.
  struct More {
    Level level;
    std::string sentence;
    std::uint64_t lines;
  };

  // Whether a line with that sentence is written now.
  [[nodiscard]] bool takes(Level level, std::string_view sentence, MonotonicPoint now);

  // Floods whose second is over, each once.
  [[nodiscard]] std::vector<More> over(MonotonicPoint now);

 private:
  struct Window {
    Level level;
    MonotonicPoint begun;
    std::size_t written = 0;
    std::uint64_t left_out = 0;
  };
  std::map<std::string, Window, std::less<>> windows_;
  MonotonicPoint looked_{};
};

}  // namespace systask::log
