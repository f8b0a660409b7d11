// Tasks and their runs: what is scheduled, what came of it, and running or pausing one.
#include <fmt/format.h>

#include <boost/json.hpp>
#include <exception>
#include <map>
#include <utility>

#include "base/log.h"
#include "scheduler/engine/engine.h"
#include "service/api/body.h"
#include "service/api/problem.h"
#include "service/api/routes.h"

namespace systask::service {
namespace {

namespace json = boost::json;
using scheduler::RunRow;
using scheduler::TaskStatus;

constexpr std::size_t kRunsShown = 50;

json::value time_of(const ApiParts& parts, const std::optional<TimePoint>& at) {
  if (!at || *at == scheduler::kNever) return nullptr;
  return json::string{parts.zone.to_rfc3339(*at)};
}

std::string_view state_of(const TaskStatus& task) {
  if (!task.spec->enabled) return "disabled";
  if (task.running) return "running";
  return task.pause ? "paused" : "idle";
}

json::object task_json(const ApiParts& parts, const TaskStatus& task) {
  const auto& last = task.last;
  json::object object{{"id", task.spec->id.value()},
                      {"name", task.spec->name},
                      {"priority", task.spec->priority},
                      {"schedule", task.spec->schedule_text},
                      {"state", state_of(task)},
                      {"next", time_of(parts, task.next_due)},
                      {"last_outcome", last ? json::value(name_of(last->state)) : json::value{}},
                      {"last_at", last ? time_of(parts, last->key.nominal) : json::value{}},
                      {"last_detail", last ? json::value(last->detail) : json::value{}},
                      {"running_since", time_of(parts, task.running_since)}};
  object["paused"] = task.pause ? json::value{{"reason", task.pause->reason},
                                              {"actor", task.pause->actor},
                                              {"since", time_of(parts, task.pause->since)}}
                                : json::value{};
  return object;
}

json::object run_json(const ApiParts& parts, const RunRow& run, std::string_view task) {
  json::value took;
  if (run.started_at && run.finished_at)
    took = std::chrono::duration_cast<std::chrono::milliseconds>(*run.finished_at - *run.started_at)
               .count();
  return {{"run", run.id.value()},
          {"task", task},
          {"nominal", time_of(parts, run.key.nominal)},
          {"outcome", name_of(run.state)},
          {"trigger", name_of(run.trigger)},
          {"business_date", run.business_date},
          {"attempt", run.attempt},
          {"count", run.count},
          {"started_at", time_of(parts, run.started_at)},
          {"finished_at", time_of(parts, run.finished_at)},
          {"took_ms", took},
          {"actor", run.actor},
          {"detail", run.detail}};
}

net::HttpResponse list_runs(const ApiParts& parts, const std::string& task, std::size_t limit) {
  scheduler::RunQuery query;
  query.limit = limit;
  std::map<scheduler::TaskId, std::string> names;
  for (const TaskStatus& known : parts.engine.tasks()) {
    names.emplace(known.spec->id, known.spec->name);
    if (known.spec->name == task) query.task = known.spec->id;
  }
  if (!task.empty() && !query.task)
    return problem(404, "UNKNOWN_TASK",
                   fmt::format("no task is named '{}': `systask tasks` names them all", task));
  json::array rows;
  for (const RunRow& run : parts.ledger.runs(query)) {
    const auto name = names.find(run.key.task);
    // A task that is no longer configured has its runs still.
    rows.push_back(run_json(
        parts, run, name == names.end() ? fmt::format("{}", run.key.task.value()) : name->second));
  }
  return json_response(200, rows);
}

// What was done is done, and its answer stands, even where the audit log cannot be written.
void audit(const ApiParts& parts, const std::string& actor, const std::string& action,
           const std::string& task, const std::string& reason) try {
  if (!parts.audit) return;
  parts.audit({.at = parts.clock.now(),
               .actor = actor,
               .action = "task " + action,
               .object = "task " + task,
               .before = {},
               .after = {},
               .reason = reason});
} catch (const std::exception& error) {
  log::error("a change is missing in the audit log",
             {{"task", task}, {"action", action}, {"actor", actor}, {"reason", error.what()}});
}

// The engine writes the claim before run_now() returns, so not on the io thread; the
// answer is the completion's, when the outcome is durable.
void run_task(const ApiParts& parts, const std::string& task, scheduler::RunRequest request,
              const net::HttpAnswer& answer) {
  const std::string actor = request.actor;
  request.done = [&parts, task, answer](const RunRow& run) {
    answer(json_response(200, run_json(parts, run, task)));
  };
  try {
    const auto run = parts.engine.run_now(task, std::move(request));
    if (run.has_error())
      answer(problem(run.error()));
    else
      audit(parts, actor, "run", task, fmt::format("run {}", run->value()));
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
  scheduler::RunRequest wanted{.actor = body->text_or("actor", actor_of(request)),
                               .parameters = body->texts("parameters")};
  if (body->wrong()) return answer(problem(body->refusal()));
  const bool taken = parts.post([&parts, task = request.at("name"), wanted = std::move(wanted),
                                 answer] { run_task(parts, task, wanted, answer); });
  if (!taken)
    answer(problem(503, "BUSY",
                   "the task was not run: the service is stopping, or too "
                   "busy; try again"));
}

Handler pause_handler(const ApiParts& parts, bool pause) {
  return [&parts, pause](const ApiRequest& request, const net::HttpAnswer& answer) {
    auto body = Body::parse(request.http.body);
    if (body.has_error()) return answer(problem(body.error()));
    const auto reason = pause ? body->text("reason") : body->text_or("reason", "");
    const auto actor = body->text_or("actor", actor_of(request));
    if (body->wrong()) return answer(problem(body->refusal()));
    const std::string task = request.at("name");
    answer_later(parts, "POST " + request.http.path, answer, [&parts, pause, task, reason, actor] {
      const auto done = pause ? parts.engine.pause(task, reason, actor)
                              : parts.engine.resume(task, reason, actor);
      if (done.has_error()) return problem(done.error());
      audit(parts, actor, pause ? "pause" : "resume", task, reason);
      return json_response(200, json::object{{"task", task}, {"paused", pause}});
    });
  };
}

}  // namespace

void add_task_routes(Router& router, const ApiParts& parts) {
  router.add("GET", "/api/tasks", [&parts](const ApiRequest&, const net::HttpAnswer& answer) {
    answer_later(parts, "GET /api/tasks", answer, [&parts] {
      json::array rows;
      for (const TaskStatus& task : parts.engine.tasks())
        rows.push_back(task_json(parts, task));
      return json_response(200, rows);
    });
  });
  router.add(
      "GET", "/api/runs", [&parts](const ApiRequest& request, const net::HttpAnswer& answer) {
        const auto limit = limit_of(request, kRunsShown);
        if (limit.has_error()) return answer(problem(limit.error()));
        answer_later(parts, "GET /api/runs", answer, [&parts, task = request.query("task"), limit] {
          return list_runs(parts, task, *limit);
        });
      });
  router.add("POST", "/api/tasks/{name}/run",
             [&parts](const ApiRequest& request, const net::HttpAnswer& answer) {
               handle_run(parts, request, answer);
             });
  router.add("POST", "/api/tasks/{name}/pause", pause_handler(parts, true));
  router.add("POST", "/api/tasks/{name}/resume", pause_handler(parts, false));
}

}  // namespace systask::service
