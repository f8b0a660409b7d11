// Runs: what came of tasks, and cancelling what is under way or waits.
#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <charconv>
#include <map>
#include <set>

#include "scheduler/engine/engine.h"
#include "service/api/audited.h"
#include "service/api/problem.h"
#include "service/api/routes.h"
#include "service/api/task_json.h"

namespace systask::service {
namespace {

namespace json = boost::json;
using scheduler::RunId;
using scheduler::RunRow;
using scheduler::Target;
using scheduler::TaskStatus;

constexpr std::size_t kRunsShown = 50;

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
    rows.push_back(
        run_json(run, name == names.end() ? fmt::format("{}", run.key.task.value()) : name->second,
                 parts.zone));
  }
  return json_response(200, rows);
}

json::object run_state(const ApiParts& parts, RunId id) {
  const auto row = parts.ledger.find(id);
  if (!row) return {{"outcome", "not in the ledger yet"}};
  return {{"outcome", name_of(row->state)}, {"detail", row->detail}};
}

Result<void> cancel_one(const ApiParts& parts, RunId id, const std::string& action,
                        const scheduler::Asked& asked) {
  const json::object before = run_state(parts, id);
  Result<void> done = parts.engine.cancel(id, asked.actor);
  if (done.has_error()) return done;
  audit(parts, {.actor = asked.actor,
                .action = action,
                .object = fmt::format("run {}", id.value()),
                .reason = asked.reason,
                .before = before,
                .after = {{"asked", "to stop"}}});
  return {};
}

Work prepare_cancel(const Asking& asking) {
  const std::string text = asking.request.at("id");
  return [&parts = asking.parts, text](const scheduler::Asked& asked) {
    std::int64_t id = 0;
    const char* const end = text.data() + text.size();
    const auto [last, error] = std::from_chars(text.data(), end, id);
    if (error != std::errc{} || last != end)
      return problem(400, "BAD_REQUEST",
                     fmt::format("'{}' is no run: `systask runs` has their numbers", text));
    const auto done = cancel_one(parts, RunId{id}, "run cancel", asked);
    if (done.has_error()) return problem(done.error());
    return json_response(200, json::object{{"run", id}, {"asked", "to stop"}});
  };
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

}  // namespace

net::HttpResponse cancel_open_runs(const ApiParts& parts, const Target& target,
                                   const scheduler::Asked& asked) {
  json::array cancelled;
  for (const RunId run : open_runs(parts, target))
    if (!cancel_one(parts, run, fmt::format("{} cancel", kind_of(target)), asked).has_error())
      cancelled.emplace_back(run.value());
  if (cancelled.empty())
    return problem(409, "NOTHING_TO_DO",
                   fmt::format("{} has no run that is under way or waits: `systask runs` shows "
                               "what became of them",
                               object_of(target)));
  return json_response(200, json::object{{kind_of(target), target.name}, {"cancelled", cancelled}});
}

void add_run_routes(Router& router, const ApiParts& parts) {
  router.add(
      "GET", "/api/runs", [&parts](const ApiRequest& request, const net::HttpAnswer& answer) {
        const auto limit = limit_of(request, kRunsShown);
        if (limit.has_error()) return answer(problem(limit.error()));
        answer_later(parts, "GET /api/runs", answer, [&parts, task = request.query("task"), limit] {
          return list_runs(parts, task, *limit);
        });
      });
  router.add("POST", "/api/runs/{id}/cancel", changing(parts, prepare_cancel));
}

}  // namespace systask::service
