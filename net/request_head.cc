#include "net/request_head.h"

#include <algorithm>
#include <charconv>

#include "net/address.h"
#include "net/authority.h"

namespace systask::net {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool same_word(std::string_view left, std::string_view right) {
  return std::ranges::equal(left, right, {}, lower, lower);
}

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::vector<std::string_view> values_of(const RequestHead& head, std::string_view name) {
  std::vector<std::string_view> values;
  for (const auto& [key, value] : head.fields)
    if (same_word(key, name)) values.push_back(trimmed(value));
  return values;
}

// The elements of a field that is a list, over all of its lines.
std::vector<std::string_view> list_of(const RequestHead& head, std::string_view name) {
  std::vector<std::string_view> elements;
  for (std::string_view rest : values_of(head, name))
    for (;;) {
      const auto comma = rest.find(',');
      elements.push_back(trimmed(rest.substr(0, comma)));
      if (comma == std::string_view::npos) break;
      rest.remove_prefix(comma + 1);
    }
  return elements;
}

HeadRefusal bad(std::string detail) { return {400, std::move(detail)}; }

std::optional<HeadRefusal> host_refusal(const RequestHead& head) {
  const auto hosts = values_of(head, "Host");
  if (hosts.empty() && head.version < 11) return std::nullopt;
  if (hosts.empty()) return bad("the request has no Host: HTTP/1.1 asks for one");
  if (hosts.size() > 1) return bad("the request has more than one Host: send one");
  if (!parse_authority(hosts.front()))
    return bad("the Host is no HOST or HOST:PORT, such as 127.0.0.1:8787");
  return std::nullopt;
}

std::optional<HeadRefusal> coding_refusal(const RequestHead& head) {
  const auto codings = list_of(head, "Transfer-Encoding");
  if (codings.empty()) return std::nullopt;
  if (head.version < 11)
    return bad("HTTP/1.0 has no Transfer-Encoding: send a Content-Length instead");
  if (!same_word(codings.back(), "chunked") ||
      std::ranges::count_if(codings, [](auto one) { return same_word(one, "chunked"); }) != 1)
    return bad("the Transfer-Encoding does not end with one chunked: where the body ends is open");
  if (!values_of(head, "Content-Length").empty())
    return bad("the request has a Transfer-Encoding and a Content-Length: send one of them");
  if (codings.size() > 1)
    return HeadRefusal{501, "a body may be chunked, but not packed by another transfer coding"};
  return std::nullopt;
}

std::optional<HeadRefusal> length_refusal(const RequestHead& head) {
  const auto lengths = values_of(head, "Content-Length");
  if (lengths.size() > 1) return bad("the request has more than one Content-Length: send one");
  if (lengths.empty()) return std::nullopt;
  const auto digits = lengths.front();
  if (digits.empty() || digits.find_first_not_of("0123456789") != std::string_view::npos)
    return bad("the Content-Length is no number");
  return std::nullopt;
}

// The scheme's own port where an authority names none.
std::uint16_t port_of(const Authority& authority, std::string_view scheme) {
  constexpr std::uint16_t kHttp = 80;
  constexpr std::uint16_t kHttps = 443;
  return authority.port.value_or(scheme == "https" ? kHttps : kHttp);
}

bool is_origin_of(std::string_view origin, const Authority& host) {
  const auto mark = origin.find("://");
  if (mark == std::string_view::npos) return false;
  const std::string_view scheme = origin.substr(0, mark);
  if (scheme != "http" && scheme != "https") return false;
  const auto page = parse_authority(origin.substr(mark + 3));
  return page && page->host == host.host && port_of(*page, scheme) == port_of(host, scheme);
}

// Where the request goes: an absolute target says so before Host does.
std::optional<Authority> destination_of(const RequestHead& head) {
  if (const auto absolute = authority_of_target(head.target)) return parse_authority(*absolute);
  const auto hosts = values_of(head, "Host");
  return hosts.empty() ? std::nullopt : parse_authority(hosts.front());
}

bool is_ours(const std::string& host, const HostRules& rules) {
  return is_loopback(host) || host == rules.local_address ||
         std::ranges::any_of(
             rules.allowed, [&](const auto& name) { return name == "*" || same_word(name, host); });
}

}  // namespace

std::optional<HeadRefusal> framing_refusal(const RequestHead& head) {
  if (auto refusal = host_refusal(head)) return refusal;
  if (const auto absolute = authority_of_target(head.target);
      absolute && !parse_authority(*absolute))
    return bad("the target names no HOST or HOST:PORT after its scheme");
  if (auto refusal = coding_refusal(head)) return refusal;
  return length_refusal(head);
}

std::optional<HeadRefusal> stranger_refusal(const RequestHead& head, const HostRules& rules) {
  const auto host = destination_of(head);
  if (host && !is_ours(host->host, rules))
    return HeadRefusal{403, host->host +
                                " is no name of this service: ask by its address, or add the name "
                                "to service.allowed_hosts"};
  for (const std::string_view origin : values_of(head, "Origin"))
    if (!host || !is_origin_of(origin, *host))
      return HeadRefusal{403,
                         "a page of another origin may not ask here: load it from this service"};
  for (const std::string_view site : values_of(head, "Sec-Fetch-Site"))
    if (same_word(site, "cross-site"))
      return HeadRefusal{403, "a page of another site may not ask here: load it from this service"};
  return std::nullopt;
}

}  // namespace systask::net
