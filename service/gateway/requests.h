// The requests of the protocol: one table says who may ask what, by which name and
// function number.
#pragma once

#include <string_view>

#include "service/gateway/envelope.h"
#include "service/gateway/session.h"

namespace systask::service {

struct Request {
  std::string_view name;
  std::int64_t fn;  // 0: the source system has none
  unsigned roles;   // of Role, or-ed; 0: before the login
  void (*handle)(Session& session, const Envelope& envelope);
  bool about_plan = false;  // must name its plan and its epoch
};

// Null where there is no such request.
const Request* find_request(std::string_view name);

}  // namespace systask::service
