#include "trading/identifiers.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "base/text.h"

namespace systask::trading {
namespace {

// One character of UTF-8, beyond ASCII: U+00A0, U+1680, U+2000 to U+206F (blanks, and marks that
// look like others), U+3000.
bool is_blank(std::string_view character) {
  if (character >= "\xE2\x80\x80" && character <= "\xE2\x81\xAF") return true;
  return character == "\xC2\xA0" || character == "\xE1\x9A\x80" || character == "\xE3\x80\x80";
}

bool is_ascii_blank(unsigned char byte) { return byte <= 0x20U || byte == 0x7FU; }

// Nothing but ASCII, without blanks and controls. Each message has a dozen identifiers, so this
// looks at eight bytes at a time: the highest bit of a byte stays 0 where it is such a one.
bool is_seen_ascii(std::string_view text) {
  constexpr std::uint64_t kEach = 0x0101010101010101U;
  while (!text.empty()) {
    std::uint64_t word = kEach * 'x';
    const std::size_t size = std::min(text.size(), sizeof word);
    std::memcpy(&word, text.data(), size);
    // Where a byte is less than 0x21, or is 0x7F, the difference borrows.
    const std::uint64_t above_blank = word - kEach * 0x21U;
    const std::uint64_t deleted = (word ^ kEach * 0x7FU) - kEach;
    if (((above_blank | deleted | word) & kEach * 0x80U) != 0) return false;
    text.remove_prefix(size);
  }
  return true;
}

// UTF-8 without blanks and what is not seen.
bool is_seen_beyond_ascii(std::string_view text) {
  while (!text.empty()) {
    const std::size_t size = utf8_size(text);
    const std::string_view character = text.substr(0, size);
    if (size == 0 || (size > 1 && (is_blank(character) || !is_shown(character)))) return false;
    text.remove_prefix(size);
  }
  return true;
}

}  // namespace

bool is_identifier(std::string_view text, std::size_t longest) {
  if (text.empty() || text == "-" || text.size() > longest) return false;
  if (is_seen_ascii(text)) return true;
  for (const char c : text)
    if (is_ascii_blank(static_cast<unsigned char>(c))) return false;
  return is_seen_beyond_ascii(text);
}

std::string identifier_form(std::size_t longest) {
  return fmt::format("1 to {} bytes without blanks and control characters, and not '-'", longest);
}

std::string not_identifier(std::string_view field, std::string_view text, std::size_t longest) {
  constexpr std::size_t kShown = 60;
  if (text.empty()) return fmt::format("{}: empty, expected {}", field, identifier_form(longest));
  const std::string length =
      text.size() > longest ? fmt::format(" of {} bytes", text.size()) : std::string{};
  return fmt::format("{}: found '{}'{}, expected {}", field, one_line(text, kShown), length,
                     identifier_form(longest));
}

std::string in_one_line(std::string_view text) {
  std::string line;
  line.reserve(text.size());
  for (const char c : text) {
    if (c == '\\') line += '\\';
    if (c == '\n')
      line += "\\n";
    else
      line += c;
  }
  return line;
}

}  // namespace systask::trading
