#include "net/authority.h"

#include <algorithm>
#include <boost/asio/ip/address_v6.hpp>
#include <charconv>

namespace systask::net {
namespace {

constexpr std::size_t kLongestHost = 255;

bool is_of_a_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_';
}

std::string small(std::string_view text) {
  std::string out{text};
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

// Of "http://x/a" the 7 that "http://" takes, else 0.
std::size_t scheme_size(std::string_view target) {
  for (const std::string_view scheme : {"http://", "https://"})
    if (small(target.substr(0, scheme.size())) == scheme) return scheme.size();
  return 0;
}

// The host in one spelling, or nothing.
std::optional<std::string> host_of(std::string_view text) {
  if (text.starts_with('[') && text.ends_with(']')) {
    boost::system::error_code error;
    const auto address =
        boost::asio::ip::make_address_v6(std::string{text.substr(1, text.size() - 2)}, error);
    if (error) return std::nullopt;
    return address.to_string();
  }
  if (text.ends_with('.')) text.remove_suffix(1);
  if (text.empty() || text.size() > kLongestHost || !std::ranges::all_of(text, is_of_a_name))
    return std::nullopt;
  return small(text);
}

}  // namespace

std::optional<Authority> parse_authority(std::string_view text) {
  const auto bracket = text.rfind(']');
  const auto colon = text.rfind(':');
  const bool has_port =
      colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket);
  const auto host = host_of(has_port ? text.substr(0, colon) : text);
  if (!host) return std::nullopt;
  Authority authority{*host, {}};
  if (!has_port || colon + 1 == text.size()) return authority;
  std::uint16_t port = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data() + colon + 1, end, port);
  if (error != std::errc{} || stop != end) return std::nullopt;
  authority.port = port;
  return authority;
}

std::optional<std::string_view> authority_of_target(std::string_view target) {
  const std::size_t scheme = scheme_size(target);
  if (scheme == 0) return std::nullopt;
  return target.substr(scheme, target.find_first_of("/?#", scheme) - scheme);
}

std::string origin_form(std::string_view target) {
  const auto authority = authority_of_target(target);
  if (!authority) return std::string{target};
  const std::string_view rest = target.substr(scheme_size(target) + authority->size());
  return rest.starts_with('/') ? std::string{rest} : "/" + std::string{rest};
}

}  // namespace systask::net
