#include "service/cli/service_client.h"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <cstdlib>
#include <limits>
#include <sstream>
#include <utility>

#include "net/address.h"
#include "service/api/times_in_zone.h"
#include "service/config/file_text.h"

namespace systask::service {
namespace {

namespace json = boost::json;

net::Address address_of(const std::string& connect) {
  auto address = net::parse_address(connect);
  if (address.has_error())
    throw CliError(
        fmt::format("--connect (or SYSTASK_CONNECT) is no address: {}", address.error().message));
  return std::move(*address);
}

std::string read_token(const std::string& path) {
  if (path.empty()) return {};
  const auto text = text_of_file(path);
  const std::string line = text ? text->substr(0, text->find('\n')) : std::string{};
  std::istringstream words{line};
  std::string token;
  for (std::string word; words >> word;)
    token = word;
  if (token.empty())
    throw CliError(
        fmt::format("no token can be read from '{}': its first line must be a token that the "
                    "service was given, or that token's line in the service's own file",
                    path));
  return token;
}

std::string detail_of(const json::value& answer) {
  if (const auto* object = answer.if_object())
    if (const auto* detail = object->if_contains("detail");
        detail != nullptr && detail->is_string())
      return std::string{detail->get_string()};
  return "the service says no more (its log does)";
}

// `<TARGET>; rel="next"`.
std::string next_page_of(const net::HttpResponse& response) {
  for (const auto& [name, value] : response.headers) {
    const auto end = value.find(R"(>; rel="next")");
    if (name == "Link" && value.starts_with("</") && end != std::string::npos)
      return value.substr(1, end - 1);
  }
  return {};
}

// The rows that a target asks for; without a limit all there are.
std::size_t limit_in(const std::string& target) {
  for (const char* key : {"?limit=", "&limit="})
    if (const auto at = target.find(key); at != std::string::npos)
      return std::strtoull(target.c_str() + at + std::string_view{key}.size(), nullptr, 10);
  return std::numeric_limits<std::size_t>::max();
}

}  // namespace

ServiceClient::ServiceClient(const std::string& connect, const std::string& token_file,
                             std::chrono::milliseconds timeout, bool utc)
    : utc_(utc),
      connect_(connect),
      address_(address_of(connect)),
      token_(read_token(token_file)),
      timeout_(timeout) {}

json::value ServiceClient::get(const std::string& target) const {
  std::string next;
  json::value all = ask("GET", target, {}, next);
  const std::size_t limit = limit_in(target);
  while (!next.empty() && all.is_array() && all.get_array().size() < limit) {
    const json::value more = ask("GET", std::exchange(next, {}), {}, next);
    if (!more.is_array() || more.get_array().empty()) break;
    for (const json::value& row : more.get_array())
      if (all.get_array().size() < limit) all.get_array().push_back(row);
  }
  return all;
}

json::value ServiceClient::post(const std::string& target, const json::object& body) const {
  std::string next;
  return ask("POST", target, json::serialize(body), next);
}

json::value ServiceClient::ask(const std::string& method, const std::string& target,
                               const std::string& body, std::string& next) const {
  net::HttpResponse response;
  try {
    response = net::http_request(address_, method, target, body, token_, timeout_);
  } catch (const std::exception& error) {
    throw CliError(
        fmt::format("no service answers at {}: start one with `systask serve`, or name "
                    "another with --connect ({})",
                    connect_, error.what()));
  }
  boost::system::error_code error;
  json::value answer = json::parse(response.body, error);
  if (response.status == 401)
    throw CliError(fmt::format("{} at {}; name the file of the token with --token-file",
                               detail_of(answer), connect_));
  if (response.status < 200 || response.status >= 300)
    throw CliError(error ? fmt::format("{} {} was answered with status {} at {}", method, target,
                                       response.status, connect_)
                         : detail_of(answer));
  if (error)
    throw CliError(
        fmt::format("what answers at {} is no systask service: {} {} gave no JSON; name "
                    "another with --connect",
                    connect_, method, target));
  next = next_page_of(response);
  if (utc_) write_times_in(answer, Zone::utc());
  return answer;
}

std::string encoded(std::string_view text) {
  constexpr std::string_view kPlain =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
  std::string out;
  for (const char c : text) {
    if (kPlain.find(c) != std::string_view::npos)
      out += c;
    else
      out += fmt::format("%{:02X}", static_cast<unsigned>(static_cast<unsigned char>(c)));
  }
  return out;
}

std::string target_of(std::string_view path, const std::map<std::string, std::string>& query) {
  std::string target{path};
  char separator = '?';
  for (const auto& [key, value] : query) {
    target += fmt::format("{}{}={}", separator, key, encoded(value));
    separator = '&';
  }
  return target;
}

}  // namespace systask::service
