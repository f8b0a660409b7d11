#include "service/gateway/message_centre.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/log.h"
#include "service/gateway/frames.h"

namespace systask::service {
namespace {

bool matches(std::string_view pattern, std::string_view topic) {
  if (!pattern.ends_with('*')) return pattern == topic;
  pattern.remove_suffix(1);
  return topic.starts_with(pattern);
}

}  // namespace

Result<void> EmbeddedCentre::publish(trading::Publication publication) {
  // The platform's own requests to sites have nothing to say but their topic.
  if (publication.body.empty()) {
    static_cast<void>(made(publication));  // it would be as empty at the next try
    return Refusal{"EMPTY_BODY", fmt::format("a publication to {} has an empty body: not sent",
                                             publication.topic)};
  }
  if (!anybody_.load(std::memory_order_relaxed)) return made(publication);
  std::vector<std::shared_ptr<net::Connection>> wanting;
  subscribers_.with([&](const Subscribers& all) {
    for (const auto& [key, subscriber] : all)
      if (std::ranges::any_of(subscriber.topics, [&](const std::string& pattern) {
            return matches(pattern, publication.topic);
          }))
        wanting.push_back(subscriber.connection);
  });
  if (wanting.empty()) return made(publication);
  const net::Frame frame = publication_frame(publication);
  std::size_t refused = 0;
  for (const auto& connection : wanting) {
    if (connection->send(frame)) continue;
    unsubscribe(connection.get());
    ++refused;
  }
  if (refused == 0) {
    if (log::writes(log::Level::kDebug))
      log::debug("published", {{"topic", publication.topic}, {"subscribers", wanting.size()}});
    return made(publication);
  }
  const std::string why = fmt::format("{} of {} subscribers took no more", refused, wanting.size());
  log::error("publication failed: it is kept and made again",
             {{"topic", publication.topic}, {"why", why}, {"code", "ERR_MSG_SEND_ERROR"}});
  on_failed_(std::move(publication), why);
  return Refusal{"ERR_MSG_SEND_ERROR", why};
}

Result<void> EmbeddedCentre::made(const trading::Publication& publication) {
  if (publication.kept != trading::OutNo{}) on_made_(publication.kept);
  return {};
}

Result<void> EmbeddedCentre::subscribe(std::shared_ptr<net::Connection> connection,
                                       std::vector<std::string> topics) {
  for (const std::string& topic : topics)
    if (topic.size() > kLongestTopic)
      return Refusal{"BAD_REQUEST", fmt::format("topics: one has {} bytes, expected {} at most",
                                                topic.size(), kLongestTopic)};
  const bool taken = subscribers_.with([&](Subscribers& all) {
    const auto known = all.find(connection.get());
    std::set<std::string> wanted(topics.begin(), topics.end());
    if (known != all.end()) wanted.insert(known->second.topics.begin(), known->second.topics.end());
    if (wanted.size() > kMostTopics) return false;
    all[connection.get()] = {connection, {wanted.begin(), wanted.end()}};
    return true;
  });
  if (!taken)
    return Refusal{"TOO_MANY", fmt::format("a connection may have {} topics: end one with '*' to "
                                           "get all that begin so",
                                           kMostTopics)};
  anybody_ = true;
  return {};
}

void EmbeddedCentre::unsubscribe(const net::Connection* connection) {
  subscribers_.with([&](Subscribers& all) {
    all.erase(connection);
    anybody_ = !all.empty();
  });
}

}  // namespace systask::service
