// Reads on after a syntax error, so that one missing bracket does not hide the other
// mistakes of a file.
#pragma once

#include <string>

#include "service/config/mistake.h"
#include "service/config/yaml.h"

namespace systask::service {

struct ReadYaml {
  YamlDocument document;
  // False where something had to be left out: what is missing may be there in truth.
  bool whole = true;
};

// Complains about each syntax error, leaves out the list item or top-level key in which it
// stands, and reads the rest; where that does not help, what stands before the error.
[[nodiscard]] ReadYaml read_yaml(const std::string& text, Complaints& complaints);

}  // namespace systask::service
