// What a body said, or why it ended, as every database can take it: without zeros, and cut to a
// length. A pure function.
#pragma once

#include <algorithm>
#include <string>

namespace systask::scheduler {

inline constexpr std::size_t kDetailLimit = 4000;  // bytes

[[nodiscard]] inline std::string as_detail(std::string text) {
  std::ranges::replace(text, '\0', ' ');
  if (text.size() <= kDetailLimit) return text;
  std::size_t end = kDetailLimit;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U)
    --end;
  text.resize(end);
  return text + " [cut]";
}

}  // namespace systask::scheduler
