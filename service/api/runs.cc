// Runs: what came of tasks, one run in full, and cancelling what is under way or waits.
#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <exception>
#include <map>
#include <set>

#include "scheduler/engine/engine.h"
#include "service/api/audited.h"
#include "service/api/problem.h"
#include "service/api/routes.h"
#include "service/api/run_await.h"
#include "service/api/run_filter.h"
#include "service/api/run_views.h"
#include "service/api/task_json.h"
#include "service/api/task_names.h"

namespace systask::service {
namespace {

namespace json = boost::json;
using scheduler::RunId;
using scheduler::RunRow;
using scheduler::Target;
using scheduler::TaskStatus;

Result<RunId> run_of_path(const ApiRequest& request) {
  const std::string& text = request.at("id");
  if (const auto number = number_in(text)) return RunId{*number};
  return Refusal{"BAD_REQUEST",
                 fmt::format("'{}' is no run: `systask runs` has their numbers", text)};
}

json::object run_state(const ApiParts& parts, RunId id) {
  if (const auto open = parts.engine.open_run(id))
    return {{"outcome", open->runs ? "runs" : "waits"}, {"detail", open_text(*open, parts.zone)}};
  const auto row = parts.ledger.find(id);
  if (!row) return {{"outcome", "not in the ledger"}};
  return {{"outcome", name_of(row->state)}, {"detail", row->detail}};
}

Result<void> cancel_one(const ApiParts& parts, RunId id, const scheduler::Asked& asked) {
  const json::object before = run_state(parts, id);
  Result<void> done = parts.engine.cancel(id, asked.actor);
  if (done.has_error()) return done;
  audit(parts, {.actor = asked.actor,
                .action = "run cancel",
                .object = fmt::format("run {}", id.value()),
                .reason = asked.reason,
                .before = before,
                .after = {{"asked", "to stop"}}});
  return {};
}

Work prepare_cancel(const Asking& asking) {
  return [&parts = asking.parts, run = run_of_path(asking.request)](const scheduler::Asked& asked) {
    if (run.has_error()) return problem(run.error());
    const auto done = cancel_one(parts, *run, asked);
    if (done.has_error()) return problem(done.error());
    return json_response(200, json::object{{"run", run->value()}, {"asked", "to stop"}});
  };
}

// The engine writes the claim before rerun() returns, so not on the io thread; the answer is the
// completion's, when the outcome is durable, or the timer's.
void rerun(const ApiParts& parts, RunId of, scheduler::RunRequest request, const RunAnswer& asker) {
  try {
    const auto row = parts.ledger.find(of);
    std::string name;
    for (const TaskStatus& task : parts.engine.tasks())
      if (row && task.spec->id == row->key.task) name = task.spec->name;
    if (const auto given = parts.history.given(of)) request.parameters = given->parameters;
    const std::string actor = request.actor;
    const std::string reason = request.reason;
    request.done = asker.when_ended(name);
    const json::object before = run_state(parts, of);
    const auto run = parts.engine.rerun(of, std::move(request));
    if (run.has_error()) return asker.refuse(problem(run.error()));
    audit(parts, {.actor = actor,
                  .action = "run rerun",
                  .object = fmt::format("run {}", of.value()),
                  .reason = reason,
                  .before = before,
                  .after = {{"run", run->value()}, {"task", name}}});
    asker.begin(*run, name);
  } catch (const std::exception& error) {
    asker.refuse(
        problem(500, "INTERNAL",
                fmt::format("run {} was not made once more: {}; the service's log says more",
                            of.value(), error.what())));
  }
}

void handle_rerun(const ApiParts& parts, const ApiRequest& request, const net::HttpAnswer& answer) {
  const Result<RunId> of = run_of_path(request);
  if (of.has_error()) return answer(problem(of.error()));
  auto body = Body::parse(request.http.body);
  if (body.has_error()) return answer(problem(body.error()));
  scheduler::RunRequest wanted{.actor = actor_of(request, *body),
                               .parameters = {},
                               .done = {},
                               .reason = body->text_or("reason", "no reason given")};
  std::optional<std::chrono::milliseconds> wait;
  if (const auto given = body->optional_integer("wait_ms", 0, kLongestWait.count()))
    wait = std::chrono::milliseconds{*given};
  if (body->wrong()) return answer(problem(body->refusal()));
  const RunAnswer asker{parts, "POST /api/runs/ID/rerun", wait, answer};
  const bool taken = parts.post(
      [&parts, of = *of, wanted = std::move(wanted), asker] { rerun(parts, of, wanted, asker); });
  if (!taken)
    answer(problem(503, "BUSY",
                   "the run was not made once more: the service is stopping, or too busy; try "
                   "again"));
}

bool concerns(const Target& target, const scheduler::TaskSpec& spec) {
  switch (target.kind) {
    case Target::Kind::kTask: return spec.name == target.name;
    case Target::Kind::kGroup: return spec.group == target.name;
    case Target::Kind::kLane: break;
  }
  return Target::lane(spec.priority) == target;
}

// What is open of the tasks: claimed in the ledger, or started by an event.
std::set<RunId> open_runs(const ApiParts& parts, const Target& target) {
  std::set<RunId> runs;
  std::set<scheduler::TaskId> tasks;
  for (const TaskStatus& task : parts.engine.tasks()) {
    if (!concerns(target, *task.spec)) continue;
    tasks.insert(task.spec->id);
    for (const auto& run : {task.running_id, task.held_id, task.retry_id})
      if (run) runs.insert(*run);
  }
  for (const RunRow& row : parts.ledger.unfinished())
    if (tasks.contains(row.key.task)) runs.insert(row.id);
  return runs;
}

void show_run(const ApiParts& parts, RunId run, const net::HttpAnswer& answer) {
  answer_later(parts, "GET /api/runs/ID", answer, [&parts, run] {
    const auto found = whole_run_json(parts, run);
    return found.has_error() ? problem(found.error()) : json_response(200, *found);
  });
}

// When it has ended, or after so long.
void show_run_later(const ApiParts& parts, RunId run, std::chrono::milliseconds wait,
                    const net::HttpAnswer& answer) {
  if (wait.count() == 0) return show_run(parts, run, answer);
  const bool taken = parts.post([&parts, run, wait, answer] {
    await_run(parts, run, wait, [&parts, run, answer] { show_run(parts, run, answer); });
  });
  if (!taken) answer(problem(503, "BUSY", "too much is being read already; try again"));
}

}  // namespace

net::HttpResponse cancel_open_runs(const ApiParts& parts, const Target& target,
                                   const scheduler::Asked& asked) {
  json::array cancelled;
  json::object before;
  json::object after;
  for (const RunId run : open_runs(parts, target)) {
    const json::object was = run_state(parts, run);
    if (parts.engine.cancel(run, asked.actor).has_error()) continue;
    const std::string name = fmt::format("run {}", run.value());
    before[name] = was;
    after[name] = "asked to stop";
    cancelled.emplace_back(run.value());
  }
  if (cancelled.empty())
    return problem(409, "NOTHING_TO_DO",
                   fmt::format("{} has no run that is under way or waits: `systask runs` shows "
                               "what became of them",
                               object_of(target)));
  audit(parts, {.actor = asked.actor,
                .action = fmt::format("{} cancel", kind_of(target)),
                .object = object_of(target),
                .reason = asked.reason,
                .before = std::move(before),
                .after = std::move(after)});
  return json_response(200, json::object{{kind_of(target), target.name}, {"cancelled", cancelled}});
}

void add_run_routes(Router& router, const ApiParts& parts) {
  router.add("GET", "/api/runs",
             [&parts](const ApiRequest& request, const net::HttpAnswer& answer) {
               answer_later(parts, "GET /api/runs", answer, [&parts, request] {
                 const TaskNames names{parts};
                 const auto filter = filter_of(request, names, parts.zone, parts.clock.now());
                 if (filter.has_error()) return problem(filter.error());
                 return json_response(200, page_json(parts, names, *filter));
               });
             });
  router.add("GET", "/api/runs/{id}",
             [&parts](const ApiRequest& request, const net::HttpAnswer& answer) {
               const auto run = run_of_path(request);
               if (run.has_error()) return answer(problem(run.error()));
               const auto wait = wait_of(request);
               if (wait.has_error()) return answer(problem(wait.error()));
               show_run_later(parts, *run, *wait, answer);
             });
  router.add("POST", "/api/runs/{id}/cancel", changing(parts, prepare_cancel));
  router.add("POST", "/api/runs/{id}/rerun",
             [&parts](const ApiRequest& request, const net::HttpAnswer& answer) {
               handle_rerun(parts, request, answer);
             });
}

}  // namespace systask::service
