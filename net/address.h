// Addresses as people write them: HOST:PORT.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "net/client.h"

namespace systask::net {

// "127.0.0.1:8787", "[::1]:8787", "trading.example:8787". Refused: BAD_ADDRESS.
[[nodiscard]] Result<Address> parse_address(const std::string& text);
[[nodiscard]] std::string text_of(const Address& address);

// Where one on this machine reaches what listens there: 127.0.0.1 for 0.0.0.0, ::1 for ::.
[[nodiscard]] Address address_to_ask(Address listens);

// "localhost", 127.0.0.0/8 and ::1, however they are written.
[[nodiscard]] bool is_loopback(std::string_view host);

}  // namespace systask::net
