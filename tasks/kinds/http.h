// The kind http: a task that makes one HTTP request and looks at the status of the answer.
// What sends it is a function from outside, since tasks know no sockets. Plain description;
// the body is called on a lane's thread, and waits.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "scheduler/run.h"
#include "tasks/kinds/placeholders.h"

namespace systask::tasks {

inline constexpr std::size_t kAnswerBytes = std::size_t{1} << 20;  // more is not read

struct StatusRange {
  int low = 200;
  int high = 299;

  friend bool operator==(const StatusRange&, const StatusRange&) = default;
};

struct Http {
  std::string method = "GET";
  Template url;  // http://host[:port]/path?query
  std::map<std::string, Template> headers;
  Template body;
  std::vector<StatusRange> expected{StatusRange{}};
  std::chrono::milliseconds timeout{10'000};  // for all of it

  friend bool operator==(const Http&, const Http&) = default;
};

// Where a URL leads.
struct HttpPlace {
  std::string host;
  std::string port = "80";
  std::string target = "/";  // path and query
};
// Refuses BAD_URL, NO_TLS for https.
[[nodiscard]] Result<HttpPlace> place_of(std::string_view url);

struct HttpOrder {
  std::string method;
  HttpPlace place;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  std::chrono::milliseconds timeout;
};

struct HttpReply {
  int status = 0;
  std::string body;
  bool cut = false;  // there was more than kAnswerBytes
};

// Throws where no answer comes in time; RunStopped where it was stopped.
using SendHttp = std::function<HttpReply(const HttpOrder& order, const std::stop_token&)>;

// Succeeds with an expected status. The outcome says status and length of the answer, and a
// failure how it begins.
[[nodiscard]] scheduler::Body http_body(Http http, SendHttp send);

}  // namespace systask::tasks
