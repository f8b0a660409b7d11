#include "tasks/kinds/excerpt.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"

namespace systask::tasks {
namespace {

bool continues(char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; }

// Without a character of several bytes whose other end was cut.
std::string_view without_begun_character(std::string_view head) {
  for (std::size_t back = 1; back <= 4 && back <= head.size(); ++back) {
    const char c = head[head.size() - back];
    if (continues(c)) continue;
    const bool whole = utf8_size(head.substr(head.size() - back)) == back;
    const bool begins = (static_cast<unsigned char>(c) & 0xC0U) == 0xC0U;
    return begins && !whole ? head.substr(0, head.size() - back) : head;
  }
  return head;
}
std::string_view without_ended_character(std::string_view tail) {
  for (std::size_t i = 0; i < 3 && !tail.empty() && continues(tail.front()); ++i)
    tail.remove_prefix(1);
  return tail;
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

Excerpt Excerpt::within(std::size_t most) const {
  if (most >= head_most_ + tail_most_) return *this;
  Excerpt less{most};
  const std::string_view end = tail();
  if (cut() == 0) {
    less.add(head_);
    less.add(end);
    return less;
  }
  less.head_ = head_.substr(0, less.head_most_);
  less.tail_ = end.substr(end.size() - std::min(end.size(), less.tail_most_));
  less.total_ = total_;
  return less;
}

scheduler::Printed printed_of(const Excerpt& text) {
  const Excerpt kept = text.within(kMostPrinted);
  return {.text = printable(kept.text()), .total = kept.total(), .cut = kept.cut()};
}

scheduler::Printed printed_of(std::string_view text) {
  Excerpt whole{kMostPrinted};
  whole.add(text);
  return printed_of(whole);
}

std::string Excerpt::text() const {
  if (cut() == 0) return head_ + std::string{tail()};
  return fmt::format("{}\n[{} bytes cut]\n{}", without_begun_character(head_), cut(),
                     without_ended_character(tail()));
}

std::string printable(std::string_view text) {
  std::string clean;
  clean.reserve(text.size());
  while (!text.empty()) {
    if (text.starts_with("\r\n")) text.remove_prefix(1);
    const std::size_t size = utf8_size(text);
    const bool kept = size > 1 || (size == 1 && (shows(text[0]) || text[0] == '\n'));
    if (kept)
      clean += text.substr(0, size);
    else if (text[0] == '\r')
      clean += '\n';  // a line that is written over
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
