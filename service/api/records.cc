// Rows to look at: orders, cached and quarantined messages, recoveries, the audit log.
#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <functional>
#include <string>
#include <utility>

#include "service/api/page.h"
#include "service/api/problem.h"
#include "service/api/recovery_times.h"
#include "service/api/routes.h"
#include "service/api/tables.h"
#include "service/config/time_text.h"

namespace systask::service {
namespace {

namespace json = boost::json;

constexpr std::size_t kMostCounted = 1'000'000;

using PlanRows = Tables::Page (Tables::*)(std::optional<trading::PlanId>, const Tables::Asked&);

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
               const auto asked = page_of(request);
               if (asked.has_error()) return answer(problem(asked.error()));
               answer_later(parts, "GET " + path, answer, [&parts, rows, plan, asked, request] {
                 return page_response(request, (parts.tables.*rows)(*plan, *asked));
               });
             });
}

// ?plan=, ?open=true and ?since=, each optional.
Result<Tables::WhichRecoveries> recoveries_wanted(const ApiParts& parts,
                                                  const ApiRequest& request) {
  const auto asked = page_of(request);
  if (asked.has_error()) return asked.error();
  const auto plan = plan_of_query(request);
  if (plan.has_error()) return plan.error();
  const auto since = since_of(parts, request);
  if (since.has_error()) return since.error();
  const auto open = flag_of(request, "open");
  if (open.has_error()) return open.error();
  return Tables::WhichRecoveries{asked->limit, *plan, *open, *since, asked->after};
}

// The phases and times of all recoveries that are wanted, page by page: no more is needed of them.
Tables::Rows phases_of(Tables& tables, Tables::WhichRecoveries which, std::size_t most) {
  Tables::Rows phases;
  for (;;) {
    which.limit = std::min(kRowsOfAPage, most - phases.size());
    const Tables::Page page = tables.recoveries(which);
    for (const json::value& row : page.rows) {
      json::object phase;
      for (const auto& [name, value] : row.as_object())
        if (name == "phase" || name.ends_with("_us")) phase[name] = value;
      phases.push_back(std::move(phase));
    }
    const bool all = page.next.empty() || page.rows.empty() || phases.size() >= most;
    if (all) return phases;
    which.after = Tables::Cursor{page.rows.back().at("recovery").as_int64(), 0};
  }
}

void add_recoveries(Router& router, const ApiParts& parts) {
  router.add("GET", "/api/recoveries",
             [&parts](const ApiRequest& request, const net::HttpAnswer& answer) {
               const auto wanted = recoveries_wanted(parts, request);
               if (wanted.has_error()) return answer(problem(wanted.error()));
               answer_later(parts, "GET /api/recoveries", answer, [&parts, wanted, request] {
                 return page_response(request, parts.tables.recoveries(*wanted));
               });
             });
  router.add("GET", "/api/recoveries/times",
             [&parts](const ApiRequest& request, const net::HttpAnswer& answer) {
               const auto most = limit_of(request, kMostCounted);
               if (most.has_error()) return answer(problem(most.error()));
               const auto wanted = recoveries_wanted(parts, request);
               if (wanted.has_error()) return answer(problem(wanted.error()));
               answer_later(parts, "GET /api/recoveries/times", answer, [&parts, wanted, most] {
                 return json_response(200, recovery_times(phases_of(parts.tables, *wanted, *most)));
               });
             });
}

void add_trail(Router& router, const ApiParts& parts) {
  router.add(
      "GET", "/api/plans/{id}/trail",
      [&parts](const ApiRequest& request, const net::HttpAnswer& answer) {
        const auto plan = plan_of_path(request);
        if (plan.has_error()) return answer(problem(plan.error()));
        const auto asked = page_of(request);
        if (asked.has_error()) return answer(problem(asked.error()));
        answer_later(
            parts, "GET /api/plans/ID/trail", answer, [&parts, plan = *plan, asked, request] {
              Tables::Rows trail = parts.tables.trail(plan);
              if (!trail.empty()) return page_response(request, cut_page(std::move(trail), *asked));
              return problem(
                  {"NO_SUCH_PLAN", fmt::format("nothing is known of a plan {}", plan.value())});
            });
      });
}

void add_quarantine(Router& router, const ApiParts& parts) {
  router.add("GET", "/api/quarantine",
             [&parts](const ApiRequest& request, const net::HttpAnswer& answer) {
               const auto asked = page_of(request);
               if (asked.has_error()) return answer(problem(asked.error()));
               answer_later(parts, "GET /api/quarantine", answer, [&parts, asked, request] {
                 return page_response(request, parts.tables.quarantine(*asked));
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
        const auto asked = page_of(request);
        if (asked.has_error()) return answer(problem(asked.error()));
        const auto since = since_of(parts, request);
        if (since.has_error()) return answer(problem(since.error()));
        answer_later(
            parts, "GET /api/audit", answer,
            [&parts, object = object_named(parts, request.query("object")), since, asked, request] {
              return page_response(request, parts.tables.audit(object, *since, *asked));
            });
      });
}

}  // namespace

void add_record_routes(Router& router, const ApiParts& parts) {
  add_rows_of_plan(router, parts, "/api/orders", &Tables::orders);
  add_rows_of_plan(router, parts, "/api/cache", &Tables::cache);
  add_quarantine(router, parts);
  add_recoveries(router, parts);
  add_trail(router, parts);
  add_audit(router, parts);
}

}  // namespace systask::service
