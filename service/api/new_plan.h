// The plan that a client asks for, out of the body of docs/protocol.md section 10: the
// same whether it comes over HTTP or by the order system. BAD_REQUEST names every member
// that is missing or of the wrong kind.
#pragma once

#include <string>

#include "base/result.h"
#include "trading/platform.h"

namespace systask::service {

class Body;

// `actor` is who asks.
[[nodiscard]] Result<trading::NewPlan> new_plan_of(Body body, std::string actor);

}  // namespace systask::service
