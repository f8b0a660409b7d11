// Mail addresses as tasks.yaml may have them. A pure function; any thread.
#pragma once

#include <string_view>

namespace systask::service {

// Whether it may stand in a header and on a command line: NAME@HOST or a local NAME, of letters,
// digits and "._+-=/", that does not begin with a dash; at most 254 bytes.
[[nodiscard]] bool is_mail_address(std::string_view text);

}  // namespace systask::service
