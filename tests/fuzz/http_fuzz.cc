// Whatever stands in the head of a request, it is taken or refused in words that need no escaping,
// and what is taken ends where it says. Whatever its target and body are, the router answers once,
// in JSON that is UTF-8, and what it hands on is known to the operation.
#include <boost/json.hpp>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "base/text.h"
#include "net/authority.h"
#include "net/request_head.h"
#include "net/target.h"
#include "service/api/body.h"
#include "service/api/openapi.h"
#include "service/api/operations.h"
#include "service/api/problem.h"
#include "service/api/router.h"

namespace {

using namespace systask;
using namespace systask::service;

struct Request {
  std::string_view method;
  net::RequestHead head;
  std::string_view body;
};

std::string_view line_of(std::string_view& rest) {
  const auto end = rest.find('\n');
  std::string_view line = rest.substr(0, end);
  rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

// As a parser that takes everything would read it.
Request request_of(std::string_view text) {
  Request request;
  std::string_view first = line_of(text);
  const auto blank = first.find(' ');
  request.method = first.substr(0, blank);
  first.remove_prefix(blank == std::string_view::npos ? first.size() : blank + 1);
  const auto version = first.rfind(' ');
  request.head.target = first.substr(0, version);
  request.head.version = first.ends_with("1.0") ? 10 : 11;
  for (std::string_view line = line_of(text); !line.empty(); line = line_of(text)) {
    const auto colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    request.head.fields.emplace_back(line.substr(0, colon), line.substr(colon + 1));
  }
  request.body = text;
  return request;
}

void check_refusal(const net::HeadRefusal& refusal) {
  CHECK(refusal.status >= 400 && refusal.status < 600, "a refusal without a status of one");
  for (const char c : refusal.detail)
    CHECK(c >= ' ' && c <= '~' && c != '"' && c != '\\', "a detail that would need escaping");
}

std::size_t count_of(const Request& request, std::string_view name) {
  std::size_t count = 0;
  for (const auto& [key, value] : request.head.fields) {
    std::string small{key};
    for (char& c : small)
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c | 0x20);
    count += small == name ? 1 : 0;
  }
  return count;
}

bool check_head(const Request& request) {
  const auto framing = net::framing_refusal(request.head);
  if (framing) {
    check_refusal(*framing);
    return false;
  }
  CHECK(request.head.version < 11 || count_of(request, "host") == 1, "no Host, or two");
  CHECK(count_of(request, "content-length") <= 1, "two lengths");
  CHECK(count_of(request, "transfer-encoding") == 0 || count_of(request, "content-length") == 0,
        "two ways to end");
  const auto stranger = net::stranger_refusal(request.head, {{"desk"}, "10.0.0.7"});
  if (stranger) check_refusal(*stranger);
  return !stranger;
}

const Router& router() {
  static const Router made = [] {
    Router all;
    for (const Operation& one : operations())
      all.add(std::string{one.method}, one.path,
              [&one](const ApiRequest& request, const net::HttpAnswer& answer) {
                CHECK(!unknown_to(one, request.http), "an unknown member came to a handler");
                auto body = Body::parse(request.http.body);
                if (body.has_error()) return answer(problem(body.error()));
                body->text("name");
                body->integer("quantity", 1, 9);
                body->texts("parameters");
                body->objects("details");
                answer(body->wrong() ? problem(body->refusal()) : net::HttpResponse{});
              });
    return all;
  }();
  return made;
}

void check_router(const Request& request) {
  auto target = net::parse_target(request.head.target);
  if (!target) return;
  int answers = 0;
  router().route({.method = std::string{request.method},
                  .path = std::move(target->path),
                  .query = std::move(target->query),
                  .repeated = std::move(target->repeated),
                  .body = std::string{request.body}},
                 {}, [&answers](const net::HttpResponse& response) {
                   ++answers;
                   if (response.body.empty()) return;
                   boost::system::error_code error;
                   boost::json::parse(response.body, error);
                   CHECK(!error && is_utf8(response.body), "an answer that is no JSON");
                   CHECK(response.body.size() < 64'000, "an answer that repeats too much");
                 });
  CHECK(answers == 1, "not answered once");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text{data, data + size};
  const Request request = request_of(text);
  static_cast<void>(check_head(request));
  check_router(request);
  return 0;
}
