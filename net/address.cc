#include "net/address.h"

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <cctype>

namespace systask::net {
namespace {

namespace ip = boost::asio::ip;

// The address that a text is, or 192.0.2.0, which is nobody's, for a name.
ip::address address_in(const std::string& text) {
  boost::system::error_code error;
  const auto address = ip::make_address(text, error);
  return error ? ip::make_address("192.0.2.0") : address;
}

}  // namespace

Address address_to_ask(Address listens) {
  const ip::address address = address_in(listens.host);
  if (address.is_unspecified()) listens.host = address.is_v6() ? "::1" : "127.0.0.1";
  return listens;
}

bool is_loopback(std::string_view host) {
  std::string name{host};
  std::ranges::transform(name, name.begin(), [](unsigned char c) { return std::tolower(c); });
  return name == "localhost" || address_in(name).is_loopback();
}

std::string text_of(const Address& address) {
  const bool v6 = address.host.find(':') != std::string::npos;
  return (v6 ? "[" + address.host + "]" : address.host) + ":" + address.port;
}

Result<Address> parse_address(const std::string& text) {
  const auto colon = text.rfind(':');
  const std::string host = text.substr(0, colon);
  const bool in_brackets = host.size() > 2 && host.front() == '[' && host.back() == ']';
  const bool has_port = colon != std::string::npos && colon + 1 < text.size() &&
                        text.find_first_not_of("0123456789", colon + 1) == std::string::npos;
  if (!has_port || host.empty() || host == "[]" ||
      (host.find(':') != std::string::npos && !in_brackets))
    return Refusal{"BAD_ADDRESS", "'" + text +
                                      "' is no address: give HOST:PORT, such as 127.0.0.1:8787 or "
                                      "[::1]:8787"};
  return Address{in_brackets ? host.substr(1, host.size() - 2) : host, text.substr(colon + 1)};
}

}  // namespace systask::net
