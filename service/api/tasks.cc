// Tasks: what is scheduled, running one now, and why one did not run.
#include <fmt/format.h>

#include <boost/json.hpp>
#include <exception>
#include <utility>

#include "scheduler/engine/engine.h"
#include "service/api/audited.h"
#include "service/api/problem.h"
#include "service/api/routes.h"
#include "service/api/task_json.h"
#include "service/api/why_text.h"
#include "service/config/time_text.h"

namespace systask::service {
namespace {

namespace json = boost::json;
using scheduler::RunRow;
using scheduler::TaskStatus;

// The engine writes the claim before run_now() returns, so not on the io thread; the
// answer is the completion's, when the outcome is durable.
void run_task(const ApiParts& parts, const std::string& task, scheduler::RunRequest request,
              const std::string& reason, const net::HttpAnswer& answer) {
  const std::string actor = request.actor;
  request.done = [&parts, task, answer](const RunRow& run) {
    answer(json_response(200, run_json(run, task, parts.zone)));
  };
  try {
    const json::object before = target_state(parts, scheduler::Target::task(task));
    const auto run = parts.engine.run_now(task, std::move(request));
    if (run.has_error()) return answer(problem(run.error()));
    audit(parts, {.actor = actor,
                  .action = "task run",
                  .object = "task " + task,
                  .reason = reason.empty() ? "no reason given" : reason,
                  .before = before,
                  .after = {{"run", run->value()}}});
  } catch (const std::exception& error) {
    answer(problem(500, "INTERNAL",
                   fmt::format("task '{}' was not run: {}; the service's log says "
                               "more",
                               task, error.what())));
  }
}

void handle_run(const ApiParts& parts, const ApiRequest& request, const net::HttpAnswer& answer) {
  auto body = Body::parse(request.http.body);
  if (body.has_error()) return answer(problem(body.error()));
  scheduler::RunRequest wanted{.actor = actor_of(request, *body),
                               .parameters = body->texts("parameters")};
  const std::string reason = body->text_or("reason", "");
  if (body->wrong()) return answer(problem(body->refusal()));
  const bool taken =
      parts.post([&parts, task = request.at("name"), wanted = std::move(wanted), reason, answer] {
        run_task(parts, task, wanted, reason, answer);
      });
  if (!taken)
    answer(problem(503, "BUSY",
                   "the task was not run: the service is stopping, or too "
                   "busy; try again"));
}

net::HttpResponse explain(const ApiParts& parts, const std::string& task, const std::string& at) {
  const auto status = parts.engine.task(task);
  if (!status)
    return problem(404, "UNKNOWN_TASK",
                   fmt::format("no task is named '{}': `systask tasks` names them all", task));
  const auto zone = Zone::find(status->spec->zone);
  const auto time = parse_time(at, zone ? *zone : parts.zone, parts.clock.now());
  if (time.has_error()) return problem(time.error());
  const auto found = parts.engine.explain(task, *time);
  if (found.has_error()) return problem(found.error());
  return json_response(200, why_json(*status->spec, *time, *found));
}

}  // namespace

void add_task_routes(Router& router, const ApiParts& parts) {
  router.add("GET", "/api/tasks", [&parts](const ApiRequest&, const net::HttpAnswer& answer) {
    answer_later(parts, "GET /api/tasks", answer, [&parts] {
      json::array rows;
      const TimePoint now = parts.clock.now();
      for (const TaskStatus& task : parts.engine.tasks())
        rows.push_back(task_json(task, parts.zone, now));
      return json_response(200, rows);
    });
  });
  router.add("GET", "/api/tasks/{name}/why",
             [&parts](const ApiRequest& request, const net::HttpAnswer& answer) {
               answer_later(parts, "GET " + request.http.path, answer,
                            [&parts, task = request.at("name"), at = request.query("at")] {
                              return explain(parts, task, at);
                            });
             });
  router.add("POST", "/api/tasks/{name}/run",
             [&parts](const ApiRequest& request, const net::HttpAnswer& answer) {
               handle_run(parts, request, answer);
             });
}

}  // namespace systask::service
