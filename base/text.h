// Texts of others made fit to be shown: what a program printed, what a driver said. Pure
// functions; any thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace systask {

// How many bytes the UTF-8 character at the front of a text takes; 0 where there is none.
[[nodiscard]] std::size_t utf8_size(std::string_view text);

// The beginning of a text in so many bytes at most; no character is cut in two.
[[nodiscard]] std::string_view utf8_prefix(std::string_view text, std::size_t most);

[[nodiscard]] bool is_utf8(std::string_view text);

// The text with U+FFFD for each byte that is no UTF-8: what JSON and WebSockets may carry.
[[nodiscard]] std::string whole_utf8(std::string_view text);

// Whether a character may be shown on a terminal as it is: see clean_text(). The one list of
// characters that are not seen.
[[nodiscard]] bool is_shown(std::string_view character);

// Not empty, and UTF-8 without blanks and characters that are not seen: what may be a name.
[[nodiscard]] bool is_word(std::string_view text);

// What may be shown on a terminal: line feeds and tabs stay; other control characters, those of
// terminals (ESC, U+0080 to U+009F), what turns the direction of a line (U+202E and its like),
// other ends of lines (U+2028), what has no width (U+200B) and what is no UTF-8 become '?'.
[[nodiscard]] std::string clean_text(std::string_view text);

// The same on one line, " | " between its lines, a blank for a tab. Of a text longer than `most`
// bytes the beginning is kept and twice as much of the end, with " [...] " between them; no
// character is cut in two.
[[nodiscard]] std::string one_line(std::string_view text, std::size_t most);

}  // namespace systask
