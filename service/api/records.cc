// Rows to look at: orders, cached and quarantined messages, recoveries, the audit log.
#include <fmt/format.h>

#include <boost/json.hpp>
#include <functional>
#include <string>
#include <utility>

#include "service/api/problem.h"
#include "service/api/recovery_times.h"
#include "service/api/routes.h"
#include "service/api/tables.h"
#include "service/config/time_text.h"

namespace systask::service {
namespace {

constexpr std::size_t kRowsShown = 10'000;
constexpr std::size_t kMostCounted = 1'000'000;

using PlanRows = Tables::Rows (Tables::*)(std::optional<trading::PlanId>, std::size_t);
using LatestRows = Tables::Rows (Tables::*)(std::size_t);

// The time in ?since=…, or the beginning of time.
Result<TimePoint> since_of(const ApiParts& parts, const ApiRequest& request) {
  const std::string text = request.query("since");
  if (text.empty()) return TimePoint::min();
  return parse_time(text, parts.zone, parts.clock.now());
}

void add_rows_of_plan(Router& router, const ApiParts& parts, const std::string& path,
                      PlanRows rows) {
  router.add("GET", path,
             [&parts, path, rows](const ApiRequest& request, const net::HttpAnswer& answer) {
               const auto plan = plan_of_query(request);
               if (plan.has_error()) return answer(problem(plan.error()));
               const auto limit = limit_of(request, kRowsShown);
               if (limit.has_error()) return answer(problem(limit.error()));
               answer_later(parts, "GET " + path, answer, [&parts, rows, plan, limit] {
                 return json_response(200, (parts.tables.*rows)(*plan, *limit));
               });
             });
}

void add_latest_rows(Router& router, const ApiParts& parts, const std::string& path,
                     LatestRows rows) {
  router.add("GET", path,
             [&parts, path, rows](const ApiRequest& request, const net::HttpAnswer& answer) {
               const auto limit = limit_of(request, kRowsShown);
               if (limit.has_error()) return answer(problem(limit.error()));
               answer_later(parts, "GET " + path, answer, [&parts, rows, limit] {
                 return json_response(200, (parts.tables.*rows)(*limit));
               });
             });
}

// ?plan=, ?open=true and ?since=, each optional.
Result<Tables::WhichRecoveries> recoveries_wanted(const ApiParts& parts, const ApiRequest& request,
                                                  std::size_t otherwise) {
  const auto limit = limit_of(request, otherwise);
  if (limit.has_error()) return limit.error();
  const auto plan = plan_of_query(request);
  if (plan.has_error()) return plan.error();
  const auto since = since_of(parts, request);
  if (since.has_error()) return since.error();
  const std::string open = request.query("open");
  if (!open.empty() && open != "true" && open != "false")
    return Refusal{"BAD_REQUEST", "'open' is '" + open + "', expected true or false"};
  return Tables::WhichRecoveries{*limit, *plan, open == "true", *since};
}

void add_recoveries(Router& router, const ApiParts& parts) {
  router.add("GET", "/api/recoveries",
             [&parts](const ApiRequest& request, const net::HttpAnswer& answer) {
               const auto wanted = recoveries_wanted(parts, request, kRowsShown);
               if (wanted.has_error()) return answer(problem(wanted.error()));
               answer_later(parts, "GET /api/recoveries", answer, [&parts, wanted] {
                 return json_response(200, parts.tables.recoveries(*wanted));
               });
             });
  router.add("GET", "/api/recoveries/times",
             [&parts](const ApiRequest& request, const net::HttpAnswer& answer) {
               const auto wanted = recoveries_wanted(parts, request, kMostCounted);
               if (wanted.has_error()) return answer(problem(wanted.error()));
               answer_later(parts, "GET /api/recoveries/times", answer, [&parts, wanted] {
                 return json_response(200, recovery_times(parts.tables.recoveries(*wanted)));
               });
             });
}

void add_trail(Router& router, const ApiParts& parts) {
  router.add("GET", "/api/plans/{id}/trail",
             [&parts](const ApiRequest& request, const net::HttpAnswer& answer) {
               const auto plan = plan_of_path(request);
               if (plan.has_error()) return answer(problem(plan.error()));
               answer_later(parts, "GET /api/plans/ID/trail", answer, [&parts, plan = *plan] {
                 const Tables::Rows trail = parts.tables.trail(plan);
                 if (!trail.empty()) return json_response(200, trail);
                 return problem(
                     {"NO_SUCH_PLAN", fmt::format("nothing is known of a plan {}", plan.value())});
               });
             });
}

// "task 90001" is the task of that number.
std::string object_named(const ApiParts& parts, const std::string& object) {
  constexpr std::string_view kTask = "task ";
  if (!object.starts_with(kTask)) return object;
  return std::string{kTask} + task_named(parts, object.substr(kTask.size()));
}

void add_audit(Router& router, const ApiParts& parts) {
  router.add(
      "GET", "/api/audit", [&parts](const ApiRequest& request, const net::HttpAnswer& answer) {
        const auto limit = limit_of(request, kRowsShown);
        if (limit.has_error()) return answer(problem(limit.error()));
        const auto since = since_of(parts, request);
        if (since.has_error()) return answer(problem(since.error()));
        answer_later(parts, "GET /api/audit", answer,
                     [&parts, object = object_named(parts, request.query("object")), since, limit] {
                       return json_response(200, parts.tables.audit(object, *since, *limit));
                     });
      });
}

}  // namespace

void add_record_routes(Router& router, const ApiParts& parts) {
  add_rows_of_plan(router, parts, "/api/orders", &Tables::orders);
  add_rows_of_plan(router, parts, "/api/cache", &Tables::cache);
  add_latest_rows(router, parts, "/api/quarantine", &Tables::quarantine);
  add_recoveries(router, parts);
  add_trail(router, parts);
  add_audit(router, parts);
}

}  // namespace systask::service
