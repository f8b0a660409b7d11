#include "service/gateway/frames.h"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <iterator>

#include "base/text.h"

namespace systask::service {
namespace {

// A message may repeat what was sent, and a frame that is no UTF-8 costs its connection.
constexpr std::size_t kMessageBytes = 4'000;

std::string as_json_text(std::string_view text) {
  return boost::json::serialize(boost::json::string_view{text.data(), text.size()});
}

std::string error_object(const Refusal& refusal, std::string_view members) {
  std::string text =
      fmt::format(R"({{"code":"{}","message":{})", refusal.code,
                  as_json_text(whole_utf8(utf8_prefix(refusal.message, kMessageBytes))));
  for (const std::string_view more : {std::string_view{refusal.details}, members}) {
    if (more.empty()) continue;
    text += ',';
    text += more;
  }
  return text + "}";
}

}  // namespace

net::Frame ok_frame(std::string_view id, std::string_view ok) {
  return net::make_frame(fmt::format(R"({{"id":{},"ok":{}}})", id, ok));
}

net::Frame error_frame(std::string_view id, const Refusal& refusal, std::string_view members) {
  const std::string error = error_object(refusal, members);
  if (id.empty()) return net::make_frame(fmt::format(R"({{"error":{}}})", error));
  return net::make_frame(fmt::format(R"({{"id":{},"error":{}}})", id, error));
}

net::Frame publication_error_frame(std::int64_t number, const Refusal& refusal, int code) {
  const std::string members = code == 0 ? "" : fmt::format(R"("number":{})", code);
  return net::make_frame(
      fmt::format(R"({{"pub":{},"error":{}}})", number, error_object(refusal, members)));
}

net::Frame acked_frame(std::int64_t number) {
  return net::make_frame(fmt::format(R"({{"acked":{}}})", number));
}

void close_replaced(net::Connection& connection, std::string_view by) {
  const std::string why = fmt::format("another process logged in under this name, from {}", by);
  connection.send(error_frame({}, {"REPLACED", why + ": stop one of the two"},
                              fmt::format(R"("by":{})", as_json_text(by))));
  connection.close(why);
}

net::Frame push_frame(const trading::Push& push) {
  std::string text;
  text.reserve(push.body.size() + push.topic.size() + 96);
  fmt::format_to(std::back_inserter(text), R"({{"topic":"{}","plan":{},"epoch":{})", push.topic,
                 push.plan.value(), push.epoch.value());
  if (push.line != trading::LineNumber{})
    fmt::format_to(std::back_inserter(text), R"(,"seq":{})", push.line.value());
  text += R"(,"body":)";
  text += push.body;
  text += '}';
  return net::make_frame(std::move(text));
}

net::Frame publication_frame(const trading::Publication& publication) {
  return net::make_frame(fmt::format(R"({{"topic":"{}","plan":{},"line":{},"body":{}}})",
                                     publication.topic, publication.plan.value(),
                                     publication.line.value(), publication.body));
}

net::Frame order_frame(const trading::OutRow& row) {
  return net::make_frame(
      fmt::format(R"({{"topic":"{}","out":{},"body":{}}})", row.topic, row.no.value(), row.body));
}

}  // namespace systask::service
