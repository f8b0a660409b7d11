// The routes of the API, one function a noun; and what they share. Only the Api and its
// routes include this. The parts must outlive the router.
#pragma once

#include <boost/json/fwd.hpp>
#include <functional>
#include <optional>
#include <string>

#include "service/api/api.h"
#include "service/api/router.h"
#include "service/metrics/overview.h"
#include "trading/types.h"

namespace systask::scheduler {
struct Asked;
struct Target;
}  // namespace systask::scheduler

namespace systask::service {

class Body;

void add_health_routes(Router& router, const ApiParts& parts, MonotonicPoint started);
void add_task_routes(Router& router, const ApiParts& parts);
void add_run_routes(Router& router, const ApiParts& parts);
void add_hold_routes(Router& router, const ApiParts& parts);
void add_step_routes(Router& router, const ApiParts& parts);
void add_plan_routes(Router& router, const ApiParts& parts);
void add_site_routes(Router& router, const ApiParts& parts);
void add_quarantine_routes(Router& router, const ApiParts& parts);
void add_record_routes(Router& router, const ApiParts& parts);

// Answers with what `work` returns, from a thread that may wait; 500 where it throws, and
// 503 where no thread will take it. `what` is in the log: "GET /api/runs".
void answer_later(const ApiParts& parts, const std::string& what, const net::HttpAnswer& answer,
                  std::function<net::HttpResponse()> work);

// The number in ?key=…, `otherwise` where there is none; BAD_REQUEST names what is wrong.
[[nodiscard]] Result<std::size_t> limit_of(const ApiRequest& request, std::size_t otherwise);
// ?key=true or false, false where it is absent.
[[nodiscard]] Result<bool> flag_of(const ApiRequest& request, const std::string& key);
[[nodiscard]] Result<trading::PlanId> plan_of_path(const ApiRequest& request);
[[nodiscard]] Result<std::optional<trading::PlanId>> plan_of_query(const ApiRequest& request);

// The name of the task that is named so, or has that number; the text itself where there is none.
[[nodiscard]] std::string task_named(const ApiParts& parts, const std::string& name_or_number);

// Who changes something: what the body says as `actor`, and whose token it is.
[[nodiscard]] std::string actor_of(const ApiRequest& request, Body& body);

// Asks all that is open of the target's tasks to stop; NOTHING_TO_DO where nothing is.
net::HttpResponse cancel_open_runs(const ApiParts& parts, const scheduler::Target& target,
                                   const scheduler::Asked& asked);

// The whole service at this moment. Waits for the database.
[[nodiscard]] Overview look(const ApiParts& parts, MonotonicPoint started);

}  // namespace systask::service
