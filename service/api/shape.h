// Shapes of JSON in one line each, from which the OpenAPI document's schemas are made:
//
//   "run: int, task: text, gone?: flag, output: [Output], today: Step|null, given: {text}"
//
// A member with '?' may be absent. Types: int, number, text, flag, time (RFC 3339), any, the name
// of a shape (its first letter is large), [type] a list, {type} an object of such members;
// "|null" after a type allows null. "...Run" stands for the members of that shape, "...?Run" for
// them as ones that may be absent; what is named twice is as it was named first. Pure functions; a
// shape that is none is a bug (CHECK).
#pragma once

#include <boost/json/fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace systask::service {

// The schema of an object with these members; closed: it may have no others.
[[nodiscard]] boost::json::object schema_of(std::string_view members, bool closed);
// The schema of one type: "[Run]", "int|null".
[[nodiscard]] boost::json::object schema_of_type(std::string_view type);

struct ShapeMember {
  std::string name;
  std::string type;
  bool optional = false;
};
[[nodiscard]] std::vector<ShapeMember> members_of(std::string_view members);

}  // namespace systask::service
