// Plans: all of them, one in full, a new one, and clients' changes of one.
#include <fmt/format.h>

#include <boost/json.hpp>
#include <charconv>
#include <utility>

#include "service/api/body.h"
#include "service/api/new_plan.h"
#include "service/api/page.h"
#include "service/api/plan_desk.h"
#include "service/api/problem.h"
#include "service/api/routes.h"
#include "service/api/tables.h"
#include "trading/plan_status.h"

namespace systask::service {
namespace {

namespace json = boost::json;
using trading::PlanId;
using trading::PlanRequest;

net::HttpResponse view_json(const trading::PlanView& view) {
  json::object plan = json::parse(view.plan_json).as_object();
  const auto& code = plan.at("status").as_string();
  if (const auto status = trading::plan_status(code.empty() ? '?' : code.front()))
    plan["status_name"] = trading::name_of(*status);
  plan["abnormal"] = view.abnormal;
  plan["epoch"] = view.epoch.value();
  plan["site"] = view.site;
  plan["last_number"] = view.last.value();
  plan["last"] = view.last.value();  // its name before
  plan["skipped"] = view.skipped;
  plan["cached"] = view.cached;
  plan["digest"] = view.digest;
  plan["reason"] = view.reason.empty() ? json::value(nullptr) : json::value(view.reason);
  return json_response(200, plan);
}

// Modify must say which parameters; the other requests have none.
Handler change_handler(const ApiParts& parts, PlanRequest kind) {
  return [&parts, kind](const ApiRequest& request, const net::HttpAnswer& answer) {
    const auto plan = plan_of_path(request);
    if (plan.has_error()) return answer(problem(plan.error()));
    auto body = Body::parse(request.http.body);
    if (body.has_error()) return answer(problem(body.error()));
    trading::Parameters parameters;
    if (kind == PlanRequest::kModify) parameters = body->texts("parameters");
    const auto actor = actor_of(request, *body);
    const auto reason = body->text_or("reason", "");
    if (body->wrong()) return answer(problem(body->refusal()));
    if (kind == PlanRequest::kModify && parameters.empty())
      return answer(problem(400, "BAD_REQUEST",
                            "the body is not as expected: 'parameters' names "
                            "nothing to change, expected an object of strings"));
    const auto done = [answer, plan = *plan](const Result<trading::LineNumber>& number) {
      if (number.has_error()) return answer(problem(number.error()));
      answer(json_response(202, json::object{{"plan", plan.value()},
                                             {"number", number->value()},
                                             {"seq", number->value()}}));  // its name before
    };
    parts.desk.change(*plan, kind, std::move(parameters), actor, reason, done);
  };
}

void create_plan(const ApiParts& parts, const ApiRequest& request, const net::HttpAnswer& answer) {
  auto body = Body::parse(request.http.body);
  if (body.has_error()) return answer(problem(body.error()));
  std::string actor = actor_of(request, *body);
  auto plan = new_plan_of(std::move(*body), std::move(actor));
  if (plan.has_error()) return answer(problem(plan.error()));
  const auto done = [answer](const Result<trading::CreatedPlan>& made) {
    if (made.has_error()) return answer(problem(made.error()));
    answer(json_response(201, json::object{{"plan", made->plan.value()},
                                           {"site", made->site},
                                           {"business_date", made->date.value()}}));
  };
  parts.desk.create(std::move(*plan), done);
}

void show_plan(const ApiParts& parts, const ApiRequest& request, const net::HttpAnswer& answer) {
  const auto plan = plan_of_path(request);
  if (plan.has_error()) return answer(problem(plan.error()));
  parts.desk.view(*plan, [answer](const Result<trading::PlanView>& view) {
    answer(view.has_error() ? problem(view.error()) : view_json(*view));
  });
}

void explain_plan(const ApiParts& parts, const ApiRequest& request, const net::HttpAnswer& answer) {
  const auto plan = plan_of_path(request);
  if (plan.has_error()) return answer(problem(plan.error()));
  parts.desk.explain(*plan, [answer](const Result<trading::Explained>& found) {
    if (found.has_error()) return answer(problem(found.error()));
    json::array sites;
    for (const auto& [site, why] : found->sites)
      sites.push_back(json::object{{"site", site}, {"answer", why}});
    answer(json_response(200, json::object{{"plan", found->plan.value()},
                                           {"site", found->site},
                                           {"state", found->state},
                                           {"sites", std::move(sites)}}));
  });
}

// Both take a plan somewhere: to a site, or out of quarantine.
void move_plan(const ApiParts& parts, const ApiRequest& request, const net::HttpAnswer& answer,
               bool release) {
  const auto plan = plan_of_path(request);
  if (plan.has_error()) return answer(problem(plan.error()));
  auto body = Body::parse(request.http.body);
  if (body.has_error()) return answer(problem(body.error()));
  const auto to = release ? std::string{} : body->text("to");
  const auto reason = body->text_or("reason", "");
  const auto actor = actor_of(request, *body);
  if (body->wrong()) return answer(problem(body->refusal()));
  const auto done = [answer, plan = *plan](const Result<bool>& moved) {
    if (moved.has_error()) return answer(problem(moved.error()));
    answer(json_response(202, json::object{{"plan", plan.value()}}));
  };
  if (release)
    parts.desk.release(*plan, actor, reason, done);
  else
    parts.desk.move(*plan, to, actor, reason, done);
}

}  // namespace

Result<PlanId> plan_of_path(const ApiRequest& request) {
  const std::string& text = request.at("id");
  std::int64_t id = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, id);
  if (error == std::errc{} && stop == end) return PlanId{id};
  return Refusal{"BAD_REQUEST",
                 fmt::format("'{}' is no number of a plan; `systask plans` shows them", text)};
}

void add_plan_routes(Router& router, const ApiParts& parts) {
  router.add("GET", "/api/plans",
             [&parts](const ApiRequest& request, const net::HttpAnswer& answer) {
               const auto asked = page_of(request);
               if (asked.has_error()) return answer(problem(asked.error()));
               const auto quarantined = flag_of(request, "quarantined");
               if (quarantined.has_error()) return answer(problem(quarantined.error()));
               const auto rows = *quarantined ? &Tables::quarantined_plans : &Tables::plans;
               answer_later(parts, "GET /api/plans", answer, [&parts, asked, rows, request] {
                 return page_response(request, (parts.tables.*rows)(*asked));
               });
             });
  router.add("POST", "/api/plans",
             [&parts](const ApiRequest& request, const net::HttpAnswer& answer) {
               create_plan(parts, request, answer);
             });
  router.add("GET", "/api/plans/{id}",
             [&parts](const ApiRequest& request, const net::HttpAnswer& answer) {
               show_plan(parts, request, answer);
             });
  router.add("GET", "/api/plans/{id}/explain",
             [&parts](const ApiRequest& request, const net::HttpAnswer& answer) {
               explain_plan(parts, request, answer);
             });
  for (const bool release : {false, true})
    router.add("POST", release ? "/api/plans/{id}/release" : "/api/plans/{id}/move",
               [&parts, release](const ApiRequest& request, const net::HttpAnswer& answer) {
                 move_plan(parts, request, answer, release);
               });
  for (const auto& [verb, kind] : {std::pair{"pause", PlanRequest::kPause},
                                   {"resume", PlanRequest::kResume},
                                   {"cancel", PlanRequest::kCancel},
                                   {"modify", PlanRequest::kModify}})
    router.add("POST", fmt::format("/api/plans/{{id}}/{}", verb), change_handler(parts, kind));
}

}  // namespace systask::service
