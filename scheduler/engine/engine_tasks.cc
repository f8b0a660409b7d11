// Taking tasks, at start and at reload.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <exception>
#include <map>
#include <set>
#include <unordered_map>

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

// When a task is due that has been dealt with up to `watermark`.
TimePoint first_due(const TaskSpec& spec, TimePoint watermark, TimePoint now) {
  if (!spec.enabled) return kNever;
  if (std::holds_alternative<Delay>(spec.timetable.schedule()))
    return spec.timetable.first_from(now).start;
  return spec.timetable.next(watermark).start;
}

// What a known task keeps its watermark for.
bool same_schedule(const TaskDefinition& a, const TaskDefinition& b) {
  return a.schedule == b.schedule && a.enabled == b.enabled;
}

// The name of a task that comes, in the end, after itself; empty if there is none. Takes away
// again and again what comes after nothing that is left.
std::string in_circle(const std::vector<TaskSpec>& specs) {
  std::unordered_map<std::string_view, std::size_t> left;  // by name: predecessors
  std::unordered_map<std::string_view, std::vector<std::string_view>> followers;
  for (const TaskSpec& spec : specs)
    if (!spec.after.empty()) left.emplace(spec.name, 0);
  for (const TaskSpec& spec : specs)
    for (const Predecessor& before : spec.after)
      if (left.contains(before.task)) {
        ++left[spec.name];
        followers[before.task].push_back(spec.name);
      }
  std::vector<std::string_view> free;
  for (const auto& [name, count] : left)
    if (count == 0) free.push_back(name);
  while (!free.empty()) {
    const std::string_view name = free.back();
    free.pop_back();
    left.erase(name);
    for (const std::string_view follower : followers[name])
      if (--left[follower] == 0) free.push_back(follower);
  }
  const auto first = std::ranges::min_element(left);
  return first == left.end() ? std::string{} : std::string{first->first};
}

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
    for (const Predecessor& before : spec.after)
      if (!names.contains(before.task))
        mistakes.push_back(
            fmt::format("task '{}' comes after '{}', which is no task", spec.name, before.task));
  if (const std::string name = in_circle(specs); !name.empty())
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
                     .next_due = first_due(spec, now, now)});
  std::map<TaskId, StoredTask> known;
  if (starting) {
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
  parts_.store.replace_all(tasks, now);
  if (starting) {
    recall_holds();
    recall_lane_sizes();
  }
  Steps steps;
  state_.with([&](State& state) { replace_tasks(state, std::move(specs), tasks, steps); });
  tasks_changed_ = true;
  if (starting) {
    last_run_id_ = std::max(last_run_id_.load(), parts_.ledger.highest_id().value());
    recall_pasts();
    recall_clock(known);
    recall_step_skips();
    recall_backfills();
  }
  holds_changed(now);
  carry_out(std::move(steps));
  if (starting) {
    settle_unfinished();
    look_for_followers();
  }
  return {};
}

void Engine::Impl::replace_tasks(State& state, std::vector<TaskSpec> specs,
                                 const std::vector<StoredTask>& stored, Steps& steps) {
  const TimePoint now = parts_.clock.now();
  TaskTable before = std::exchange(state.tasks, {});
  const MonotonicPoint monotonic = parts_.clock.monotonic();
  std::map<TaskId, Success> successes = std::exchange(state.successes, {});
  std::map<TaskId, MonotonicPoint> delays = std::exchange(state.delays, {});
  std::map<TaskId, GoesOn> goes_on = std::exchange(state.goes_on, {});
  state.dependents.clear();
  state.queue.clear();
  std::vector<Entry> entries;
  entries.reserve(specs.size());
  const auto drop = [&](const RunPtr& run) {
    if (run && run->claimed)
      steps.end.emplace_back(run, Ending{RunState::kCancelled,
                                         "the task was removed from the "
                                         "configuration, or disabled, "
                                         "before it began"});
  };
  const auto drop_all = [&](const Busy& busy) {
    for (const auto* runs : {&busy.waiting, &busy.retrying})
      for (const RunPtr& run : *runs)
        drop(run);
    drop(busy.held);
  };
  for (std::size_t i = 0; i < specs.size(); ++i) {
    auto spec = std::make_shared<const TaskSpec>(std::move(specs[i]));
    Entry entry;
    entry.watermark = stored[i].watermark;
    bool same = false;
    if (Entry* known = before.find(spec->id)) {
      same = same_schedule(definition_of(*known->spec), stored[i].definition);
      entry = std::move(*known);
      known->spec = entry.spec;  // the table finds its entries by it
      if (!same) entry.watermark = stored[i].watermark;
      if (!same && entry.busy) entry.busy->missed.reset();
      if (!spec->enabled && entry.busy) drop_all(*entry.busy);
    }
    const bool delayed = std::holds_alternative<Delay>(spec->timetable.schedule());
    const auto goes_on_before = goes_on.find(spec->id);
    if (same && goes_on_before != goes_on.end())
      state.goes_on.insert(*goes_on_before);
    else if (!(delayed && same))
      entry.next_due = first_due(*spec, entry.watermark, now);
    if (delayed) {
      const auto over = delays.find(spec->id);
      state.delays[spec->id] = same && over != delays.end() ? over->second : monotonic;
    }
    entry.spec = spec;
    state.queue.push(entry.next_due, spec->id);
    for (const Predecessor& name : spec->after)
      state.dependents[name.task].push_back(spec->id);
    if (spec->special().alarms.not_run_for > Micros{0}) {
      const auto known = successes.find(spec->id);
      state.successes.emplace(spec->id,
                              known == successes.end() ? Success{monotonic} : known->second);
    }
    if (stored[i].pause)
      state.holds.add({HoldId{-spec->id.value()}, Target::task(spec->name), stored[i].pause->since,
                       kNever, stored[i].pause->reason, stored[i].pause->actor,
                       stored[i].pause->since});
    entries.push_back(std::move(entry));
  }
  state.tasks.replace(std::move(entries));
  retain_failures(state);
  for (Entry& gone : before.all()) {
    if (state.tasks.find(gone.spec->id) == nullptr && gone.busy) drop_all(*gone.busy);
  }
}

}  // namespace systask::scheduler
