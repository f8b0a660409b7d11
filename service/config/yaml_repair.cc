#include "service/config/yaml_repair.h"

#include <fmt/format.h>

#include <optional>
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

// The lines at which parts begin that can be read alone, from `begin` on: those with this
// indent and, for list items, a dash.
std::vector<Block> blocks_of(const Lines& lines, Block within, std::size_t column, bool items) {
  std::vector<Block> blocks;
  for (std::size_t i = within.begin; i < within.end; ++i) {
    if (blank(lines[i])) continue;
    const bool begins =
        indent(lines[i]) == column && (!items || lines[i].compare(column, 2, "- ") == 0);
    if (begins && !blocks.empty()) blocks.back().end = i;
    if (begins) blocks.push_back({i, within.end});
  }
  return blocks;
}

// The items of the list that a top-level key holds; nothing where it holds none.
std::vector<Block> items_of(const Lines& lines, Block block) {
  for (std::size_t i = block.begin + 1; i < block.end; ++i)
    if (!blank(lines[i]) && lines[i].compare(indent(lines[i]), 2, "- ") == 0)
      return blocks_of(lines, {i, block.end}, indent(lines[i]), true);
  return {};
}

// What is wrong with a block by itself, with its place in the file.
std::optional<SyntaxError> error_of(const Lines& lines, Block block) {
  const auto begin = lines.begin();
  const Lines alone(begin + static_cast<std::ptrdiff_t>(block.begin),
                    begin + static_cast<std::ptrdiff_t>(block.end));
  auto error = YamlDocument::parse(joined(alone)).error();
  if (!error) return std::nullopt;
  error->place.line += static_cast<int>(block.begin);
  // What is missing is noticed at the end of the text: that is the end of the block here.
  std::size_t last = block.end;
  while (last > block.begin + 1 && blank(lines[last - 1]))
    --last;
  if (error->place.line > static_cast<int>(last))
    error->place = {static_cast<int>(last), static_cast<int>(lines[last - 1].size()) + 1};
  return error;
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

// Complains about every block that is no YAML by itself, and leaves it out; their text.
std::string leave_out_broken(Lines& lines, Complaints& complaints) {
  const Lines original = lines;
  std::string left_out;
  const auto drop = [&](Block block, const SyntaxError& error) {
    complain(error, original, complaints);
    leave_out(lines, block);
    for (std::size_t i = block.begin; i < block.end; ++i)
      left_out += original[i] + "\n";
  };
  for (const Block block : blocks_of(original, {0, original.size()}, 0, false)) {
    const auto error = error_of(original, block);
    if (!error) continue;
    const std::vector<Block> items = items_of(original, block);
    for (const Block item : items)
      if (const auto its = error_of(original, item)) drop(item, *its);
    if (items.empty()) drop(block, *error);
  }
  return left_out;
}

}  // namespace

ReadYaml read_yaml(const std::string& text, Complaints& complaints) {
  ReadYaml read{YamlDocument::parse(text)};
  if (!read.document.error()) return read;
  Lines lines = lines_of(text);
  const Lines original = lines;
  read.left_out = leave_out_broken(lines, complaints);
  read.document = YamlDocument::parse(joined(lines));
  if (read.document.error()) {
    complain(*read.document.error(), original, complaints);
    read.left_out = text;
  }
  return read;
}

}  // namespace systask::service
