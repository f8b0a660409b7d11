// The kind publish: a task that publishes one body under a topic at the message centre.
// Plain description; the body is called on a lane's thread.
#pragma once

#include <cstddef>
#include <functional>
#include <string>

#include "base/result.h"
#include "scheduler/run.h"
#include "tasks/kinds/placeholders.h"

namespace systask::tasks {

struct Publish {
  Template topic;
  Template body;  // JSON

  friend bool operator==(const Publish&, const Publish&) = default;
};

inline constexpr std::size_t kLongestTopic = 128;  // bytes

// Letters, digits, '.', '-' and '_', from one to kLongestTopic.
[[nodiscard]] bool is_topic(std::string_view text);
// "asset.algo.*": whoever listens there acts on what it hears, so no task may speak there.
[[nodiscard]] bool is_platforms(std::string_view topic);

// Refuses EMPTY_BODY (-1001) and BAD_BODY, and nothing is sent; ERR_MSG_SEND_ERROR where
// somebody did not take it, and then it is kept and made again.
using PublishBody = std::function<Result<void>(const std::string& topic, const std::string& body)>;

[[nodiscard]] scheduler::Body publish_body(Publish publish, PublishBody send);

}  // namespace systask::tasks
