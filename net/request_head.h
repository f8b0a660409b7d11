// What the head of an HTTP request (RFC 9112) says of where it goes, where its body ends, and
// whose page sends it. Pure functions over the fields as they came; any thread.
//
// A head that leaves open where its request ends is refused and its connection closed: what
// follows could otherwise be read as a request that nobody made.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace systask::net {

struct RequestHead {
  std::string_view target;  // as it came: "/api?limit=1", "http://127.0.0.1:8787/api"
  unsigned version = 11;    // 10 or 11
  std::vector<std::pair<std::string_view, std::string_view>> fields;  // in their order
};

struct HeadRefusal {
  int status;
  std::string detail;  // a sentence in printable ASCII, without quotes and backslashes
};

// 400 for a Host that is missing, doubled or none, and for a body whose end is not clear; 501
// for a transfer coding that is not known here. The connection must be closed after either.
[[nodiscard]] std::optional<HeadRefusal> framing_refusal(const RequestHead& head);

// The names by which a service may be asked, without ports.
struct HostRules {
  std::vector<std::string> allowed;  // "tasks.example.com"; "*" is any
  std::string local_address;         // at which the connection came in: "10.0.0.7"
};

// 403 where the request names another host than ours (a page whose name was bound to our address
// does), or comes from the page of another origin. Loopback addresses, localhost and the address
// of the connection are ours always. Programs send neither Origin nor Sec-Fetch-Site.
[[nodiscard]] std::optional<HeadRefusal> stranger_refusal(const RequestHead& head,
                                                          const HostRules& rules);

}  // namespace systask::net
