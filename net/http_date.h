// The time of an answer as HTTP writes it (RFC 9110, 5.6.7). Pure; any thread.
#pragma once

#include <string>

#include "base/clock.h"

namespace systask::net {

// "Sun, 06 Nov 1994 08:49:37 GMT".
[[nodiscard]] std::string http_date(TimePoint at);

}  // namespace systask::net
