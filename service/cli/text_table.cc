#include "service/cli/text_table.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>

namespace systask::service {
namespace {

namespace json = boost::json;

constexpr std::size_t kNarrowestText = 8;  // a cell of text is cut no shorter
constexpr std::string_view kEllipsis = "…";
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

// The text in so many columns at most, the end of what is longer cut off and marked.
std::string cut(const std::string& text, std::size_t columns) {
  if (width_of(text) <= columns) return text;
  std::size_t bytes = 0;
  for (std::size_t width = 0; bytes < text.size();) {
    const Glyph glyph = first_glyph(std::string_view{text}.substr(bytes));
    if (width + glyph.width + 1 > columns) break;
    width += glyph.width;
    bytes += glyph.bytes;
  }
  return text.substr(0, bytes) + std::string{kEllipsis};
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

TextTable cleaned(const TextTable& table) {
  TextTable clean = table;
  for (auto& row : clean.rows)
    for (std::string& cell : row)
      cell = cleaned(cell);
  return clean;
}

// Which columns are shown, and how wide: all of them on a pipe, what fits on a screen.
class Layout {
 public:
  Layout(const TextTable& table, std::size_t screen) : table_(table) {
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
      std::size_t widest = width_of(table.columns[i]);
      for (const auto& row : table.rows)
        widest = std::max(widest, width_of(row[i]));
      const bool number = all_numbers(table, i);
      const std::size_t least = std::max(width_of(table.columns[i]), kNarrowestText);
      columns_.push_back({widest, number ? widest : std::min(widest, least), number});
    }
    while (total() > screen && shrink(total() - screen)) {
    }
    while (total() > screen && columns_.size() > 1)
      columns_.pop_back();
    if (total() > screen) columns_.front().width = screen;
    // What a column that was left out has freed goes to those that were cut.
    for (std::size_t i = columns_.size(); columns_.size() < table.columns.size() && i-- > 0;)
      columns_[i].width += std::min(screen - total(), columns_[i].natural - columns_[i].width);
  }

  [[nodiscard]] std::string line(const std::vector<std::string>& cells) const {
    std::string line;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      const std::string cell = cut(cells[i], columns_[i].width);
      const std::string padding(columns_[i].width - std::min(columns_[i].width, width_of(cell)),
                                ' ');
      if (i > 0) line += kGap;
      line += columns_[i].number ? padding + cell : cell + padding;
    }
    line.erase(line.find_last_not_of(' ') + 1);
    return line + "\n";
  }
  // Names those that did not fit; empty where all did.
  [[nodiscard]] std::string left_out(std::size_t screen) const {
    if (columns_.size() == table_.columns.size()) return {};
    std::string text = "(no room for ";
    for (std::size_t i = columns_.size(); i < table_.columns.size(); ++i)
      text += table_.columns[i] + (i + 1 < table_.columns.size() ? ", " : "");
    return cut(text + "; -o wide shows all)", screen) + "\n";
  }

 private:
  struct Column {
    Column(std::size_t widest, std::size_t fewest, bool is_number)
        : width(widest), natural(widest), least(fewest), number(is_number) {}
    std::size_t width;
    std::size_t natural;  // of its widest cell
    std::size_t least;
    bool number;
  };

  [[nodiscard]] std::size_t total() const {
    std::size_t sum = columns_.empty() ? 0 : (columns_.size() - 1) * kGap.size();
    for (const Column& one : columns_)
      sum += one.width;
    return sum;
  }
  // Takes from the widest column that can be cut; false: none can.
  bool shrink(std::size_t excess) {
    Column* widest = nullptr;
    std::size_t second = 0;
    for (Column& one : columns_) {
      if (one.width <= one.least) continue;
      if (widest == nullptr || one.width > widest->width) {
        second = widest == nullptr ? 0 : widest->width;
        widest = &one;
      } else {
        second = std::max(second, one.width);
      }
    }
    if (widest == nullptr) return false;
    const std::size_t step =
        std::max<std::size_t>(widest->width - std::min(widest->width, second), 1);
    widest->width -= std::min({step, excess, widest->width - widest->least});
    return true;
  }

  const TextTable& table_;
  std::vector<Column> columns_;
};

// The words of a value in lines of so many columns.
std::vector<std::string> broken(const std::string& text, std::size_t columns) {
  std::vector<std::string> lines{""};
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t end = std::min(text.find(' ', at), text.size());
    const std::string word = text.substr(at, end - at);
    std::string& line = lines.back();
    if (!line.empty() && width_of(line) + 1 + width_of(word) > columns)
      lines.push_back(word);
    else
      line += (line.empty() ? "" : " ") + word;
    at = end + 1;
  }
  return lines;
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

std::string render_table(const TextTable& table, Screen screen) {
  if (table.rows.empty()) return "(nothing to show)\n";
  const TextTable shown = cleaned(table);
  const Layout layout{shown, screen.width};
  std::string text = layout.line(shown.columns);
  for (const auto& row : shown.rows)
    text += layout.line(row);
  return text + layout.left_out(screen.width);
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

std::string render_object(const json::object& object, Screen screen) {
  const auto is_table = [](const json::value& value) {
    const auto* const array = value.if_array();
    return array != nullptr && !array->empty() && array->front().is_object();
  };
  std::size_t widest = 0;
  for (const auto& [key, value] : object)
    if (!is_table(value)) widest = std::max(widest, key.size());
  const std::size_t indent = widest + 3;
  const std::size_t room =
      std::max(screen.width - std::min(screen.width, indent), 2 * kNarrowestText);
  std::string lines;
  std::string tables;
  for (const auto& [key, value] : object) {
    const std::string name{key};
    if (is_table(value)) {
      tables +=
          fmt::format("\n{}:\n{}", name, render_table(table_of(value.get_array(), {}), screen));
      continue;
    }
    lines += fmt::format(
        "{:<{}}  {}\n", name + ":", widest + 1,
        fmt::join(broken(cleaned(plain(value)), room), "\n" + std::string(indent, ' ')));
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
