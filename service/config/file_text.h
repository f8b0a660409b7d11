// The text of a file that the configuration is made of.
#pragma once

#include <string>

#include "base/result.h"

namespace systask::service {

// The whole file; UNREADABLE, with the reason alone ("No such file or directory") as its message.
[[nodiscard]] Result<std::string> text_of_file(const std::string& file);

}  // namespace systask::service
