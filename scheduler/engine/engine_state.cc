#include "scheduler/engine/engine_state.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

namespace systask::scheduler {
namespace {

std::string_view name_at(const Entry& entry) { return entry.spec->name; }

void remove(std::vector<RunPtr>& runs, const RunPtr& run) { std::erase(runs, run); }

std::size_t room_of(const TaskSpec& spec) {
  return spec.overlap == Overlap::kAllow ? spec.at_once : 1;
}

}  // namespace

Busyness Entry::busyness() const {
  const Busy& now = runs();
  return {now.running.size(), now.waiting.size(),
          std::ranges::any_of(now.running, [](const RunPtr& run) { return run->retries > 0; })};
}

void TaskTable::replace(std::vector<Entry> entries) {
  entries_ = std::move(entries);
  std::ranges::sort(entries_, {}, [](const Entry& entry) { return entry.spec->id; });
  ids_.clear();
  ids_.shrink_to_fit();
  ids_.reserve(entries_.size());
  for (const Entry& entry : entries_)
    ids_.push_back(entry.spec->id);
  by_name_.resize(entries_.size());
  by_name_.shrink_to_fit();
  std::iota(by_name_.begin(), by_name_.end(), 0U);
  std::ranges::sort(by_name_, {}, [this](std::uint32_t i) { return name_at(entries_[i]); });
}

Entry* TaskTable::find(TaskId id) {
  if (ids_.empty() || id < ids_.front()) return nullptr;
  // Ids mostly follow one another.
  const auto guess = static_cast<std::size_t>(id.value() - ids_.front().value());
  if (guess < ids_.size() && ids_[guess] == id) return &entries_[guess];
  const auto found = std::ranges::lower_bound(ids_, id);
  if (found == ids_.end() || *found != id) return nullptr;
  return &entries_[static_cast<std::size_t>(found - ids_.begin())];
}

Entry* TaskTable::find(std::string_view name) {
  const auto found = std::ranges::lower_bound(
      by_name_, name, {}, [this](std::uint32_t i) { return name_at(entries_[i]); });
  if (found == by_name_.end() || name_at(entries_[*found]) != name) return nullptr;
  return &entries_[*found];
}

bool State::is_done(const Entry& entry, int business_date) const {
  return entry.done_date == business_date || skipped.find(entry.spec->id, business_date) != nullptr;
}

bool State::is_well_enough(const Predecessor& before, const Entry& entry, int business_date) const {
  if (is_done(entry, business_date)) return true;
  return before.on == Predecessor::On::kAny && entry.ended_date == business_date;
}

bool State::may_start(const TaskSpec& spec, int business_date) {
  return std::ranges::all_of(spec.after, [&](const Predecessor& before) {
    const Entry* entry = tasks.find(before.task);
    return entry == nullptr || is_well_enough(before, *entry, business_date);
  });
}

void State::set_delay(Entry& entry, MonotonicPoint over, const ClockReading& now) {
  const TaskId task = entry.spec->id;
  delays[task] = over;
  const auto left = std::chrono::ceil<Micros>(over - now.monotonic);
  // Later than its last run, which two runs of one time would not be.
  entry.next_due = std::max(entry.spec->timetable.first_from(now.wall + left).start,
                            entry.watermark + Micros{1});
  queue.push(entry.next_due, task);
}

const Hold* State::against(const Run& run, TimePoint now) const {
  return holds.against(*run.spec, is_asked_for(run.row.trigger), now);
}

void State::advance(Entry& entry, TimePoint now, Steps& steps) {
  if (stopped || !entry.busy) return;
  Busy& busy = *entry.busy;
  const auto free = [&](const RunPtr& run) {
    return run->claimed && (!entry.has_holds || against(*run, now) == nullptr);
  };
  const std::size_t room = room_of(*entry.spec);
  while (!busy.waiting.empty() && busy.running.size() < room && free(busy.waiting.front())) {
    busy.running.push_back(std::move(busy.waiting.front()));
    busy.waiting.erase(busy.waiting.begin());
    start(busy.running.back(), steps);
  }
  if (busy.held && busy.waiting.empty() && busy.running.size() < room && free(busy.held) &&
      may_start(*entry.spec, busy.held->row.business_date)) {
    busy.running.push_back(std::exchange(busy.held, nullptr));
    start(busy.running.back(), steps);
  }
  entry.rest();
}

void State::start(const RunPtr& run, Steps& steps) {
  const std::vector<std::string>& names = run->spec->special().exclusive;
  if (!names.empty() && !exclusive.enter(run->row.id, names)) {
    run->stage = Run::Stage::kLine;
    line.emplace(run->row.id, run);
    return;
  }
  to_lane(run, steps);
}

void State::to_lane(const RunPtr& run, Steps& steps) {
  run->stage = Run::Stage::kLane;
  run->queued_at = {};  // its lane does not have it yet
  if (run->row.trigger == Trigger::kBackfill) beside.emplace(run->row.id, run);
  steps.post.push_back(run);
}

void State::leave_line(const RunPtr& run, Steps& steps) {
  if (run->row.trigger == Trigger::kBackfill) beside.erase(run->row.id);
  if (run->spec->special().exclusive.empty()) return;
  line.erase(run->row.id);
  for (const RunId id : exclusive.leave(run->row.id)) {
    const auto next = line.find(id);
    if (next == line.end()) continue;
    if (!stopped) to_lane(next->second, steps);
    line.erase(next);
  }
}

void State::release(const RunPtr& run, TimePoint now, Steps& steps) {
  leave_line(run, steps);
  if (run->stage == Run::Stage::kRetry)
    std::erase_if(retries, [&](const auto& retry) { return retry.second == run; });
  Entry* entry = tasks.find(run->row.key.task);
  if (entry == nullptr || !entry->busy) return;
  remove(entry->busy->running, run);
  remove(entry->busy->waiting, run);
  remove(entry->busy->retrying, run);
  if (entry->busy->held == run) entry->busy->held.reset();
  advance(*entry, now, steps);
  entry->rest();
}

void State::give_up_retries(Entry& entry, const std::string& why, Steps& steps) {
  if (!entry.busy || entry.spec->overlap == Overlap::kAllow) return;
  for (const RunPtr& run : entry.busy->retrying) {
    if (run->finished || is_asked_for(run->row.trigger)) continue;
    Ending ending = run->more().last_failure.value_or(Ending{RunState::kFailed, ""});
    ending.detail = fmt::format("{} (no further attempt: {})", ending.detail, why);
    steps.end.emplace_back(run, std::move(ending));
  }
}

RunPtr State::find_run(RunId id) {
  const auto is_it = [id](const RunPtr& run) { return run && run->row.id == id; };
  for (const RunPtr& run : bodies)
    if (is_it(run)) return run;
  for (const auto& [at, run] : retries)
    if (is_it(run)) return run;
  for (const auto* some : {&line, &beside})
    if (const auto found = some->find(id); found != some->end()) return found->second;
  for (const Entry& entry : tasks.all()) {
    const Busy& busy = entry.runs();
    for (const auto* runs : {&busy.running, &busy.waiting})
      for (const RunPtr& run : *runs)
        if (is_it(run)) return run;
    if (is_it(busy.held)) return busy.held;
  }
  return nullptr;
}

std::vector<RunPtr> State::not_begun() {
  std::vector<RunPtr> open;
  const auto add = [&](const RunPtr& run) {
    if (run && run->claimed && !run->finished && run->stage != Run::Stage::kBody)
      open.push_back(run);
  };
  for (const Entry& entry : tasks.all()) {
    const Busy& busy = entry.runs();
    for (const auto* runs : {&busy.running, &busy.waiting, &busy.retrying})
      for (const RunPtr& run : *runs)
        add(run);
    add(busy.held);
  }
  // Those of backfills are not their tasks' business.
  for (const auto& [at, run] : retries)
    if (run->row.trigger == Trigger::kBackfill) add(run);
  for (const auto& [id, run] : line)
    if (run->row.trigger == Trigger::kBackfill) add(run);
  return open;
}

void State::mark_holds() {
  for (Entry& entry : tasks.all())
    entry.has_holds = !holds.all().empty() && holds.any_concerns(*entry.spec);
}

}  // namespace systask::scheduler
