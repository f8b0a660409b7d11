#include "peers/flow/api.h"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <exception>
#include <utility>

#include "net/address.h"

namespace systask::peers::flow {

namespace json = boost::json;

Api::Api(net::Address address, std::string bearer, std::chrono::milliseconds timeout)
    : address_(std::move(address)), bearer_(std::move(bearer)), timeout_(timeout) {}

Result<json::value> Api::get(const std::string& target) const { return ask("GET", target, {}); }

Result<json::value> Api::post(const std::string& target, const json::object& body) const {
  return ask("POST", target, json::serialize(body));
}

Result<json::value> Api::ask(const std::string& method, const std::string& target,
                             const std::string& body) const {
  net::HttpResponse response;
  try {
    response = net::http_request(address_, method, target, body, bearer_, timeout_);
  } catch (const std::exception& error) {
    return Refusal{"UNREACHABLE",
                   fmt::format("{} {} got no answer at {}: {}; start a service with `systask "
                               "serve`, or name another with --connect",
                               method, target, net::text_of(address_), error.what())};
  }
  boost::system::error_code error;
  json::value answer = json::parse(response.body, error);
  if (response.status >= 200 && response.status < 300) {
    if (!error) return answer;
    return Refusal{"BAD_JSON", fmt::format("the answer to {} {} is no JSON", method, target)};
  }
  auto code = text_member(answer, "code");
  if (code.empty()) code = fmt::format("HTTP_{}", response.status);
  return Refusal{std::move(code),
                 fmt::format("{} {} was refused with status {}: {}", method, target,
                             response.status, text_member(answer, "detail"))};
}

Result<std::int32_t> Api::business_date() const {
  const auto status = get("/api/status");
  if (status.has_error()) return status.error();
  const auto date = static_cast<std::int32_t>(integer_member(*status, "business_date"));
  if (date > 0) return date;
  return Refusal{"NO_BUSINESS_DATE",
                 "the platform's status names no business_date; give one "
                 "with --business-date"};
}

Result<std::int64_t> Api::create_follow_plan(const std::string& name,
                                             const std::string& security) const {
  const json::object detail{
      {"market_no", 1}, {"stock_code", security}, {"entrust_direction", 1}, {"quantity", 0}};
  const auto made = post("/api/plans", {{"name", name},
                                        {"strategy", "follow"},
                                        {"parameters", json::object{}},
                                        {"details", json::array{detail}}});
  if (made.has_error()) return made.error();
  return integer_member(*made, "plan");
}

Result<void> Api::find_plan(std::int64_t plan) const {
  const auto found = get(fmt::format("/api/plans/{}", plan));
  if (found.has_error()) return found.error();
  return {};
}

std::int64_t integer_member(const json::value& object, std::string_view key) {
  if (!object.is_object()) return 0;
  const auto* value = object.get_object().if_contains(key);
  if (value == nullptr) return 0;
  if (const auto* number = value->if_int64()) return *number;
  if (const auto* number = value->if_uint64()) return static_cast<std::int64_t>(*number);
  return 0;
}

std::string text_member(const json::value& object, std::string_view key) {
  if (!object.is_object()) return {};
  const auto* value = object.get_object().if_contains(key);
  return value != nullptr && value->is_string() ? std::string{value->get_string()} : std::string{};
}

}  // namespace systask::peers::flow
