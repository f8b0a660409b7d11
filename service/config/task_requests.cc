// The kinds of `run` that send something: http and publish.
#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

#include "service/config/run_fields.h"

namespace systask::service {
namespace {

constexpr std::string_view kUrl =
    "an address such as http://127.0.0.1:9000/done?date={business_date}";
constexpr std::string_view kStatusTexts =
    "statuses from 100 to 599, and ranges of them, such as 200 or [200-299, 404]";

// "200" or "200-299".
std::optional<tasks::StatusRange> status_range(std::string_view text) {
  const std::size_t dash = std::min(text.find('-'), text.size());
  const auto low = whole_number_of(text.substr(0, dash));
  const auto high = dash == text.size() ? low : whole_number_of(text.substr(dash + 1));
  if (!low || !high || *low < 100 || *high > 599 || *high < *low) return std::nullopt;
  return tasks::StatusRange{static_cast<int>(*low), static_cast<int>(*high)};
}

void read_statuses(Fields& fields, std::vector<tasks::StatusRange>& into) {
  std::vector<std::string> texts;
  fields.texts("expect", kStatusTexts, texts);
  if (texts.empty()) return;
  into.clear();
  for (const std::string& text : texts) {
    const auto range = status_range(text);
    if (!range) return fields.complain("expect", text, kStatusTexts);
    into.push_back(*range);
  }
}

void check_url(YamlNode value, const std::string& path, const RunFields& run,
               const tasks::Template& url) {
  const auto place = tasks::place_of(run.sample_of(url));
  if (!place)
    run.mistakes().say(value.place(), path,
                       fmt::format("found '{}': {}", value.text(), place.error().message));
}

void read_method(Fields& fields, std::string& into) {
  constexpr std::string_view kMethods = "GET, HEAD, POST, PUT, PATCH, DELETE or OPTIONS";
  fields.text("method", kMethods, into);
  for (const std::string_view known : {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
    if (into == known) return;
  fields.complain("method", into, kMethods);
}

// What the connection needs is ours to say.
void check_headers(Fields& fields, const tasks::Http& http) {
  for (const auto& [name, value] : http.headers)
    for (const std::string_view ours : {"content-length", "transfer-encoding", "connection"})
      if (std::ranges::equal(name, ours, {}, [](unsigned char c) { return std::tolower(c); }))
        fields.complain("headers", name, "no header of the connection itself");
}

bool is_json(const std::string& text) {
  boost::system::error_code error;
  boost::json::parse(text, error);
  return !error;
}

}  // namespace

void read_http(YamlNode value, const std::string& path, RunFields run, tasks::Http& into) {
  if (value.kind() == YamlNode::Kind::kScalar) {
    const auto url = run.text(value, path, kUrl);
    if (url) check_url(value, path, run, into.url = *url);
    return;
  }
  Fields fields{
      value, path, {"method", "url", "headers", "body", "expect", "timeout"}, run.mistakes()};
  if (value.kind() != YamlNode::Kind::kMap) return;
  run.text(fields, "url", kUrl, into.url);
  if (const auto url = fields.find("url"); !url)
    fields.complain("url", "nothing", kUrl);
  else if (url->kind() == YamlNode::Kind::kScalar)
    check_url(*url, fields.name_of("url"), run, into.url);
  if (fields.find("method")) read_method(fields, into.method);
  run.texts(fields, "headers", "a map of headers, such as {Accept: text/csv}", into.headers);
  check_headers(fields, into);
  run.text(fields, "body", "a text", into.body);
  read_statuses(fields, into.expected);
  fields.duration("timeout", std::chrono::milliseconds{1}, std::chrono::milliseconds{3'600'000},
                  into.timeout);
}

void read_publish(YamlNode value, const std::string& path, RunFields run, tasks::Publish& into) {
  constexpr std::string_view kTopic =
      "a topic of letters, digits, '.', '-' and '_', of 128 bytes at most";
  constexpr std::string_view kBody =
      "a body in JSON, such as '{\"date\": {business_date}}'; texts in it stand in quotes";
  Fields fields{value, path, {"topic", "body"}, run.mistakes()};
  if (value.kind() != YamlNode::Kind::kMap) return;
  for (const std::string_view key : {"topic", "body"})
    if (!fields.find(key)) fields.complain(key, "nothing", key == "topic" ? kTopic : kBody);
  run.text(fields, "topic", kTopic, into.topic);
  run.text(fields, "body", kBody, into.body);
  const auto topic = fields.find("topic");
  if (topic && topic->kind() == YamlNode::Kind::kScalar &&
      !tasks::is_topic(run.sample_of(into.topic)))
    fields.complain("topic", topic->described(), kTopic);
  if (topic && tasks::is_platforms(run.sample_of(into.topic)))
    fields.complain("topic", topic->described(),
                    "a topic outside asset.algo.*, which is the platform's own");
  const auto body = fields.find("body");
  if (body && body->kind() == YamlNode::Kind::kScalar && !is_json(run.sample_of(into.body)))
    fields.complain("body", body->described(), kBody);
}

}  // namespace systask::service
