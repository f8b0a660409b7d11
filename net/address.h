// Addresses as people write them: HOST:PORT.
#pragma once

#include <string>

#include "base/result.h"
#include "net/client.h"

namespace systask::net {

// "127.0.0.1:8787", "[::1]:8787", "trading.example:8787". Refused: BAD_ADDRESS.
[[nodiscard]] Result<Address> parse_address(const std::string& text);
[[nodiscard]] std::string text_of(const Address& address);

}  // namespace systask::net
