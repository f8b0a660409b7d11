// Rows to look at: orders, cached and quarantined messages, recoveries, the audit log.
#include <boost/json.hpp>
#include <functional>
#include <string>
#include <utility>

#include "service/api/problem.h"
#include "service/api/routes.h"
#include "service/api/tables.h"
#include "service/config/time_text.h"

namespace systask::service {
namespace {

constexpr std::size_t kRowsShown = 10'000;

using PlanRows = Tables::Rows (Tables::*)(std::optional<trading::PlanId>, std::size_t);
using LatestRows = Tables::Rows (Tables::*)(std::size_t);

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

void add_audit(Router& router, const ApiParts& parts) {
  router.add("GET", "/api/audit",
             [&parts](const ApiRequest& request, const net::HttpAnswer& answer) {
               const auto limit = limit_of(request, kRowsShown);
               if (limit.has_error()) return answer(problem(limit.error()));
               const std::string text = request.query("since");
               const auto since = text.empty() ? Result<TimePoint>{TimePoint::min()}
                                               : parse_time(text, parts.zone, parts.clock.now());
               if (since.has_error()) return answer(problem(since.error()));
               answer_later(parts, "GET /api/audit", answer,
                            [&parts, object = request.query("object"), since, limit] {
                              return json_response(200, parts.tables.audit(object, *since, *limit));
                            });
             });
}

}  // namespace

void add_record_routes(Router& router, const ApiParts& parts) {
  add_rows_of_plan(router, parts, "/api/orders", &Tables::orders);
  add_rows_of_plan(router, parts, "/api/cache", &Tables::cache);
  add_latest_rows(router, parts, "/api/quarantine", &Tables::quarantine);
  add_latest_rows(router, parts, "/api/recoveries", &Tables::recoveries);
  add_audit(router, parts);
}

}  // namespace systask::service
