// Reads on after a syntax error, so that one missing bracket does not hide the other
// mistakes of a file.
#pragma once

#include <string>

#include "service/config/mistake.h"
#include "service/config/yaml.h"

namespace systask::service {

struct ReadYaml {
  YamlDocument document;
  // The text that had to be left out: what is missing may stand there in truth. Empty: none.
  std::string left_out;
};

// Complains about each list item and top-level key that is no YAML by itself, leaves it out
// and reads the rest; where that does not help, what stands before the error.
[[nodiscard]] ReadYaml read_yaml(const std::string& text, Complaints& complaints);

}  // namespace systask::service
