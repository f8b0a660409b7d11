// An Api asks the platform over HTTP (docs/protocol.md section 10), one request at a time;
// each call waits for its answer, at most the timeout. Any thread may have its own.
#pragma once

#include <boost/json/fwd.hpp>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "net/client.h"

namespace systask::peers::flow {

class Api {
 public:
  explicit Api(net::Address address, std::string bearer = {},
               std::chrono::milliseconds timeout = std::chrono::seconds{5});

  // The answer's body, or the platform's refusal (the problem's code and detail), or
  // UNREACHABLE where no answer came.
  [[nodiscard]] Result<boost::json::value> get(const std::string& target) const;
  [[nodiscard]] Result<boost::json::value> post(const std::string& target,
                                                const boost::json::object& body) const;

  [[nodiscard]] Result<std::int32_t> business_date() const;
  // A plan that only follows its orders, first of all those of one security; its number.
  [[nodiscard]] Result<std::int64_t> create_follow_plan(const std::string& name,
                                                        const std::string& security) const;
  // Whether there is such a plan; refused with what the platform answers where there is none.
  [[nodiscard]] Result<void> find_plan(std::int64_t plan) const;

 private:
  Result<boost::json::value> ask(const std::string& method, const std::string& target,
                                 const std::string& body) const;

  net::Address address_;
  std::string bearer_;
  std::chrono::milliseconds timeout_;
};

// Members of JSON objects, tolerantly: 0 or empty where absent or of another kind.
[[nodiscard]] std::int64_t integer_member(const boost::json::value& object, std::string_view key);
[[nodiscard]] std::string text_member(const boost::json::value& object, std::string_view key);

}  // namespace systask::peers::flow
