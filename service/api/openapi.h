// The API as an OpenAPI 3.1 document, made from the router's own routes; and what of a request is
// in no operation. Pure functions; any thread.
#pragma once

#include <boost/json/fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "service/api/operations.h"

namespace systask::net {
struct HttpRequest;
}

namespace systask::service {

// `routes` as Router::routes() gives them; those that the table does not know are left out, which
// a test finds.
[[nodiscard]] boost::json::object openapi_document(const std::vector<std::string>& routes,
                                                   const std::string& version);

// A query parameter or a member of the body that the operation does not take, or either given
// twice: a sentence that names it and what was probably meant. A body that is no JSON object is
// the handler's to refuse.
[[nodiscard]] std::optional<std::string> unknown_to(const Operation& operation,
                                                    const net::HttpRequest& request);

}  // namespace systask::service
