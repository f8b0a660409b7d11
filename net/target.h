// The target of an HTTP request ("/api/plans/7?limit=10", "http://x/api", "*"), decoded.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace systask::net {

struct Target {
  std::string path;
  std::map<std::string, std::string> query;  // of a key given twice, the last value
  std::string repeated;                      // a key given twice, or empty
};

// Nothing where the text is not a path with an optional query, or is wrongly escaped. What
// stands before the path of an absolute target is left out.
[[nodiscard]] std::optional<Target> parse_target(std::string_view text);

}  // namespace systask::net
