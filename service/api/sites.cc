// Strategy sites, with their state and load; and taking the plans of one away.
#include <boost/json.hpp>

#include "service/api/body.h"
#include "service/api/page.h"
#include "service/api/plan_desk.h"
#include "service/api/problem.h"
#include "service/api/routes.h"
#include "service/api/tables.h"

namespace systask::service {
namespace {

void drain_site(const ApiParts& parts, const ApiRequest& request, const net::HttpAnswer& answer) {
  auto body = Body::parse(request.http.body);
  if (body.has_error()) return answer(problem(body.error()));
  const auto reason = body->text_or("reason", "");
  const auto actor = actor_of(request, *body);
  if (body->wrong()) return answer(problem(body->refusal()));
  const std::string site = request.at("name");
  parts.desk.drain(site, actor, reason, [answer, site](const Result<bool>& done) {
    if (done.has_error()) return answer(problem(done.error()));
    answer(json_response(202, boost::json::object{{"site", site}, {"draining", true}}));
  });
}

}  // namespace

void add_site_routes(Router& router, const ApiParts& parts) {
  add_list(router, parts, "/api/sites", [&parts] { return parts.tables.sites(); });
  router.add("POST", "/api/sites/{name}/drain",
             [&parts](const ApiRequest& request, const net::HttpAnswer& answer) {
               drain_site(parts, request, answer);
             });
}

}  // namespace systask::service
