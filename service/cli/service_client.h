// A ServiceClient asks a running service over HTTP, one request at a time; the calling
// thread waits. Whatever goes wrong is a CliError, whose text is for the person at the
// terminal: what happened, and what to do.
#pragma once

#include <boost/json/fwd.hpp>
#include <chrono>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>

#include "net/client.h"

namespace systask::service {

class CliError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class ServiceClient {
 public:
  // `connect` is HOST:PORT; the file's first line is the token, no file: no token. `utc`: times
  // of answers are written in UTC.
  ServiceClient(const std::string& connect, const std::string& token_file,
                std::chrono::milliseconds timeout, bool utc = false);

  // The body of the answer; of a list all of its pages, or as many rows as its `limit` asks for. A
  // target's segments and values are encoded already.
  [[nodiscard]] boost::json::value get(const std::string& target) const;
  [[nodiscard]] boost::json::value post(const std::string& target,
                                        const boost::json::object& body) const;

 private:
  [[nodiscard]] boost::json::value ask(const std::string& method, const std::string& target,
                                       const std::string& body, std::string& next) const;

  bool utc_;
  std::string connect_;
  net::Address address_;
  std::string token_;
  std::chrono::milliseconds timeout_;
};

// Percent-encodes what stands in one segment of a path or in a value of a query.
[[nodiscard]] std::string encoded(std::string_view text);

// The path with the query behind it: "/api/runs?limit=5&task=x".
[[nodiscard]] std::string target_of(std::string_view path,
                                    const std::map<std::string, std::string>& query);

}  // namespace systask::service
