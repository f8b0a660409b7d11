// Whether two bodies are one message said twice.
#pragma once

#include <string_view>

namespace systask::trading {

// Byte for byte or, both being JSON, by value: neither the order of members nor blanks count.
[[nodiscard]] bool same_body(std::string_view a, std::string_view b);

}  // namespace systask::trading
