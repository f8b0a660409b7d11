#include "trading/identifiers.h"

#include <fmt/format.h>

#include "base/text.h"

namespace systask::trading {
namespace {

// Of three bytes from E2 on: U+2000 to U+206F are blanks, line ends, and marks of direction.
bool is_unseen(unsigned char second, unsigned char third) {
  return second == 0x80U || (second == 0x81U && third >= 0xA0U && third <= 0xAFU);
}

// Beyond ASCII: controls (U+0080 to U+00A0) and what is not seen.
bool is_seen_beyond_ascii(std::string_view text) {
  const auto byte = [&](std::size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (byte(i) == 0xC2U && byte(i + 1) <= 0xA0U) return false;
    if (byte(i) == 0xE2U && is_unseen(byte(i + 1), byte(i + 2))) return false;
  }
  return true;
}

}  // namespace

bool is_identifier(std::string_view text, std::size_t longest) {
  if (text.empty() || text.size() > longest) return false;
  bool ascii = true;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte <= 0x20U || byte == 0x7FU) return false;
    ascii = ascii && byte < 0x80U;
  }
  return ascii || is_seen_beyond_ascii(text);
}

std::string identifier_form(std::size_t longest) {
  return fmt::format("1 to {} bytes without blanks and control characters", longest);
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
