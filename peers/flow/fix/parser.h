// One FIX message, parsed. This header is all that the rest of the flow knows of libquickfix,
// whose own headers compile only up to C++14: so does this one. Values; any thread.
#pragma once

#include <string>
#include <vector>

namespace systask::peers::flow::fix {

struct Field {
  int tag = 0;
  std::string value;
};
using FieldList = std::vector<Field>;

struct Parsed {
  std::string type;               // MsgType (35)
  FieldList fields;               // of header and body, sorted by tag; without groups
  std::vector<FieldList> orders;  // of lists (E, N): each entry of NoOrders (73), in its order
};

// Parses a whole message, its fields ended by SOH. Throws std::runtime_error with the
// library's reason where it is none.
Parsed parse(const std::string& text);

}  // namespace systask::peers::flow::fix
