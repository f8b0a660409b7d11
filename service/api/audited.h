// Changes that operators make to tasks, groups, lanes, holds and runs: what they share. Only
// the API's routes include this.
#pragma once

#include <boost/json/fwd.hpp>
#include <functional>
#include <string>

#include "scheduler/engine/engine.h"
#include "service/api/body.h"
#include "service/api/routes.h"

namespace systask::service {

// One row of the audit log; before and after are the state of the object, as JSON.
struct Change {
  std::string actor;
  std::string action;  // "task pause"
  std::string object;  // "task nightly-report"
  std::string reason;
  boost::json::object before;
  boost::json::object after;
};

// What was done is done, and its answer stands, even where the audit log cannot be written:
// the log says so then.
void audit(const ApiParts& parts, const Change& change);

// What the operator asks for is read on the io thread, and done on one that may wait.
struct Asking {
  const ApiParts& parts;
  const ApiRequest& request;
  Body& body;
};
using Work = std::function<net::HttpResponse(const scheduler::Asked& asked)>;
// Reads what it needs of the request, `reason` and `actor` apart; what is wrong with the body is
// noted there.
using Prepare = std::function<Work(const Asking& asking)>;

// The handler of a change, whose body must have a `reason`.
[[nodiscard]] Handler changing(const ApiParts& parts, Prepare prepare);

// The state of what a hold, or a pause, is on: before and after.
[[nodiscard]] boost::json::object target_state(const ApiParts& parts,
                                               const scheduler::Target& target);
// "task nightly-report", "lane 1".
[[nodiscard]] std::string object_of(const scheduler::Target& target);

}  // namespace systask::service
