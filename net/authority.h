// Who is asked, as HTTP writes it: "localhost:8787", "[::1]". Pure functions; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace systask::net {

struct Authority {
  std::string host;  // in small letters, without brackets and without a last dot
  std::optional<std::uint16_t> port;
};

// Nothing where the text is no HOST or HOST:PORT: letters, digits, '-', '.' and '_', or an IPv6
// address in brackets. "HOST:" has no port.
[[nodiscard]] std::optional<Authority> parse_authority(std::string_view text);

// What stands between the scheme and the path of an absolute target ("http://x:80/a": "x:80");
// nothing of any other target.
[[nodiscard]] std::optional<std::string_view> authority_of_target(std::string_view target);

// A target without its scheme and authority: "/a?b" of "http://x/a?b", "/" of "http://x".
[[nodiscard]] std::string origin_form(std::string_view target);

}  // namespace systask::net
