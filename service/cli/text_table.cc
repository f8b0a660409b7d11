#include "service/cli/text_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>

namespace systask::service {
namespace {

namespace json = boost::json;

constexpr std::size_t kWidestCell = 60;
constexpr std::string_view kGap = "  ";

struct Range {
  char32_t first;
  char32_t last;
};
// What terminals draw two columns wide.
constexpr std::array kWide{
    Range{0x1100, 0x115F}, Range{0x2E80, 0xA4CF},   Range{0xAC00, 0xD7A3},
    Range{0xF900, 0xFAFF}, Range{0xFE30, 0xFE6F},   Range{0xFF00, 0xFF60},
    Range{0xFFE0, 0xFFE6}, Range{0x1F300, 0x1F9FF}, Range{0x20000, 0x3FFFD},
};

struct Glyph {
  std::size_t bytes;
  std::size_t width;
};

// The character at the beginning of the text; a broken byte counts as one.
Glyph first_glyph(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text.front());
  std::size_t bytes = 1;
  if (lead >= 0xF0)
    bytes = 4;
  else if (lead >= 0xE0)
    bytes = 3;
  else if (lead >= 0xC0)
    bytes = 2;
  bytes = std::min(bytes, text.size());
  if (bytes == 1) return {1, 1};
  char32_t code = lead & (0xFFU >> (bytes + 1));
  for (std::size_t i = 1; i < bytes; ++i)
    code = (code << 6) | (static_cast<unsigned char>(text[i]) & 0x3FU);
  const bool wide =
      std::ranges::any_of(kWide, [code](Range r) { return r.first <= code && code <= r.last; });
  return {bytes, wide ? std::size_t{2} : std::size_t{1}};
}

std::string cleaned(std::string_view text) {
  std::string clean{text};
  std::ranges::replace_if(
      clean, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }, ' ');
  return clean;
}

std::string cut(const std::string& text) {
  if (width_of(text) <= kWidestCell) return text;
  std::size_t bytes = 0;
  for (std::size_t width = 0; bytes < text.size();) {
    const Glyph glyph = first_glyph(std::string_view{text}.substr(bytes));
    if (width + glyph.width > kWidestCell - 3) break;
    width += glyph.width;
    bytes += glyph.bytes;
  }
  return text.substr(0, bytes) + "...";
}

bool is_number(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789.-") == std::string_view::npos &&
         text.find_first_of("0123456789") != std::string_view::npos;
}

bool all_numbers(const TextTable& table, std::size_t column) {
  return std::ranges::all_of(table.rows, [column](const auto& row) {
    return row[column] == "-" || row[column].empty() || is_number(row[column]);
  });
}

std::string line_of(const std::vector<std::string>& cells, const std::vector<std::size_t>& widths,
                    const std::vector<bool>& to_right) {
  std::string line;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const std::string padding(widths[i] - std::min(widths[i], width_of(cells[i])), ' ');
    if (i > 0) line += kGap;
    line += to_right[i] ? padding + cells[i] : cells[i] + padding;
  }
  line.erase(line.find_last_not_of(' ') + 1);
  return line + "\n";
}

TextTable fit_for_terminal(const TextTable& table) {
  TextTable shown = table;
  for (auto& row : shown.rows)
    for (std::size_t i = 0; i < row.size(); ++i)
      row[i] = i + 1 < row.size() ? cut(cleaned(row[i])) : cleaned(row[i]);
  return shown;
}

}  // namespace

std::size_t width_of(std::string_view utf8) {
  std::size_t width = 0;
  while (!utf8.empty()) {
    const Glyph glyph = first_glyph(utf8);
    width += glyph.width;
    utf8.remove_prefix(glyph.bytes);
  }
  return width;
}

std::string render_table(const TextTable& table) {
  if (table.rows.empty()) return "(nothing to show)\n";
  const TextTable shown = fit_for_terminal(table);
  std::vector<std::size_t> widths;
  std::vector<bool> to_right;
  for (std::size_t i = 0; i < shown.columns.size(); ++i) {
    std::size_t widest = width_of(shown.columns[i]);
    for (const auto& row : shown.rows)
      widest = std::max(widest, width_of(row[i]));
    widths.push_back(widest);
    to_right.push_back(all_numbers(shown, i));
  }
  std::string text = line_of(shown.columns, widths, to_right);
  for (const auto& row : shown.rows)
    text += line_of(row, widths, to_right);
  return text;
}

TextTable table_of(const json::array& rows, const std::vector<std::string>& columns) {
  TextTable table{columns, {}};
  if (columns.empty() && !rows.empty() && rows.front().is_object())
    for (const auto& member : rows.front().get_object())
      table.columns.emplace_back(member.key());
  for (const auto& row : rows) {
    const auto* object = row.if_object();
    if (object == nullptr) continue;
    auto& cells = table.rows.emplace_back();
    for (const auto& column : table.columns) {
      const auto* value = object->if_contains(column);
      cells.push_back(value == nullptr ? "-" : plain(*value));
    }
  }
  return table;
}

std::string render_object(const json::object& object) {
  const auto is_table = [](const json::value& value) {
    const auto* const array = value.if_array();
    return array != nullptr && !array->empty() && array->front().is_object();
  };
  std::size_t widest = 0;
  for (const auto& [key, value] : object)
    if (!is_table(value)) widest = std::max(widest, key.size());
  std::string lines;
  std::string tables;
  for (const auto& [key, value] : object) {
    const std::string name{key};
    if (is_table(value))
      tables += fmt::format("\n{}:\n{}", name, render_table(table_of(value.get_array(), {})));
    else
      lines += fmt::format("{:<{}}  {}\n", name + ":", widest + 1, cleaned(plain(value)));
  }
  return lines + tables;
}

std::string plain(const json::value& value) {
  if (value.is_null()) return "-";
  if (value.is_string()) return std::string{value.get_string()};
  if (const auto* object = value.if_object()) {
    std::string text;
    for (const auto& [key, member] : *object)
      text += fmt::format("{}{}={}", text.empty() ? "" : " ", std::string_view{key}, plain(member));
    return text.empty() ? "-" : text;
  }
  return json::serialize(value);
}

}  // namespace systask::service
