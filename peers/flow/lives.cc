#include "peers/flow/lives.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <stdexcept>

#include "peers/flow/decimal.h"

namespace systask::peers::flow {
namespace {

bool parse_integer(std::string_view text, std::int64_t& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size();
}

bool parse_event(std::string_view text, LifeEvent& event) {
  if (text.size() != 1 || std::string_view{"AFCR"}.find(text[0]) == std::string_view::npos)
    return false;
  event = static_cast<LifeEvent>(text[0]);
  return true;
}

std::optional<LifeRow> parse_row(std::string_view line) {
  std::array<std::string_view, 6> cells;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const auto comma = line.find(',');
    if ((comma == std::string_view::npos) != (i + 1 == cells.size())) return {};
    cells[i] = line.substr(0, comma);
    if (comma != std::string_view::npos) line.remove_prefix(comma + 1);
  }
  LifeRow row;
  const auto price = parse_decimal(cells[4]);
  if (!parse_integer(cells[0], row.at_us) || !parse_integer(cells[1], row.order) ||
      !parse_event(cells[2], row.event) || cells[3].size() != 1 || !price ||
      !parse_integer(cells[5], row.quantity) || row.order < 0 || row.quantity <= 0)
    return {};
  row.side = cells[3][0];
  row.price = *price;
  return row;
}

}  // namespace

LifeReader::LifeReader(const std::string& path) : path_(path), file_(path) {
  std::string_view heading;
  if (!read_line(heading) || heading != kLivesHeading)
    throw std::runtime_error(
        fmt::format("{} is no recorded flow: its first line must be {}; a log of FIX messages is "
                    "read with --format fix",
                    path, kLivesHeading));
}

std::optional<LifeRow> LifeReader::next() {
  std::string_view line;
  if (!read_line(line)) return {};
  const auto row = parse_row(line);
  if (!row) complain(line);
  return row;
}

bool LifeReader::read_line(std::string_view& line) {
  ++line_number_;
  return file_.read_line(line_, line);
}

void LifeReader::complain(std::string_view line) const {
  throw std::runtime_error(
      fmt::format("{}:{}: \"{}\" is no row of a recorded flow; expected {} with event A, F, C or R",
                  path_, line_number_, line, kLivesHeading));
}

}  // namespace systask::peers::flow
