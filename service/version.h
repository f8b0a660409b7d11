// The version of the binary, as `systask version`, /api/status and the log say it.
#pragma once

#include <string_view>

namespace systask::service {

inline constexpr std::string_view kVersion = "0.1.0";

}  // namespace systask::service
