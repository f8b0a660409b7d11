// What people see of an answer of the service: states with their names. What programs get (--json)
// keeps its members.
#pragma once

#include <boost/json/fwd.hpp>

namespace systask::service {

// In each row: `status` and `status_name` become one column, "running (2)", and so do `state`
// and `side` with their names. Rows are objects; others are left alone.
void merge_names(boost::json::array& rows);
void merge_names(boost::json::object& row);

}  // namespace systask::service
