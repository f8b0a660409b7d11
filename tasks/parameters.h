// The parameters of the C++ tasks, declared once: Given reads runs by them, and the check of a
// configuration holds it against them. Plain values; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"

namespace systask::tasks {

struct Parameter {
  enum class Kind { kNumber, kDuration, kWord };
  std::string_view name;
  Kind kind = Kind::kNumber;
  std::int64_t otherwise = 0;  // where it is not given; of a duration in microseconds
  std::int64_t low = 0;        // both ends are allowed
  std::int64_t high = 0;
  std::vector<std::string_view> words = {};  // of a word; the first is what it is otherwise
};
using ParameterRules = std::vector<Parameter>;

[[nodiscard]] Parameter number(std::string_view name, std::int64_t otherwise, std::int64_t low,
                               std::int64_t high);
[[nodiscard]] Parameter duration(std::string_view name, Micros otherwise, Micros low);
[[nodiscard]] Parameter word(std::string_view name, std::vector<std::string_view> words);

// What was expected instead, where the text is not allowed; else nothing.
[[nodiscard]] std::optional<std::string> expected_instead(const Parameter& parameter,
                                                          std::string_view text);
// What was expected instead of a name that none of them has: "only keep", "no parameters".
[[nodiscard]] std::string expected_names(const ParameterRules& rules);

// Of the C++ task of that name; nothing where there is none.
[[nodiscard]] std::optional<ParameterRules> parameters_of(std::string_view task);

}  // namespace systask::tasks
