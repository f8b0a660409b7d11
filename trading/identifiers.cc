#include "trading/identifiers.h"

#include <fmt/format.h>

#include "base/text.h"

namespace systask::trading {
namespace {

// One character of UTF-8, beyond ASCII: U+00A0, U+1680, U+2000 to U+206F (blanks, and marks that
// look like others), U+3000.
bool is_blank(std::string_view character) {
  if (character >= "\xE2\x80\x80" && character <= "\xE2\x81\xAF") return true;
  return character == "\xC2\xA0" || character == "\xE1\x9A\x80" || character == "\xE3\x80\x80";
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
  bool ascii = true;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte <= 0x20U || byte == 0x7FU) return false;
    ascii = ascii && byte < 0x80U;
  }
  return ascii || is_seen_beyond_ascii(text);
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
