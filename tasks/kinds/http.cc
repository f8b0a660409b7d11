#include "tasks/kinds/http.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <stdexcept>

#include "tasks/kinds/excerpt.h"

namespace systask::tasks {
namespace {

constexpr std::string_view kHttpScheme = "http://";
constexpr std::size_t kShownAnswerBytes = 500;

Refusal bad_url(std::string_view url, std::string_view why) {
  return {"BAD_URL",
          fmt::format("'{}' is no address for a request: {}; write http://host[:port]/path",
                      printable(url), why)};
}

bool is_port(std::string_view text) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc{} && end == text.data() + text.size() && number > 0 && number < 65'536;
}

// "host", "host:port", "[address]" or "[address]:port".
bool read_host(std::string_view authority, HttpPlace& place) {
  const std::size_t bracket = authority.starts_with('[') ? authority.find(']') : 0;
  if (bracket == std::string_view::npos) return false;
  const std::size_t colon = authority.find(':', bracket);
  if (colon != std::string_view::npos) place.port = authority.substr(colon + 1);
  std::string_view host = authority.substr(0, colon);
  if (bracket > 0 && host.size() != bracket + 1) return false;
  if (bracket > 0) host = host.substr(1, bracket - 1);
  place.host = host;
  return !host.empty() && is_port(place.port);
}

// What ends a line would end the header, and begin one of its own.
void check_header(const std::string& name, const std::string& value) {
  if (std::ranges::any_of(value, [](char c) { return c == '\r' || c == '\n' || c == '\0'; }))
    throw std::invalid_argument(
        fmt::format("the header {} would have an end of line in it: '{}'", name, printable(value)));
}

// The status, and the beginning of the answer.
scheduler::Printed answer_of(const HttpReply& reply) {
  std::string text = fmt::format("HTTP {}\n{}", reply.status, reply.body);
  if (reply.cut) text += fmt::format("\n[more than {} bytes: the rest was not read]", kAnswerBytes);
  return printed_of(text);
}

std::string expected_text(const std::vector<StatusRange>& expected) {
  std::string text;
  for (const StatusRange& range : expected) {
    text += (text.empty() ? "" : ", ") + std::to_string(range.low);
    if (range.high != range.low) text += fmt::format("-{}", range.high);
  }
  return text;
}

bool is_expected(const Http& http, int status) {
  return std::ranges::any_of(http.expected, [&](const StatusRange& range) {
    return range.low <= status && status <= range.high;
  });
}

}  // namespace

Result<HttpPlace> place_of(std::string_view url) {
  if (url.starts_with("https://"))
    return Refusal{"NO_TLS", fmt::format("'{}' wants TLS, which is not built in: send it to a "
                                         "proxy on this machine over http, or run a program that "
                                         "can (exec)",
                                         printable(url))};
  if (!url.starts_with(kHttpScheme)) return bad_url(url, "it does not begin with http://");
  const auto odd = [](unsigned char c) { return c <= 0x20U || c >= 0x7FU; };
  if (std::ranges::any_of(url, odd)) return bad_url(url, "write %XX for what is no plain letter");
  std::string_view rest = url.substr(kHttpScheme.size());
  rest = rest.substr(0, rest.find('#'));  // for browsers only
  const std::size_t end = std::min(rest.find_first_of("/?"), rest.size());
  HttpPlace place;
  if (rest.substr(0, end).find('@') != std::string_view::npos)
    return bad_url(url, "give names and passwords in a header");
  if (!read_host(rest.substr(0, end), place)) return bad_url(url, "it names no host and port");
  if (end < rest.size()) place.target = rest.substr(end);
  if (place.target.starts_with('?')) place.target.insert(0, "/");
  return place;
}

scheduler::Body http_body(Http http, SendHttp send) {
  return [http = std::move(http), send = std::move(send)](const scheduler::RunContext& run) {
    const Values values = values_of(run);
    const std::string url = http.url.fill(values);
    auto place = place_of(url);
    if (!place) throw std::invalid_argument(place.error().message);
    HttpOrder order{http.method, *std::move(place), {}, http.body.fill(values), http.timeout};
    for (const auto& [name, value] : http.headers) {
      order.headers.emplace_back(name, value.fill(values));
      check_header(name, order.headers.back().second);
    }
    const HttpReply reply = send(order, run.stop);
    if (run.printed != nullptr) *run.printed = answer_of(reply);
    std::string sentence =
        fmt::format("{} {} answered {}, {}{} bytes", http.method, url, reply.status,
                    reply.cut ? "more than " : "", reply.cut ? kAnswerBytes : reply.body.size());
    if (!is_expected(http, reply.status))
      throw std::runtime_error(fmt::format("{}, and {} was expected; it begins: {}", sentence,
                                           expected_text(http.expected),
                                           on_one_line(reply.body, kShownAnswerBytes)));
    return sentence;
  };
}

}  // namespace systask::tasks
