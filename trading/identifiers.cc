#include "trading/identifiers.h"

#include <fmt/format.h>

#include "base/text.h"

namespace systask::trading {

bool is_identifier(std::string_view text, std::size_t longest) {
  return text != "-" && text.size() <= longest && is_word(text);
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
