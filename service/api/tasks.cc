// Tasks: what is scheduled, running one now, and why one did not run.
#include <fmt/format.h>

#include <atomic>
#include <boost/json.hpp>
#include <exception>
#include <memory>
#include <utility>

#include "scheduler/engine/engine.h"
#include "scheduler/ports/run_ledger.h"
#include "service/api/audited.h"
#include "service/api/page.h"
#include "service/api/problem.h"
#include "service/api/routes.h"
#include "service/api/run_await.h"
#include "service/api/run_views.h"
#include "service/api/task_json.h"
#include "service/api/task_names.h"
#include "service/api/times_in_zone.h"
#include "service/api/why_text.h"
#include "service/config/time_text.h"

namespace systask::service {
namespace {

namespace json = boost::json;
using scheduler::RunRow;
using scheduler::TaskStatus;

// What was asked for by POST /api/tasks/NAME/run.
struct WantedRun {
  std::string task;
  scheduler::RunRequest request;
  // Answered after so long, whether it has ended or not; nothing: when it has ended.
  std::optional<std::chrono::milliseconds> wait;
};

// The engine writes the claim before run_now() returns, so not on the io thread; the
// answer is the completion's, when the outcome is durable, or the timer's.
void run_task(const ApiParts& parts, WantedRun wanted, const net::HttpAnswer& answer) {
  const std::string& task = wanted.task;
  const std::string actor = wanted.request.actor;
  const std::string reason = wanted.request.reason;
  const RunAnswer asker{parts, "POST /api/tasks/NAME/run", wanted.wait, answer};
  wanted.request.done = asker.when_ended(task);
  try {
    const json::object before = target_state(parts, scheduler::Target::task(task));
    const auto run = parts.engine.run_now(task, std::move(wanted.request));
    if (run.has_error()) return asker.refuse(problem(run.error()));
    audit(parts, {.actor = actor,
                  .action = "task run",
                  .object = "task " + task,
                  .reason = reason,
                  .before = before,
                  .after = {{"run", run->value()}}});
    asker.begin(*run, task);
  } catch (const std::exception& error) {
    asker.refuse(problem(
        500, "INTERNAL",
        fmt::format("task '{}' was not run: {}; the service's log says more", task, error.what())));
  }
}

void handle_run(const ApiParts& parts, const ApiRequest& request, const net::HttpAnswer& answer) {
  auto body = Body::parse(request.http.body);
  if (body.has_error()) return answer(problem(body.error()));
  WantedRun wanted{.task = request.at("name"),
                   .request = {.actor = actor_of(request, *body),
                               .parameters = body->texts("parameters"),
                               .done = {},
                               .reason = body->text_or("reason", "")},
                   .wait = {}};
  if (wanted.request.reason.empty()) wanted.request.reason = "no reason given";
  if (const auto wait = body->optional_integer("wait_ms", 0, kLongestWait.count()))
    wanted.wait = std::chrono::milliseconds{*wait};
  if (body->wrong()) return answer(problem(body->refusal()));
  const bool taken = parts.post([&parts, wanted = std::move(wanted), answer]() mutable {
    wanted.task = task_named(parts, wanted.task);
    run_task(parts, wanted, answer);
  });
  if (!taken)
    answer(problem(503, "BUSY",
                   "the task was not run: the service is stopping, or too "
                   "busy; try again"));
}

// A task by its name or number, with its latest runs; one that has left the configuration too.
net::HttpResponse show_task(const ApiParts& parts, const std::string& text) {
  constexpr std::size_t kRunsShown = 10;
  const TaskNames names{parts};
  const auto found = names.find(text);
  if (found.has_error()) return problem(found.error());
  if (found->size() > 1)
    return problem(400, "BAD_REQUEST",
                   fmt::format("'{}' fits {} tasks, expected one: give its name or its number",
                               text, found->size()));
  const scheduler::TaskId id = found->front();
  const std::string name = names.name_of(id);
  json::object task;
  if (const auto status = parts.engine.task(name); status && status->spec->id == id) {
    task = task_json(*status, parts.zone, parts.clock.now());
    json::object parameters;
    for (const auto& [key, value] : status->spec->parameters)
      parameters[key] = value;
    task["parameters"] = std::move(parameters);
  } else {
    task = {{"id", id.value()}, {"name", name}, {"state", "gone"}};
    if (const auto* last = names.gone(id)) task["schedule"] = last->schedule;
  }
  RunFilter latest{.query = {.tasks = *found, .limit = kRunsShown}};
  task["runs"] = page_json(parts, names, latest).at("runs");
  return json_response(200, task);
}

// A hundred thousand tasks are not shown to answer with a page of them.
Tables::Page tasks_json(const ApiParts& parts, const Tables::Asked& asked) {
  const std::vector<TaskStatus> tasks = parts.engine.tasks();
  const TimePoint now = parts.clock.now();
  return cut_page(
      tasks.size(), [&](std::size_t at) { return task_json(tasks[at], parts.zone, now); }, asked);
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
  json::value answer = why_json(*status->spec, *time, *found);
  write_times_in(answer, parts.zone);
  return json_response(200, answer);
}

}  // namespace

std::string task_named(const ApiParts& parts, const std::string& name_or_number) {
  const bool number = !name_or_number.empty() &&
                      name_or_number.find_first_not_of("0123456789") == std::string::npos;
  if (!number || parts.engine.task(name_or_number)) return name_or_number;
  for (const TaskStatus& task : parts.engine.tasks())
    if (fmt::format("{}", task.spec->id.value()) == name_or_number) return task.spec->name;
  return name_or_number;
}

void add_task_routes(Router& router, const ApiParts& parts) {
  router.add("GET", "/api/tasks",
             [&parts](const ApiRequest& request, const net::HttpAnswer& answer) {
               const auto asked = page_of(request);
               if (asked.has_error()) return answer(problem(asked.error()));
               answer_later(parts, "GET /api/tasks", answer, [&parts, asked, request] {
                 return page_response(request, tasks_json(parts, *asked));
               });
             });
  router.add("GET", "/api/tasks/{name}",
             [&parts](const ApiRequest& request, const net::HttpAnswer& answer) {
               answer_later(parts, "GET " + request.http.path, answer,
                            [&parts, task = request.at("name")] { return show_task(parts, task); });
             });
  router.add("GET", "/api/tasks/{name}/why",
             [&parts](const ApiRequest& request, const net::HttpAnswer& answer) {
               answer_later(parts, "GET " + request.http.path, answer,
                            [&parts, task = task_named(parts, request.at("name")),
                             at = request.query("at")] { return explain(parts, task, at); });
             });
  router.add("POST", "/api/tasks/{name}/run",
             [&parts](const ApiRequest& request, const net::HttpAnswer& answer) {
               handle_run(parts, request, answer);
             });
}

}  // namespace systask::service
