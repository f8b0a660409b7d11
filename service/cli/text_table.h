// A table as text for a terminal: aligned columns, numbers to the right, one line a row.
#pragma once

#include <boost/json/fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "service/cli/screen.h"

namespace systask::service {

struct TextTable {
  std::vector<std::string> columns;
  std::vector<std::vector<std::string>> rows;  // as many cells as there are columns
};

// Never wider than the screen: the widest texts are cut, with an ellipsis, numbers never; where
// that is not enough, the last columns are left out, and a line below names them. Control
// characters become spaces; Chinese and the like count as two wide. Without rows: one line that
// says so.
[[nodiscard]] std::string render_table(const TextTable& table, Screen screen = standard_output());

// One row an object, with the named columns; with none named, those of the first object.
[[nodiscard]] TextTable table_of(const boost::json::array& rows,
                                 const std::vector<std::string>& columns);

// An object as lines `name: value`, nothing of a value left out: what is wider than the screen goes
// on in the next line, below its beginning. Arrays of objects are tables below.
[[nodiscard]] std::string render_object(const boost::json::object& object,
                                        Screen screen = standard_output());

// A value as people write it: a string without quotes, nothing as "-".
[[nodiscard]] std::string plain(const boost::json::value& value);

// The columns of a terminal that the text takes.
[[nodiscard]] std::size_t width_of(std::string_view utf8);

}  // namespace systask::service
