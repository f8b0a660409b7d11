// Answers over HTTP: JSON with a line feed at its end, and errors as RFC 9457 problem
// details (`type title status detail`, and `code`, which programs test).
#pragma once

#include <boost/json/fwd.hpp>
#include <string_view>

#include "base/result.h"
#include "net/server.h"

namespace systask::service {

inline constexpr std::string_view kProblem = "application/problem+json";

[[nodiscard]] net::HttpResponse json_response(int status, const boost::json::value& body);

// `detail` is a whole sentence: what happened, to what, and what to do.
[[nodiscard]] net::HttpResponse problem(int status, std::string_view code, std::string_view detail);

// The problem of a refusal, with the HTTP status that its code has here; 409 for a code
// that is not in the table, since a refusal says that the state of things forbids it.
[[nodiscard]] net::HttpResponse problem(const Refusal& refusal);
[[nodiscard]] int status_of(std::string_view code);

}  // namespace systask::service
