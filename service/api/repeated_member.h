// Which member an object of JSON has twice. Readers of JSON take the first or the last of two, each
// as it likes, so what was meant is not known (RFC 8259, 4). A pure function.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace systask::service {

// A sentence about the first name that an object has twice, at any depth; nothing where none has.
// The text must be JSON.
[[nodiscard]] std::optional<std::string> repeated_member(std::string_view json);

}  // namespace systask::service
