#include "base/text.h"

#include <algorithm>

namespace systask {
namespace {

constexpr std::string_view kBetweenLines = " | ";
constexpr std::string_view kCut = " [...] ";

bool continues(char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; }

// U+0080 to U+009F: among them what terminals take for the beginning of a command.
bool is_second_control(std::string_view character) {
  return character.size() == 2 && character[0] == '\xC2' &&
         static_cast<unsigned char>(character[1]) < 0xA0U;
}

// U+2028, U+2029, U+FEFF, and what turns the direction of what follows: U+061C, U+200E, U+200F,
// U+202A to U+202E, U+2066 to U+2069. All of them are invisible.
bool is_hidden(std::string_view character) {
  if (character == "\xD8\x9C" || character == "\xEF\xBB\xBF") return true;
  if (character.size() != 3 || character[0] != '\xE2') return false;
  const auto second = static_cast<unsigned char>(character[1]);
  const auto third = static_cast<unsigned char>(character[2]);
  if (second == 0x80U)
    return third == 0x8EU || third == 0x8FU || (third >= 0xA8U && third <= 0xAEU);
  return second == 0x81U && third >= 0xA6U && third <= 0xA9U;
}

// Calls each(character, size) for every character; size is 0 for a byte that is none.
template <class Each>
void for_each_character(std::string_view text, Each each) {
  while (!text.empty()) {
    const std::size_t size = utf8_size(text);
    each(text.substr(0, std::max<std::size_t>(size, 1)), size);
    text.remove_prefix(std::max<std::size_t>(size, 1));
  }
}

std::string cleaned(std::string_view text) {
  std::string clean;
  clean.reserve(text.size());
  for_each_character(text, [&](std::string_view character, std::size_t size) {
    if (character == "\n") {
      if (!clean.empty() && !clean.ends_with(kBetweenLines)) clean += kBetweenLines;
    } else if (character == "\t") {
      clean += ' ';
    } else if (character != "\r") {
      if (size > 0 && is_shown(character))
        clean += character;
      else
        clean += '?';
    }
  });
  if (clean.ends_with(kBetweenLines)) clean.resize(clean.size() - kBetweenLines.size());
  return clean;
}

}  // namespace

bool is_shown(std::string_view character) {
  if (character.size() > 1) return !is_second_control(character) && !is_hidden(character);
  const auto byte = static_cast<unsigned char>(character.front());
  return byte >= 0x20U && byte != 0x7FU;
}

std::size_t utf8_size(std::string_view text) {
  const auto first = static_cast<unsigned char>(text.front());
  if (first < 0x80U) return 1;
  std::size_t size = 0;
  if (first >= 0xC2U && first <= 0xDFU) size = 2;
  if (first >= 0xE0U && first <= 0xEFU) size = 3;
  if (first >= 0xF0U && first <= 0xF4U) size = 4;
  if (size == 0 || text.size() < size) return 0;
  for (std::size_t i = 1; i < size; ++i)
    if (!continues(text[i])) return 0;
  const auto second = static_cast<unsigned char>(text[1]);
  const bool overlong = (first == 0xE0U && second < 0xA0U) || (first == 0xF0U && second < 0x90U);
  const bool beyond = (first == 0xEDU && second > 0x9FU) || (first == 0xF4U && second > 0x8FU);
  return overlong || beyond ? 0 : size;
}

std::string_view utf8_prefix(std::string_view text, std::size_t most) {
  if (text.size() <= most) return text;
  while (most > 0 && continues(text[most]))
    --most;
  return text.substr(0, most);
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t size = utf8_size(text);
    if (size == 0) return false;
    text.remove_prefix(size);
  }
  return true;
}

std::string whole_utf8(std::string_view text) {
  std::string whole;
  whole.reserve(text.size());
  for_each_character(text, [&](std::string_view character, std::size_t size) {
    whole += size > 0 ? character : std::string_view{"\xEF\xBF\xBD"};
  });
  return whole;
}

std::string clean_text(std::string_view text) {
  std::string clean;
  clean.reserve(text.size());
  for_each_character(text, [&](std::string_view character, std::size_t size) {
    if (character == "\r") return;
    const bool stays = character == "\n" || character == "\t" || (size > 0 && is_shown(character));
    clean += stays ? character : std::string_view{"?"};
  });
  return clean;
}

std::string one_line(std::string_view text, std::size_t most) {
  std::string line = cleaned(text);
  if (line.size() <= most) return line;
  const std::size_t kept = most > kCut.size() ? most - kCut.size() : 0;
  std::size_t head = kept / 3;
  std::size_t tail = line.size() - (kept - kept / 3);
  while (head > 0 && continues(line[head]))
    --head;
  while (tail < line.size() && continues(line[tail]))
    ++tail;
  return line.substr(0, head).append(kCut).append(line, tail);
}

}  // namespace systask
