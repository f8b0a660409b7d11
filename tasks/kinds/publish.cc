#include "tasks/kinds/publish.h"

#include <fmt/format.h>

#include <stdexcept>

#include "tasks/kinds/excerpt.h"

namespace systask::tasks {

bool is_topic(std::string_view text) {
  return !text.empty() && text.size() <= kLongestTopic &&
         text.find_first_not_of(
             "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
             "0123456789.-_") == std::string_view::npos;
}

bool is_platforms(std::string_view topic) {
  return topic == "asset.algo" || topic.starts_with("asset.algo.");
}

scheduler::Body publish_body(Publish publish, PublishBody send) {
  return [publish = std::move(publish), send = std::move(send)](const scheduler::RunContext& run) {
    const Values values = values_of(run);
    const std::string topic = publish.topic.fill(values);
    const std::string body = publish.body.fill(values);
    if (!is_topic(topic))
      throw std::invalid_argument(fmt::format(
          "'{}' is no topic: it has letters, digits, '.', '-' and '_' only, and {} bytes at most",
          printable(topic), kLongestTopic));
    if (is_platforms(topic))
      throw std::invalid_argument(fmt::format(
          "'{}' is a topic of the platform's own (asset.algo.*): choose another", topic));
    if (const auto sent = send(topic, body); sent.has_error())
      throw std::runtime_error(fmt::format("{}: {}", sent.error().code, sent.error().message));
    return fmt::format("{} bytes published to {}", body.size(), topic);
  };
}

}  // namespace systask::tasks
