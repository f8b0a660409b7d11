#include "base/text.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <utility>

namespace systask {
namespace {

constexpr std::string_view kBetweenLines = " | ";
constexpr std::string_view kCut = " [...] ";

bool continues(char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; }

// From and to, in UTF-8: controls, among them what terminals take for the beginning of a command
// (U+0080 to U+009F), the soft hyphen, other ends of lines, what turns the direction of what
// follows, and characters without width.
constexpr std::array<std::pair<std::string_view, std::string_view>, 8> kUnseen{{
    {"\xC2\x80", "\xC2\x9F"},          // U+0080 to U+009F
    {"\xC2\xAD", "\xC2\xAD"},          // U+00AD
    {"\xD8\x9C", "\xD8\x9C"},          // U+061C
    {"\xE1\xA0\x8E", "\xE1\xA0\x8E"},  // U+180E
    {"\xE2\x80\x8B", "\xE2\x80\x8F"},  // U+200B to U+200F
    {"\xE2\x80\xA8", "\xE2\x80\xAE"},  // U+2028 to U+202E
    {"\xE2\x81\xA0", "\xE2\x81\xAF"},  // U+2060 to U+206F
    {"\xEF\xBB\xBF", "\xEF\xBB\xBF"},  // U+FEFF
}};

// Calls each(character, size) for every character; size is 0 for a byte that is none.
template <class Each>
void for_each_character(std::string_view text, Each each) {
  while (!text.empty()) {
    const std::size_t size = utf8_size(text);
    each(text.substr(0, std::max<std::size_t>(size, 1)), size);
    text.remove_prefix(std::max<std::size_t>(size, 1));
  }
}

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
  // Characters of UTF-8 are in the order of their bytes.
  if (character.size() > 1)
    return std::ranges::none_of(kUnseen, [character](const auto& range) {
      return character >= range.first && character <= range.second;
    });
  const auto byte = static_cast<unsigned char>(character.front());
  return byte >= 0x20U && byte != 0x7FU;
}

bool is_word(std::string_view text) {
  if (text.empty()) return false;
  if (is_seen_ascii(text)) return true;
  for (const char c : text)
    if (is_ascii_blank(static_cast<unsigned char>(c))) return false;
  return is_seen_beyond_ascii(text);
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
