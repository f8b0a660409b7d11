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

bool shows(std::string_view character) {
  if (character.size() > 1) return !is_second_control(character);
  const auto byte = static_cast<unsigned char>(character.front());
  return byte >= 0x20U && byte != 0x7FU;
}

std::string cleaned(std::string_view text) {
  std::string clean;
  clean.reserve(text.size());
  while (!text.empty()) {
    const std::size_t size = utf8_size(text);
    const std::string_view character = text.substr(0, std::max<std::size_t>(size, 1));
    if (character == "\n") {
      if (!clean.empty() && !clean.ends_with(kBetweenLines)) clean += kBetweenLines;
    } else if (character == "\t") {
      clean += ' ';
    } else if (character != "\r") {
      if (size > 0 && shows(character))
        clean += character;
      else
        clean += '?';
    }
    text.remove_prefix(character.size());
  }
  if (clean.ends_with(kBetweenLines)) clean.resize(clean.size() - kBetweenLines.size());
  return clean;
}

}  // namespace

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
