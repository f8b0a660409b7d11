#include "service/config/yaml_repair.h"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>
#include <vector>

namespace systask::service {
namespace {

using Lines = std::vector<std::string>;

struct Block {  // lines [begin, end), counted from 0
  std::size_t begin;
  std::size_t end;
};

Lines lines_of(const std::string& text) {
  Lines lines;
  std::istringstream in{text};
  for (std::string line; std::getline(in, line);)
    lines.push_back(line);
  return lines;
}

std::string joined(const Lines& lines) {
  std::string text;
  for (const std::string& line : lines)
    text += line + "\n";
  return text;
}

bool blank(const std::string& line) {
  const std::size_t first = line.find_first_not_of(" \t\r");
  return first == std::string::npos || line[first] == '#';
}

std::size_t indent(const std::string& line) { return line.find_first_not_of(' '); }

bool begins_block(const std::string& line) {
  return !blank(line) && (indent(line) == 0 || line.compare(indent(line), 2, "- ") == 0);
}

// The list item, or top-level key, that holds the line.
Block block_of(const Lines& lines, std::size_t line) {
  std::size_t begin = std::min(line, lines.size() - 1);
  while (begin > 0 && !begins_block(lines[begin]))
    --begin;
  std::size_t end = begin + 1;
  while (end < lines.size() && (blank(lines[end]) || indent(lines[end]) > indent(lines[begin])))
    ++end;
  return {begin, end};
}

void leave_out(Lines& lines, Block block) {
  for (std::size_t i = block.begin; i < block.end; ++i)
    lines[i].clear();
}

void complain(const SyntaxError& error, const Lines& lines, Complaints& complaints) {
  const auto number = static_cast<std::size_t>(error.place.line);
  std::string found = number <= lines.size() ? lines[number - 1] : "the end of the file";
  found.erase(0, found.find_first_not_of(" \t"));
  complaints.add(error.place, "yaml", found,
                 fmt::format("YAML here or just before: {} (look for a missing bracket or quote, "
                             "a tab, or a value that needs quotes: one with ': ', a comma, or *, "
                             "@ or % in front)",
                             error.message));
}

// Leaves out the block in which the error stands or, as a missing bracket is noticed only
// later, the one before. True where the error is gone, and any next one stands further on.
bool mend(Lines& lines, const SyntaxError& error) {
  const auto line = static_cast<std::size_t>(std::max(error.place.line, 1)) - 1;
  const Block here = block_of(lines, line);
  std::vector<Block> candidates{here};
  if (here.begin > 0) {
    std::size_t before = here.begin - 1;
    while (before > 0 && blank(lines[before]))
      --before;
    candidates.insert(candidates.begin(), block_of(lines, before));
  }
  for (const Block block : candidates) {
    Lines without = lines;
    leave_out(without, block);
    const auto document = YamlDocument::parse(joined(without));
    const auto further = static_cast<int>(std::max(block.end, line + 1));
    if (document.error() && document.error()->place.line <= further) continue;
    lines = std::move(without);
    return true;
  }
  return false;
}

}  // namespace

ReadYaml read_yaml(const std::string& text, Complaints& complaints) {
  ReadYaml read{YamlDocument::parse(text)};
  if (!read.document.error()) return read;
  read.whole = false;
  Lines lines = lines_of(text);
  const Lines original = lines;
  // Each turn leaves out at least one block and goes further down.
  while (read.document.error()) {
    const SyntaxError error = *read.document.error();
    complain(error, original, complaints);
    if (lines.empty() || !mend(lines, error)) break;
    read.document = YamlDocument::parse(joined(lines));
  }
  return read;
}

}  // namespace systask::service
