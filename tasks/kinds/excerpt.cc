#include "tasks/kinds/excerpt.h"

#include <fmt/format.h>

#include <algorithm>

namespace systask::tasks {
namespace {

bool continues(char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; }

// How many bytes the UTF-8 character at the front takes, or 0 where there is none.
std::size_t character_size(std::string_view text) {
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

bool shows(char c) { return static_cast<unsigned char>(c) >= 0x20U && c != 0x7F; }

}  // namespace

void Excerpt::add(std::string_view more) {
  total_ += more.size();
  const std::size_t first = std::min(more.size(), head_most_ - head_.size());
  head_ += more.substr(0, first);
  more.remove_prefix(first);
  if (more.size() > tail_most_) {
    tail_.clear();
    more.remove_prefix(more.size() - tail_most_);
  }
  tail_ += more;
  if (tail_.size() > 2 * tail_most_) tail_.erase(0, tail_.size() - tail_most_);
}

std::string_view Excerpt::tail() const {
  std::string_view end = tail_;
  if (end.size() > tail_most_) end.remove_prefix(end.size() - tail_most_);
  return end;
}

std::uint64_t Excerpt::cut() const { return total_ - head_.size() - tail().size(); }

std::string Excerpt::text() const {
  if (cut() == 0) return head_ + std::string{tail()};
  return fmt::format("{}\n[{} bytes cut]\n{}", head_, cut(), tail());
}

std::string printable(std::string_view text) {
  std::string clean;
  clean.reserve(text.size());
  while (!text.empty()) {
    const std::size_t size = character_size(text);
    const bool kept = size > 1 || (size == 1 && (shows(text[0]) || text[0] == '\n'));
    if (kept)
      clean += text.substr(0, size);
    else
      clean += text[0] == '\t' ? ' ' : '?';
    text.remove_prefix(std::max<std::size_t>(size, 1));
  }
  return clean;
}

std::string on_one_line(std::string_view text, std::size_t most) {
  std::string line;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    if (end > begin) {
      if (!line.empty()) line += " | ";
      line.append(text, begin, end - begin);
    }
    begin = end + 1;
  }
  if (line.size() > most)
    line = line.substr(0, most - most / 2) + " [...] " + line.substr(line.size() - most / 2);
  return printable(line);
}

}  // namespace systask::tasks
