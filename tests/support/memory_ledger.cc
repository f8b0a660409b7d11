#include "tests/support/memory_ledger.h"

#include <algorithm>
#include <stdexcept>

namespace systask::scheduler {

void MemoryLedger::refuse_if_broken(const Tables& tables, std::span<const RunRow> rows) {
  if (tables.down) throw std::runtime_error("the database is gone");
  for (const RunRow& row : rows)
    if (tables.poisoned.contains(row.key.task)) throw std::runtime_error("the row is refused");
}

std::vector<RunKey> MemoryLedger::claim(const TickClaims& claims) {
  return tables_.with([&](Tables& tables) {
    refuse_if_broken(tables, claims.runs);
    refuse_if_broken(tables, claims.skipped);
    std::vector<RunKey> taken;
    for (const RunRow& row : claims.runs)
      if (!tables.rows.emplace(row.key, row).second) taken.push_back(row.key);
    for (const RunRow& row : claims.skipped) {
      const auto [at, added] = tables.rows.emplace(row.key, row);
      if (added || at->second.state != row.state) continue;
      at->second.last_nominal = row.last_nominal;
      at->second.count = row.count;
      at->second.finished_at = row.finished_at;
      at->second.detail = row.detail;
    }
    move(tables, claims.moves);
    for (const RunGiven& given : claims.given)
      tables.given.emplace(given.run, given);
    return taken;
  });
}

void MemoryLedger::move(Tables& tables, std::span<const WatermarkMove> moves) {
  for (const WatermarkMove& move : moves) {
    const auto task = tables.tasks.find(move.task);
    if (task == tables.tasks.end()) continue;
    task->second.watermark = move.watermark;
    task->second.next_due = move.next_due;
  }
}

void MemoryLedger::turn_back(const ClockStep& step, std::span<const WatermarkMove> moves,
                             std::span<const RunRow> rows) {
  tables_.with([&](Tables& tables) {
    refuse_if_broken(tables, rows);
    tables.steps.insert(tables.steps.begin(), step);
    if (tables.steps.size() > kClockStepsKept) tables.steps.resize(kClockStepsKept);
    move(tables, moves);
    for (const RunRow& row : rows)
      if (const auto at = tables.rows.find(row.key);
          at != tables.rows.end() && is_open(at->second.state))
        at->second = row;
  });
}

std::vector<ClockStep> MemoryLedger::clock_steps() {
  return tables_.with([](const Tables& tables) { return tables.steps; });
}

std::vector<TimePoint> MemoryLedger::dealt_with(TaskId task, TimePoint after, TimePoint until) {
  return tables_.with([&](const Tables& tables) {
    if (tables.refuses_dealt_with) throw std::runtime_error("what was dealt with is not known");
    std::vector<TimePoint> times;
    for (auto at = tables.rows.lower_bound({after, TaskId{0}, 0}); at != tables.rows.end(); ++at) {
      const auto& [key, row] = *at;
      if (key.nominal > until) break;
      if (key.task == task && key.nominal > after && row.trigger == Trigger::kSchedule &&
          is_dealt_with(row) && (times.empty() || times.back() != key.nominal))
        times.push_back(key.nominal);
    }
    return times;
  });
}

void MemoryLedger::record(std::span<const RunRow> rows) {
  tables_.with([&](Tables& tables) {
    refuse_if_broken(tables, rows);
    for (const RunRow& row : rows) {
      const auto [at, added] = tables.rows.emplace(row.key, row);
      if (!added && is_open(at->second.state)) at->second = row;
    }
  });
}

std::vector<RunRow> MemoryLedger::unfinished() {
  return tables_.with([](const Tables& tables) {
    std::vector<RunRow> open;
    for (const auto& [key, row] : tables.rows)
      if (is_open(row.state)) open.push_back(row);
    return open;
  });
}

std::vector<TaskPast> MemoryLedger::pasts() {
  return tables_.with([](const Tables& tables) {
    std::map<TaskId, TaskPast> pasts;
    for (const auto& [key, row] : tables.rows) {  // in order of nominal time
      if (!row.started_at) continue;
      TaskPast& past = pasts[key.task];
      past.task = key.task;
      past.last = row;
      if (row.state != RunState::kSucceeded) continue;
      past.last_succeeded_date = row.business_date;
      past.last_success = row.finished_at;
    }
    std::vector<TaskPast> all;
    all.reserve(pasts.size());
    for (const auto& [task, past] : pasts)
      all.push_back(past);
    return all;
  });
}

RunId MemoryLedger::highest_id() {
  return tables_.with([](const Tables& tables) {
    RunId highest{0};
    for (const auto& [key, row] : tables.rows)
      highest = std::max(highest, row.id);
    return highest;
  });
}

RunId MemoryLedger::lowest_id() {
  return tables_.with([](const Tables& tables) {
    const auto lowest =
        std::ranges::min_element(tables.rows, {}, [](const auto& row) { return row.second.id; });
    return lowest == tables.rows.end() ? RunId{0} : lowest->second.id;
  });
}

std::optional<RunRow> MemoryLedger::find(RunId run) {
  return tables_.with([&](const Tables& tables) -> std::optional<RunRow> {
    for (const auto& [key, row] : tables.rows)
      if (row.id == run) return row;
    return std::nullopt;
  });
}

std::vector<RunRow> MemoryLedger::runs(const RunQuery& query) {
  return tables_.with([&](const Tables& tables) {
    std::vector<RunRow> found;
    for (auto at = tables.rows.rbegin(); at != tables.rows.rend(); ++at) {
      if (found.size() == query.limit) break;
      if (query.task && at->first.task != *query.task) continue;
      if (at->first.nominal < query.before) found.push_back(at->second);
    }
    return found;
  });
}

std::vector<RunRow> MemoryLedger::outcomes_of(TaskId task, TimePoint nominal) {
  return tables_.with([&](const Tables& tables) {
    std::vector<RunRow> found;
    for (const auto& [key, row] : tables.rows) {  // in order of nominal time
      if (key.nominal > nominal) break;
      if (key.task == task && row.trigger == Trigger::kSchedule && nominal <= row.last_nominal)
        found.push_back(row);
    }
    std::ranges::sort(found, std::ranges::greater{},
                      [](const RunRow& row) { return row.key.pass(); });
    return found;
  });
}

std::size_t MemoryLedger::prune(TimePoint before, std::size_t limit) {
  return tables_.with([&](Tables& tables) {
    std::size_t pruned = 0;
    for (auto at = tables.rows.begin(); at != tables.rows.end() && pruned < limit;) {
      if (at->first.nominal >= before) break;
      if (is_open(at->second.state)) {
        ++at;
        continue;
      }
      tables.given.erase(at->second.id);
      at = tables.rows.erase(at);
      ++pruned;
    }
    return pruned;
  });
}

std::vector<StoredTask> MemoryLedger::load() {
  return tables_.with([](const Tables& tables) {
    std::vector<StoredTask> all;
    all.reserve(tables.tasks.size());
    for (const auto& [id, task] : tables.tasks)
      all.push_back(task);
    return all;
  });
}

void MemoryLedger::replace_all(std::span<const StoredTask> tasks, TimePoint at) {
  tables_.with([&](Tables& tables) {
    refuse_if_broken(tables, {});
    std::map<TaskId, StoredTask> before = std::exchange(tables.tasks, {});
    for (const auto& [id, known] : before) {
      const auto now =
          std::ranges::find(tasks, id, [](const StoredTask& task) { return task.definition.id; });
      if (now == tasks.end() || now->definition != known.definition)
        tables.former.emplace(std::pair{id, at}, known.definition);
    }
    for (StoredTask task : tasks) {
      if (const auto known = before.find(task.definition.id); known != before.end())
        task = renewed(known->second, std::move(task));
      tables.tasks.emplace(task.definition.id, std::move(task));
    }
  });
}

void MemoryLedger::set_pause(TaskId task, const std::optional<Pause>& pause) {
  tables_.with([&](Tables& tables) {
    refuse_if_broken(tables, {});
    if (const auto known = tables.tasks.find(task); known != tables.tasks.end())
      known->second.pause = pause;
  });
}

HistoryPage MemoryLedger::page(const HistoryQuery& query) {
  const auto place_of = [&](const RunRow& row) {
    return RunCursor{ordered_by(query.order, row), row.id};
  };
  const auto among = [](const auto& wanted, const auto& value) {
    return std::ranges::count(wanted, value) > 0;
  };
  const auto wanted = [&](const RunRow& row) {
    const RunCursor place = place_of(row);
    if (place.at < query.since || place.at >= query.until) return false;
    if (query.after && place >= *query.after) return false;
    if (query.tasks && !among(*query.tasks, row.key.task)) return false;
    if (!query.states.empty() && !among(query.states, row.state)) return false;
    if (!query.triggers.empty() && !among(query.triggers, row.trigger)) return false;
    return !query.usual_of || !is_usual(row) || among(*query.usual_of, row.key.task);
  };
  HistoryPage page;
  tables_.with([&](const Tables& tables) {
    for (const auto& [key, row] : tables.rows)
      if (wanted(row)) page.rows.push_back(row);
  });
  std::ranges::sort(page.rows, std::ranges::greater{}, place_of);
  if (page.rows.size() <= query.limit) return page;
  page.rows.resize(query.limit);
  page.next = place_of(page.rows.back());
  return page;
}

std::vector<RunTally> MemoryLedger::tally(std::span<const TaskId> tasks, TimePoint from,
                                          TimePoint until) {
  std::map<TaskId, RunTally> tallies;
  tables_.with([&](const Tables& tables) {
    for (const auto& [key, row] : tables.rows) {
      if (!is_usual(row) || std::ranges::count(tasks, key.task) == 0) continue;
      if (key.nominal < from || key.nominal >= until) continue;
      RunTally& tally =
          tallies.try_emplace(key.task, RunTally{.task = key.task, .first = key.nominal})
              .first->second;
      ++tally.count;
      tally.last = key.nominal;
    }
  });
  std::vector<RunTally> found;
  for (const auto& [task, tally] : tallies)
    found.push_back(tally);
  return found;
}

std::optional<RunGiven> MemoryLedger::given(RunId run) {
  return tables_.with([&](const Tables& tables) -> std::optional<RunGiven> {
    const auto found = tables.given.find(run);
    return found == tables.given.end() ? std::nullopt : std::optional{found->second};
  });
}

std::optional<TaskDefinition> MemoryLedger::task_at(TaskId task, TimePoint at) {
  return tables_.with([&](const Tables& tables) -> std::optional<TaskDefinition> {
    const auto before = tables.former.upper_bound({task, at});
    if (before != tables.former.end() && before->first.first == task) return before->second;
    const auto now = tables.tasks.find(task);
    return now == tables.tasks.end() ? std::nullopt : std::optional{now->second.definition};
  });
}

std::vector<TaskDefinition> MemoryLedger::former_tasks(std::size_t limit) {
  return tables_.with([&](const Tables& tables) {
    std::map<TaskId, TaskDefinition> gone;
    for (const auto& [key, definition] : tables.former)  // in order of time
      if (!tables.tasks.contains(key.first)) gone.insert_or_assign(key.first, definition);
    std::vector<TaskDefinition> found;
    for (const auto& [id, definition] : gone)
      if (found.size() < limit) found.push_back(definition);
    return found;
  });
}

void MemoryLedger::clear() {
  tables_.with([](Tables& tables) { tables = {}; });
}

void MemoryLedger::set_down(bool down) {
  tables_.with([&](Tables& tables) { tables.down = down; });
}

void MemoryLedger::refuse_dealt_with(bool refuse) {
  tables_.with([&](Tables& tables) { tables.refuses_dealt_with = refuse; });
}

void MemoryLedger::poison(TaskId task) {
  tables_.with([&](Tables& tables) { tables.poisoned.insert(task); });
}

}  // namespace systask::scheduler
