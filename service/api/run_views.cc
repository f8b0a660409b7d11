#include "service/api/run_views.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <map>

#include "scheduler/engine/engine.h"
#include "scheduler/ports/run_attempts.h"
#include "scheduler/ports/run_ledger.h"
#include "scheduler/ports/run_outputs.h"
#include "service/api/task_json.h"

namespace systask::service {
namespace {

namespace json = boost::json;
using scheduler::HistoryPage;
using scheduler::OpenRun;
using scheduler::RunId;
using scheduler::RunRow;
using scheduler::TaskId;

// So many tasks are counted for a page.
constexpr std::size_t kMostFolded = 100;

json::object named_run(const TaskNames& names, const RunRow& row, const Zone& zone,
                       const OpenRun* open) {
  json::object run = run_json(row, names.name_of(row.key.task), zone, open);
  if (names.is_gone(row.key.task)) run["gone"] = true;
  return run;
}

// Adds the usual runs that the page left out, in the time that it covers, and how many of the
// tasks that have such runs were not counted.
void add_folded(const ApiParts& parts, const TaskNames& names, const RunFilter& filter,
                const HistoryPage& page, json::object& body) {
  const TimePoint from = page.next ? page.rows.back().key.nominal : filter.query.since;
  const TimePoint until = filter.query.after ? filter.query.after->at : filter.query.until;
  std::vector<TaskId> tasks = names.frequent(parts.clock.now());
  std::ranges::sort(tasks);
  body["folded_left_out"] = tasks.size() - std::min(tasks.size(), kMostFolded);
  if (tasks.size() > kMostFolded) tasks.resize(kMostFolded);
  json::array& rows = body["folded"].as_array();
  for (const scheduler::RunTally& tally : parts.history.tally(tasks, from, until))
    rows.push_back(json::object{{"task", names.name_of(tally.task)},
                                {"task_id", tally.task.value()},
                                {"outcome", name_of(scheduler::RunState::kSucceeded)},
                                {"count", tally.count},
                                {"at_least", tally.at_least},
                                {"first", time_json(parts.zone, tally.first)},
                                {"last", time_json(parts.zone, tally.last)}});
}

bool shows_usual(const RunFilter& filter) {
  const auto has = [](const auto& wanted, auto value) {
    return wanted.empty() || std::ranges::count(wanted, value) > 0;
  };
  return has(filter.query.states, scheduler::RunState::kSucceeded) &&
         has(filter.query.triggers, scheduler::Trigger::kSchedule);
}

json::object parameters_json(const scheduler::Parameters& parameters) {
  json::object members;
  for (const auto& [name, value] : parameters)
    members[name] = value;
  return members;
}

// "key=value" lines, as the definition of a task has them.
scheduler::Parameters parameters_of(std::string_view lines) {
  scheduler::Parameters parameters;
  while (!lines.empty()) {
    const std::size_t end = std::min(lines.find('\n'), lines.size());
    const std::string_view line = lines.substr(0, end);
    if (const std::size_t equals = line.find('='); equals != std::string_view::npos)
      parameters.emplace(line.substr(0, equals), line.substr(equals + 1));
    lines.remove_prefix(std::min(end + 1, lines.size()));
  }
  return parameters;
}

// What the run was given, over what its task had when it was claimed.
void add_given(const ApiParts& parts, const RunRow& row, json::object& run) {
  const auto given = parts.history.given(row.id);
  scheduler::Parameters parameters = given ? given->parameters : scheduler::Parameters{};
  if (const auto task = parts.history.task_at(row.key.task, row.claimed_at))
    for (auto& [name, value] : parameters_of(task->parameters))
      parameters.emplace(name, value);
  run["parameters"] = parameters_json(parameters);
  run["given"] = parameters_json(given ? given->parameters : scheduler::Parameters{});
  run["reason"] = given ? json::value(given->reason) : json::value{};
}

json::array output_json(const ApiParts& parts, RunId run) {
  json::array outputs;
  for (const scheduler::RunOutput& output : parts.outputs.of(run))
    outputs.push_back(json::object{{"attempt", output.attempt},
                                   {"bytes", output.printed.total},
                                   {"cut", output.printed.cut},
                                   {"text", output.printed.text}});
  return outputs;
}

}  // namespace

json::object page_json(const ApiParts& parts, const TaskNames& names, const RunFilter& filter) {
  std::map<RunId, OpenRun> open;
  for (OpenRun& run : parts.engine.open_runs())
    open.emplace(run.row.id, std::move(run));
  const HistoryPage page = parts.history.page(filter.query);
  json::array rows;
  for (const RunRow& row : page.rows) {
    const auto known = open.find(row.id);
    const OpenRun* const one = known == open.end() ? nullptr : &known->second;
    const bool runs = one != nullptr && one->runs;
    if (is_open(row.state) && !(runs ? filter.runs : filter.waits)) continue;
    rows.push_back(named_run(names, row, parts.zone, is_open(row.state) ? one : nullptr));
  }
  json::object body{{"runs", std::move(rows)},
                    {"folded", json::array{}},
                    {"folded_left_out", 0},
                    {"next", page.next ? json::value(cursor_text(*page.next)) : json::value{}}};
  if (filter.fold && shows_usual(filter)) add_folded(parts, names, filter, page, body);
  return body;
}

Result<json::object> whole_run_json(const ApiParts& parts, RunId id) {
  // The engine first: a run that ends in between has its row in the ledger then.
  const std::optional<OpenRun> open = parts.engine.open_run(id);
  std::optional<RunRow> row = parts.ledger.find(id);
  // A run by event is not in the ledger before its outcome.
  if (!row && open) row = open->row;
  if (!row)
    return Refusal{"UNKNOWN_RUN", fmt::format("there is no run {}: `systask runs` has their "
                                              "numbers, and prune-runs drops old ones",
                                              id.value())};
  json::object run =
      named_run(TaskNames{parts}, *row, parts.zone, open && is_open(row->state) ? &*open : nullptr);
  add_given(parts, *row, run);
  run["attempts"] = attempts_json(parts.attempts.of(id), parts.zone);
  run["output"] = output_json(parts, id);
  return run;
}

}  // namespace systask::service
