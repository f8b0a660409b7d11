// Taking tasks, at start and at reload, and settling what an earlier service left open.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <exception>
#include <set>

#include "base/log.h"
#include "scheduler/engine/engine_impl.h"

namespace systask::scheduler {
namespace {

TaskDefinition definition_of(const TaskSpec& spec) {
  TaskDefinition definition{.id = spec.id,
                            .name = spec.name,
                            .function = spec.body.empty() ? spec.name : spec.body,
                            .priority = spec.priority,
                            .schedule = spec.schedule_text,
                            .parameters = {},
                            .enabled = spec.enabled};
  for (const auto& [key, value] : spec.parameters)
    definition.parameters += fmt::format("{}={}\n", key, value);
  return definition;
}

// What a known task keeps its watermark for.
bool same_schedule(const TaskDefinition& a, const TaskDefinition& b) {
  return a.schedule == b.schedule && a.enabled == b.enabled;
}

// The name of a task that comes, in the end, after itself; empty if there is none.
class CycleSearch {
 public:
  explicit CycleSearch(const std::vector<TaskSpec>& specs) {
    for (const TaskSpec& spec : specs)
      after_[spec.name] = &spec.after;
  }

  std::string find() {
    for (const auto& [name, after] : after_)
      if (leads_back(name)) return std::string{name};
    return {};
  }

 private:
  bool leads_back(std::string_view name) {
    const auto known = after_.find(name);
    if (known == after_.end() || done_.contains(name)) return false;
    if (!open_.insert(name).second) return true;
    const bool found = std::ranges::any_of(
        *known->second, [this](const std::string& before) { return leads_back(before); });
    open_.erase(name);
    if (!found) done_.insert(name);
    return found;
  }

  std::map<std::string_view, const std::vector<std::string>*> after_;
  std::set<std::string_view> open_;
  std::set<std::string_view> done_;
};

}  // namespace

std::string Engine::Impl::mistakes_in(const std::vector<TaskSpec>& specs) const {
  std::vector<std::string> mistakes;
  std::set<TaskId> ids;
  std::set<std::string_view> names;
  std::set<int> lanes;
  for (const Lanes::Depth& lane : parts_.lanes.depths())
    lanes.insert(lane.priority);
  for (const TaskSpec& spec : specs) {
    if (!ids.insert(spec.id).second)
      mistakes.push_back(fmt::format("task id {} is given twice", spec.id.value()));
    if (!names.insert(spec.name).second)
      mistakes.push_back(fmt::format("task name '{}' is given twice", spec.name));
    const std::string& body = spec.body.empty() ? spec.name : spec.body;
    if (!spec.own_body && parts_.registry.find(body) == nullptr)
      mistakes.push_back(
          fmt::format("task '{}': no task of the name '{}' is built in; there are {}", spec.name,
                      body, fmt::join(parts_.registry.names(), ", ")));
    if (!lanes.contains(spec.priority))
      mistakes.push_back(fmt::format("task '{}': there is no lane of priority {}; there are {}",
                                     spec.name, spec.priority, fmt::join(lanes, ", ")));
  }
  for (const TaskSpec& spec : specs)
    for (const std::string& before : spec.after)
      if (!names.contains(before))
        mistakes.push_back(
            fmt::format("task '{}' comes after '{}', which is no task", spec.name, before));
  if (const std::string name = CycleSearch{specs}.find(); !name.empty())
    mistakes.push_back(fmt::format("task '{}' comes, in the end, after itself", name));
  return fmt::format("{}", fmt::join(mistakes, "; "));
}

Result<void> Engine::Impl::take(std::vector<TaskSpec> specs, bool starting) {
  if (std::string mistakes = mistakes_in(specs); !mistakes.empty())
    return Refusal{"BAD_TASKS", std::move(mistakes)};
  const TimePoint now = parts_.clock.now();
  std::vector<StoredTask> tasks;
  tasks.reserve(specs.size());
  for (const TaskSpec& spec : specs)
    tasks.push_back({.definition = definition_of(spec),
                     .watermark = now,
                     .next_due = spec.enabled ? spec.timetable.next(now).start : kNever});
  if (starting) {
    std::map<TaskId, StoredTask> known;
    for (StoredTask& task : parts_.store.load())
      known.emplace(task.definition.id, std::move(task));
    for (StoredTask& task : tasks) {
      const auto before = known.find(task.definition.id);
      if (before == known.end()) continue;
      task.pause = before->second.pause;
      if (same_schedule(before->second.definition, task.definition))
        task.watermark = before->second.watermark;
    }
  }
  parts_.store.replace_all(tasks);
  std::vector<RunPtr> dropped;
  state_.with([&](State& state) { replace_entries(state, std::move(specs), tasks, dropped); });
  for (const RunPtr& run : dropped)
    finish(run, RunState::kCancelled,
           "the task was removed from the configuration, or disabled, before it began");
  if (starting) {
    last_run_id_ = std::max(last_run_id_.load(), parts_.ledger.highest_id().value());
    recall_pasts();
    settle_unfinished();
    look_for_followers();
  }
  return {};
}

void Engine::Impl::replace_entries(State& state, std::vector<TaskSpec> specs,
                                   const std::vector<StoredTask>& stored,
                                   std::vector<RunPtr>& dropped) {
  std::map<TaskId, Entry> before = std::exchange(state.entries, {});
  state.by_name.clear();
  state.dependents.clear();
  state.queue.clear();
  for (std::size_t i = 0; i < specs.size(); ++i) {
    auto spec = std::make_shared<const TaskSpec>(std::move(specs[i]));
    Entry entry;
    entry.watermark = stored[i].watermark;
    entry.pause = stored[i].pause;
    if (const auto known = before.find(spec->id); known != before.end()) {
      const bool same = same_schedule(definition_of(*known->second.spec), stored[i].definition);
      entry = std::move(known->second);
      if (!same) entry.watermark = stored[i].watermark;
      if (!same) entry.missed.reset();
      if (!spec->enabled && entry.held) dropped.push_back(std::exchange(entry.held, nullptr));
      before.erase(known);
    }
    entry.spec = spec;
    entry.next_due = spec->enabled ? spec->timetable.next(entry.watermark).start : kNever;
    state.queue.push(entry.next_due, spec->id);
    state.by_name.emplace(spec->name, spec->id);
    for (const std::string& name : spec->after)
      state.dependents[name].push_back(spec->id);
    state.entries.emplace(spec->id, std::move(entry));
  }
  for (auto& [id, gone] : before)
    for (RunPtr* run : {&gone.again, &gone.held})
      if (*run && (*run)->claimed) dropped.push_back(*run);
}

void Engine::Impl::recall_pasts() {
  const std::vector<TaskPast> pasts = parts_.ledger.pasts();
  state_.with([&](State& state) {
    for (const TaskPast& past : pasts) {
      Entry* entry = state.find(past.task);
      if (entry == nullptr) continue;
      entry->last = past.last;
      entry->last_date = past.last.business_date;
      entry->last_succeeded_date = past.last_succeeded_date;
    }
  });
}

// What a crash, or a stop, left open gets its outcome, or another attempt.
void Engine::Impl::settle_unfinished() {
  std::vector<RunRow> rows = parts_.ledger.unfinished();
  if (rows.empty()) return;
  const TimePoint now = parts_.clock.now();
  std::vector<RunPtr> to_post;
  state_.with([&](State& state) {
    for (RunRow& row : rows) {
      row = settle(state, std::move(row), to_post);
      if (!is_open(row.state)) row.finished_at = now;
    }
  });
  parts_.ledger.record(rows);
  log::info("runs that an earlier service left open were settled",
            {{"runs", rows.size()}, {"made again", to_post.size()}});
  for (const RunPtr& run : to_post)
    post(run);
}

// The row as it now is; with another attempt, if there is one, put where it belongs.
RunRow Engine::Impl::settle(State& state, RunRow row, std::vector<RunPtr>& to_post) {
  Entry* entry = state.find(row.key.task);
  const auto lost = [&row](std::string why) {
    row.state = RunState::kLost;
    row.detail = fmt::format("the service stopped before its outcome was known, and {}", why);
    return row;
  };
  if (entry == nullptr || !entry->spec->enabled) return lost("the task is no more");
  if (row.trigger == Trigger::kManual) return lost("whoever asked for it may ask again");
  const bool waiting = row.state == RunState::kWaiting;
  if (!waiting && entry->spec->on_lost == OnLost::kRecord) return lost("on_lost is to record that");
  RunPtr& place = waiting ? entry->held : entry->current ? entry->again : entry->current;
  if (place) return lost("another occurrence of it is being made again");
  auto run = std::make_shared<Run>();
  run->spec = entry->spec;
  run->row = row;
  run->claimed = true;
  place = run;
  if (waiting) {
    if (RunPtr next = state.advance(*entry)) to_post.push_back(std::move(next));
    return row;
  }
  run->row.attempt = ++row.attempt;
  run->row.started_at.reset();
  if (entry->current == run) to_post.push_back(run);
  return row;
}

// After a start: tasks whose predecessors succeeded just before the service went down.
void Engine::Impl::look_for_followers() {
  const TimePoint now = parts_.clock.now();
  int date = 0;
  try {
    date = parts_.business_date(now);
  } catch (const std::exception& error) {
    log::warn("the business date is not known; nothing that follows other tasks is started",
              {{"error", error.what()}});
    return;
  }
  state_.with([&](State& state) {
    for (auto& [id, entry] : state.entries) {
      const bool follows = !entry.spec->after.empty() && entry.spec->timetable.on_demand();
      if (follows && entry.last_date != date) state.followers.push_back({id, now, date});
    }
  });
  start_followers();
}

}  // namespace systask::scheduler
