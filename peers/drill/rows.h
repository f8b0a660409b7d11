// The rows of an answer of the API: a list, or the first list in an object.
#pragma once

#include <boost/json/fwd.hpp>

namespace systask::peers::drill {

// Valid as long as the answer is. An answer without a list has no rows.
[[nodiscard]] const boost::json::array& rows_of(const boost::json::value& answer);

}  // namespace systask::peers::drill
