#include "service/api/router.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <exception>
#include <optional>
#include <utility>

#include "base/check.h"
#include "base/log.h"
#include "base/text.h"
#include "service/api/openapi.h"
#include "service/api/problem.h"

namespace systask::service {
namespace {

constexpr std::size_t kPathShown = 200;

using Places = std::map<std::string, std::string, std::less<>>;

// "/a/" is not "/a": what follows the last slash is a segment too, though empty.
std::vector<std::string> segments_of(std::string_view path) {
  std::vector<std::string> segments;
  for (;;) {
    const auto slash = path.find('/');
    segments.emplace_back(path.substr(0, slash));
    if (slash == std::string_view::npos) return segments;
    path.remove_prefix(slash + 1);
  }
}

bool is_place(std::string_view segment) { return segment.starts_with('{'); }

std::optional<Places> match(const std::vector<std::string>& pattern,
                            const std::vector<std::string>& path) {
  if (pattern.size() != path.size()) return std::nullopt;
  Places places;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (is_place(pattern[i])) {
      if (path[i].empty()) return std::nullopt;
      places.emplace(pattern[i].substr(1, pattern[i].size() - 2), path[i]);
    } else if (pattern[i] != path[i]) {
      return std::nullopt;
    }
  }
  return places;
}

void call(const Handler& handler, const ApiRequest& request, const net::HttpAnswer& answer) {
  try {
    handler(request, answer);
  } catch (const std::exception& error) {
    log::error(
        "a request failed",
        {{"method", request.http.method}, {"path", request.http.path}, {"reason", error.what()}});
    answer(problem(500, "INTERNAL",
                   fmt::format("{} {} failed: {}; the service's log says more", request.http.method,
                               request.http.path, error.what())));
  }
}

// What a path takes: 204 to OPTIONS, 405 to a method that it does not take.
net::HttpResponse answer_of_methods(const net::HttpRequest& request,
                                    std::vector<std::string_view> methods) {
  if (std::ranges::find(methods, "GET") != methods.end()) methods.emplace_back("HEAD");
  methods.emplace_back("OPTIONS");
  net::HttpResponse response{.status = 204, .content_type = {}, .body = {}};
  if (request.method != "OPTIONS")
    response =
        problem(405, "METHOD_NOT_ALLOWED",
                fmt::format("{} does not take {}; use {}", one_line(request.path, kPathShown),
                            request.method, fmt::join(methods, ", ")));
  response.headers.emplace_back("Allow", fmt::format("{}", fmt::join(methods, ", ")));
  return response;
}

}  // namespace

const std::string& ApiRequest::at(std::string_view place) const {
  const auto found = path.find(place);
  CHECK(found != path.end(), "a handler asks for a place that its pattern does not have");
  return found->second;
}

std::string ApiRequest::query(const std::string& key) const {
  const auto found = http.query.find(key);
  return found == http.query.end() ? std::string{} : found->second;
}

void Router::add(std::string method, std::string_view pattern, Handler handler) {
  const Operation* const operation = find_operation(method, pattern);
  routes_.push_back({std::move(method), segments_of(pattern), std::move(handler), operation});
}

std::vector<std::string> Router::routes() const {
  std::vector<std::string> names;
  for (const Route& route : routes_)
    names.push_back(fmt::format("{} {}", route.method, fmt::join(route.segments, "/")));
  return names;
}

void Router::route(net::HttpRequest request, Caller caller, const net::HttpAnswer& answer) const {
  const auto path = segments_of(request.path);
  const bool looks = request.method == "HEAD";
  std::vector<std::string_view> methods;
  for (const Route& known : routes_) {
    auto places = match(known.segments, path);
    if (!places) continue;
    if (known.method == request.method || (looks && known.method == "GET")) {
      if (known.operation != nullptr)
        if (const auto unknown = unknown_to(*known.operation, request))
          return answer(problem(400, "BAD_REQUEST", *unknown));
      call(known.handler, {std::move(request), std::move(caller), std::move(*places)}, answer);
      return;
    }
    methods.emplace_back(known.method);
  }
  if (request.method == "OPTIONS" && request.path == "*") methods = {"GET", "POST"};
  if (methods.empty())
    return answer(problem(404, "NOT_FOUND",
                          fmt::format("there is nothing at {}; GET /api names what can be asked",
                                      one_line(request.path, kPathShown))));
  answer(answer_of_methods(request, methods));
}

}  // namespace systask::service
