// The text of a file: of the configuration, of secrets, of what a command is given.
#pragma once

#include <string>

#include "base/result.h"

namespace systask::service {

// The whole file; UNREADABLE, with the reason alone ("No such file or directory") as its message.
[[nodiscard]] Result<std::string> text_of_file(const std::string& file);

// The whole file of secrets; BAD_SECRETS where it cannot be read, or where others than its owner
// may read it: its mode must be 0600.
[[nodiscard]] Result<std::string> text_of_private_file(const std::string& file);

}  // namespace systask::service
