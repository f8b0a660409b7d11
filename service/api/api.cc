#include "service/api/api.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <cctype>
#include <charconv>
#include <exception>
#include <utility>

#include "base/log.h"
#include "base/text.h"
#include "service/api/body.h"
#include "service/api/openapi.h"
#include "service/api/problem.h"
#include "service/api/routes.h"
#include "service/config/time_text.h"
#include "service/metrics/metrics.h"

namespace systask::service {
namespace {

namespace json = boost::json;

constexpr std::size_t kMostRows = 1'000'000;

bool only_looks(std::string_view method) {
  return method == "GET" || method == "HEAD" || method == "OPTIONS";
}

// A page of another origin may send plain text and forms without asking, but not JSON. A request
// without a body needs no type.
bool is_json(const net::HttpRequest& request) {
  if (request.body.empty() && request.content_type.empty()) return true;
  std::string type = request.content_type.substr(0, request.content_type.find(';'));
  type.erase(type.find_last_not_of(" \t") + 1);
  std::ranges::transform(type, type.begin(), [](unsigned char c) { return std::tolower(c); });
  return type == "application/json";
}

std::string shown_type(const net::HttpRequest& request) {
  constexpr std::size_t kShown = 100;
  return request.content_type.empty() ? "no type" : one_line(request.content_type, kShown);
}

bool open_to_all(const std::string& path) { return path == "/healthz" || path == "/readyz"; }

template <class Number>
std::optional<Number> number_of(const std::string& text) {
  Number value{};
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc{} || stop != end) return std::nullopt;
  return value;
}

}  // namespace

Api::Api(ApiParts parts) : parts_(std::move(parts)), started_(parts_.clock.monotonic()) {
  add_health_routes(router_, parts_, started_);
  add_task_routes(router_, parts_);
  add_run_routes(router_, parts_);
  add_hold_routes(router_, parts_);
  add_step_routes(router_, parts_);
  add_plan_routes(router_, parts_);
  add_site_routes(router_, parts_);
  add_quarantine_routes(router_, parts_);
  add_record_routes(router_, parts_);
  router_.add("GET", "/api", [this](const ApiRequest&, const net::HttpAnswer& answer) {
    const std::vector<std::string> routes = router_.routes();
    auto response = json_response(200, json::array(routes.begin(), routes.end()));
    response.headers.emplace_back("Link", R"(</api/openapi.json>; rel="service-desc")");
    answer(std::move(response));
  });
  router_.add("GET", "/api/openapi.json", [this](const ApiRequest&, const net::HttpAnswer& answer) {
    answer(json_response(200, openapi_document(router_.routes(), parts_.version)));
  });
}

std::string Api::metrics_text() const { return parts_.metrics.text(look(parts_, started_)); }

void Api::handle(net::HttpRequest request, const net::HttpAnswer& answer) const {
  std::optional<Caller> caller = Caller{};
  if (parts_.tokens.asked_for() && !open_to_all(request.path)) {
    caller = parts_.tokens.caller(request.bearer);
    if (!caller) {
      log::warn("a request without a right token was refused",
                {{"method", request.method}, {"path", request.path}, {"from", request.remote}});
      net::HttpResponse refusal =
          problem(401, "UNAUTHORIZED",
                  request.bearer.empty() ? "this service asks for a token: send the header "
                                           "\"Authorization: Bearer TOKEN\""
                                         : "the token is none of this service's: see the "
                                           "file that its configuration names as token_file");
      refusal.headers.emplace_back("WWW-Authenticate",
                                   request.bearer.empty()
                                       ? R"(Bearer realm="systask")"
                                       : R"(Bearer realm="systask", error="invalid_token")");
      return answer(std::move(refusal));
    }
  }
  if (caller->role == Caller::Role::kViewer && !only_looks(request.method)) {
    log::warn("a viewer's request for a change was refused",
              {{"caller", caller->name}, {"method", request.method}, {"path", request.path}});
    return answer(problem(403, "FORBIDDEN",
                          fmt::format("{} is a viewer's token, and {} {} changes something: "
                                      "use an operator's",
                                      caller->name, request.method, request.path)));
  }
  if (!only_looks(request.method) && !is_json(request))
    return answer(problem(415, "UNSUPPORTED_MEDIA_TYPE",
                          fmt::format("{} {} came as {}: changes are asked for with the header "
                                      "\"Content-Type: application/json\"",
                                      request.method, request.path, shown_type(request))));
  router_.route(std::move(request), std::move(*caller), [this, answer](net::HttpResponse response) {
    // What was refused may name times, and the scheduler says them in UTC.
    if (response.content_type == kProblem) response.body = in_zone(response.body, parts_.zone);
    answer(std::move(response));
  });
}

void answer_later(const ApiParts& parts, const std::string& what, const net::HttpAnswer& answer,
                  std::function<net::HttpResponse()> work) {
  const bool taken = parts.post([what, answer, work = std::move(work)] {
    net::HttpResponse response;
    try {
      response = work();
    } catch (const std::exception& error) {
      log::error("a request failed", {{"request", what}, {"reason", error.what()}});
      response =
          problem(500, "INTERNAL",
                  fmt::format("{} failed: {}; the service's log says more", what, error.what()));
    }
    answer(std::move(response));
  });
  if (!taken)
    answer(problem(503, "BUSY",
                   fmt::format("{} was not done: too much is being read already, or "
                               "the service is stopping; try again",
                               what)));
}

Result<std::size_t> limit_of(const ApiRequest& request, std::size_t otherwise) {
  const std::string text = request.query("limit");
  if (text.empty()) return otherwise;
  const auto limit = number_of<std::size_t>(text);
  if (limit && *limit >= 1 && *limit <= kMostRows) return *limit;
  return Refusal{"BAD_REQUEST",
                 fmt::format("'limit' is '{}', expected a number from 1 to {}", text, kMostRows)};
}

Result<bool> flag_of(const ApiRequest& request, const std::string& key) {
  const std::string text = request.query(key);
  if (text.empty() || text == "false") return false;
  if (text == "true") return true;
  return Refusal{"BAD_REQUEST", fmt::format("'{}' is '{}', expected true or false", key, text)};
}

Result<std::optional<trading::PlanId>> plan_of_query(const ApiRequest& request) {
  const std::string text = request.query("plan");
  if (text.empty()) return std::optional<trading::PlanId>{};
  if (const auto plan = number_of<std::int64_t>(text)) return std::optional{trading::PlanId{*plan}};
  return Refusal{"BAD_REQUEST",
                 fmt::format("'plan' is '{}', expected the number of a plan, such as 31", text)};
}

std::string actor_of(const ApiRequest& request, Body& body) {
  const std::string& token = request.caller.name;
  std::string said = body.text_or("actor", "");
  if (said.empty()) return token.empty() ? "http " + request.http.remote : token;
  return token.empty() || token == said ? said : fmt::format("{} (token of {})", said, token);
}

}  // namespace systask::service
