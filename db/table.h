// A Table is an answer for people and programs: named columns and rows of cells, rendered
// as text or as JSON in one place. A value; knows nothing of where it came from.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace systask::db {

struct Column {
  enum class Type {
    kText,
    kInteger,
    kTime,   // microseconds since 1970 in UTC; 0 is never; shown as RFC 3339
    kPrice,  // fixed point with eight decimals; shown as a decimal
    kFlag,   // 0 or 1
  };
  std::string name;
  Type type = Type::kText;

  friend bool operator==(const Column&, const Column&) = default;
};

struct Table {
  using Cell = std::variant<std::monostate, std::int64_t, std::string>;
  using Row = std::vector<Cell>;

  // Where the column of that name is; the number of columns where there is none.
  [[nodiscard]] std::size_t column(std::string_view name) const {
    std::size_t at = 0;
    while (at < columns.size() && columns[at].name != name)
      ++at;
    return at;
  }

  std::vector<Column> columns;
  std::vector<Row> rows;
  bool cut = false;  // there were more rows, but no more bytes were asked for
};

}  // namespace systask::db
