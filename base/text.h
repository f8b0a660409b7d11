// Texts of others made fit to be shown: what a program printed, what a driver said. Pure
// functions; any thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace systask {

// How many bytes the UTF-8 character at the front of a text takes; 0 where there is none.
[[nodiscard]] std::size_t utf8_size(std::string_view text);

// On one line, " | " between its lines: control characters, those of terminals included, and
// what is no UTF-8 become '?'. Of a text longer than `most` bytes the beginning is kept and
// twice as much of the end, with " [...] " between them; no character is cut in two.
[[nodiscard]] std::string one_line(std::string_view text, std::size_t most);

}  // namespace systask
