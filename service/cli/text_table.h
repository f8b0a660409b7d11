// A table as text for a terminal: aligned columns, numbers to the right, one line a row.
#pragma once

#include <boost/json/fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace systask::service {

struct TextTable {
  std::vector<std::string> columns;
  std::vector<std::vector<std::string>> rows;  // as many cells as there are columns
};

// Cells wider than 60 are cut, except those of the last column, and control characters
// become spaces. Chinese and the like count as two wide. Without rows: one line that says so.
[[nodiscard]] std::string render_table(const TextTable& table);

// One row an object, with the named columns; with none named, those of the first object.
[[nodiscard]] TextTable table_of(const boost::json::array& rows,
                                 const std::vector<std::string>& columns);

// An object as lines `name: value`; arrays of objects as tables below.
[[nodiscard]] std::string render_object(const boost::json::object& object);

// A value as people write it: a string without quotes, nothing as "-".
[[nodiscard]] std::string plain(const boost::json::value& value);

// The columns of a terminal that the text takes.
[[nodiscard]] std::size_t width_of(std::string_view utf8);

}  // namespace systask::service
