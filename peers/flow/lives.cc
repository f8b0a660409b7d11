#include "peers/flow/lives.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <stdexcept>

#include "peers/flow/decimal.h"
#include "peers/flow/report.h"

namespace systask::peers::flow {
namespace {

constexpr std::string_view kMark = "\xEF\xBB\xBF";  // the byte order mark of UTF-8
constexpr std::string_view kBlanks = " \t";
constexpr std::array<std::string_view, kLifeColumns> kColumnNames{
    "t_us", "order", "event", "side", "price", "qty", "plan", "security"};
constexpr std::size_t kNeeded = 6;  // the first of them

std::size_t place_of(LifeColumn column) { return static_cast<std::size_t>(column); }
std::string_view name_of(LifeColumn column) { return kColumnNames[place_of(column)]; }

std::optional<LifeColumn> column_named(std::string_view name) {
  const auto* const found = std::ranges::find(kColumnNames, name);
  if (found == kColumnNames.end()) return {};
  return static_cast<LifeColumn>(found - kColumnNames.begin());
}

std::optional<std::int64_t> integer_in(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return {};
  return value;
}

bool is_one_of(std::string_view text, std::string_view letters) {
  return text.size() == 1 && letters.find(text.front()) != std::string_view::npos;
}

std::string_view without_mark(std::string_view text) {
  if (text.starts_with(kMark)) text.remove_prefix(kMark.size());
  return text;
}

}  // namespace

bool begins_with_lives(std::string_view text) {
  text = without_mark(text);
  text.remove_prefix(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
  std::string_view line = text.substr(0, text.find_first_of("\r\n"));
  while (!line.empty()) {
    const auto end = std::min(line.find(','), line.size());
    const std::string_view cell = line.substr(0, end);
    if (cell.find("t_us") != std::string_view::npos && cell.find('=') == std::string_view::npos)
      return true;
    line.remove_prefix(std::min(end + 1, line.size()));
  }
  return false;
}

LifeReader::LifeReader(FileName file, int quantity_scale)
    : name_(std::move(file)), scale_(quantity_scale), file_(name_) {
  read_heading();
}

void LifeReader::read_heading() {
  std::string_view line;
  const bool any = read_line(line);
  if (!any || !begins_with_lives(line))
    throw std::runtime_error(
        fmt::format("{} is no recorded flow: its first line must name the columns {} (and, where "
                    "wanted, plan and security); a log of FIX messages is read with --format fix",
                    name_.shown, kLivesHeading));
  for (const Cell& cell : cells_of(line)) {
    const auto column = column_named(cell.text);
    if (!column)
      complain_at(cell.at, fmt::format("'{}' is no column of a recorded flow; there are {}",
                                       cell.text, fmt::join(kColumnNames, ", ")));
    if (std::ranges::find(columns_, *column) != columns_.end())
      complain_at(cell.at, fmt::format("the column {} is there twice", cell.text));
    columns_.push_back(*column);
  }
  for (std::size_t i = 0; i < kNeeded; ++i)
    if (std::ranges::find(columns_, static_cast<LifeColumn>(i)) == columns_.end())
      complain_at(line.size() + 1, fmt::format("the column {} is missing", kColumnNames[i]));
}

std::optional<LifeRow> LifeReader::next() {
  std::string_view line;
  if (!read_line(line)) return {};
  const auto cells = cells_of(line);
  if (cells.size() != columns_.size())
    complain_at(cells.size() < columns_.size() ? line.size() + 1 : cells[columns_.size()].at,
                fmt::format("there are {} values, and the first line names {} columns",
                            cells.size(), columns_.size()));
  return row_of(cells);
}

LifeRow LifeReader::row_of(const std::vector<Cell>& cells) const {
  LifeRow row;
  row.line = line_number_;
  std::array<std::string_view, kLifeColumns> texts;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    texts[place_of(columns_[i])] = cells[i].text;
    row.at[place_of(columns_[i])] = cells[i].at;
  }
  const auto text = [&](LifeColumn column) { return texts[place_of(column)]; };
  const auto expect = [&](bool right, LifeColumn column, std::string_view expected) {
    if (!right)
      complain(row, column, fmt::format("found '{}', expected {}", text(column), expected));
  };
  const auto time = integer_in(text(LifeColumn::kTime));
  expect(time && *time >= 0, LifeColumn::kTime, "whole microseconds, 0 or more");
  const auto order = integer_in(text(LifeColumn::kOrder));
  expect(order && *order >= 0, LifeColumn::kOrder, "a number, 0 or more");
  expect(is_one_of(text(LifeColumn::kEvent), "AFCR"), LifeColumn::kEvent,
         "A (added), F (filled), C (cancelled) or R (replaced)");
  row.event = static_cast<LifeEvent>(text(LifeColumn::kEvent).front());
  const bool fresh = row.event == LifeEvent::kAdded;
  expect(is_one_of(text(LifeColumn::kSide), fresh ? "BA" : "BAN"), LifeColumn::kSide,
         fresh ? "B (bids, buys) or A (asks, sells)"
               : "B (bids, buys), A (asks, sells) or N (not said)");
  const auto price = parse_recorded_price(text(LifeColumn::kPrice));
  const bool fills = row.event == LifeEvent::kFilled;
  expect(price && (fills ? is_deal_price(*price) : is_order_price(*price)), LifeColumn::kPrice,
         fmt::format("a decimal of at most 8 places, {} and at most {}",
                     fills ? "above 0" : "0 or more", kMostPrice / kDecimalUnit));
  const std::string_view security = text(LifeColumn::kSecurity);
  expect(security.empty() || is_security(security), LifeColumn::kSecurity,
         "1 to 128 bytes without blanks and control characters, and not '-'");
  row.at_us = *time;
  row.order = *order;
  row.side = text(LifeColumn::kSide).front();
  row.price = *price;
  row.quantity = read_quantity(row, text(LifeColumn::kQuantity));
  row.plan = text(LifeColumn::kPlan);
  row.security = security;
  return row;
}

std::int64_t LifeReader::read_quantity(const LifeRow& row, std::string_view text) const {
  const auto quantity = parse_recorded_quantity(text, scale_);
  if (quantity && *quantity > 0) return *quantity;
  const int decimals = decimals_in(text);
  if (decimals > scale_ && decimals <= kMostScale && parse_recorded_quantity(text, decimals))
    complain(row, LifeColumn::kQuantity,
             fmt::format("{} has {} places behind the point: with --quantity-scale {} quantities "
                         "are counted in such parts",
                         text, decimals, decimals));
  complain(
      row, LifeColumn::kQuantity,
      fmt::format("found '{}', expected a quantity above 0 and up to {}", text, kMostQuantity));
}

// The next line that has anything in it.
bool LifeReader::read_line(std::string_view& line) {
  while (file_.read_line(line_, line)) {
    if (++line_number_ == 1) line = without_mark(line);
    if (line.size() + kMark.size() + 1 >= line_.size())
      complain_at(line_.size(), fmt::format("the line is longer than {} bytes", line_.size()));
    if (line.find_first_not_of(kBlanks) != std::string_view::npos) return true;
    ++blank_lines_;
  }
  return false;
}

std::vector<LifeReader::Cell> LifeReader::cells_of(std::string_view line) {
  std::vector<Cell> cells;
  cells.reserve(kLifeColumns);
  for (std::size_t begin = 0; begin <= line.size();) {
    const auto end = std::min(line.find(',', begin), line.size());
    const auto first = std::min(line.find_first_not_of(kBlanks, begin), end);
    auto text = line.substr(first, end - first);
    text = text.substr(0, text.find_last_not_of(kBlanks) + 1);
    if (text.size() > 1 && text.front() == '"' && text.back() == '"')
      text = text.substr(1, text.size() - 2);
    cells.push_back({text, first + 1});
    begin = end + 1;
  }
  return cells;
}

void LifeReader::complain(const LifeRow& row, LifeColumn column, std::string_view what) const {
  throw std::runtime_error(fmt::format("{}:{}:{}: {}: {}", name_.shown, row.line,
                                       row.at[place_of(column)], name_of(column), what));
}

void LifeReader::complain_at(std::size_t column, const std::string& what) const {
  throw std::runtime_error(fmt::format("{}:{}:{}: {}", name_.shown, line_number_, column, what));
}

}  // namespace systask::peers::flow
