// Steps of groups: skipping one for a date, going on from the one that failed, and how they stand.
#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <map>

#include "base/log.h"
#include "scheduler/engine/engine_impl.h"

namespace systask::scheduler {
namespace {

using namespace std::chrono_literals;

// Skips of dates that are so long gone are forgotten.
constexpr std::chrono::days kSkipsKept{60};
// Rows of a task among which its latest outcome for a date is looked for.
constexpr std::size_t kRowsOfADate = 50;

bool is_step(State& state, const Entry& entry) {
  return !entry.spec->group.empty() || !entry.spec->after.empty() ||
         state.dependents.contains(entry.spec->name);
}

StepFacts facts_of(const State& state, const Entry& entry, int date, TimePoint now,
                   MonotonicPoint monotonic) {
  const Busy& busy = entry.runs();
  StepFacts facts{.spec = entry.spec, .date = date, .now = now, .next_due = entry.next_due};
  if (const StepSkip* skip = state.skipped.find(entry.spec->id, date))
    facts.skipped = why_skipped(*skip);
  if (entry.has_holds)
    if (const Hold* hold = state.holds.against(*entry.spec, false, now))
      facts.held = why_held(*hold);
  facts.done = state.is_done(entry, date);
  facts.ended = facts.done || entry.ended_date == date;
  facts.waiting = busy.held && busy.held->row.business_date == date;
  if (!busy.running.empty()) {
    facts.run = busy.running.front()->row.id;
    facts.since = busy.running.front()->row.started_at;
  } else if (!busy.retrying.empty()) {
    facts.run = busy.retrying.front()->row.id;
    facts.retry_at = now + std::chrono::ceil<Micros>(busy.retrying.front()->retry_at - monotonic);
    facts.last = busy.retrying.front()->row;
    if (busy.retrying.front()->extras && busy.retrying.front()->extras->last_failure) {
      facts.last->state = busy.retrying.front()->extras->last_failure->state;
      facts.last->detail = busy.retrying.front()->extras->last_failure->detail;
    }
  }
  if (!facts.last && entry.last) {
    RunRow last = entry.last.row(entry.spec->id);
    if (last.business_date == date && !is_open(last.state)) facts.last = std::move(last);
  }
  return facts;
}

}  // namespace

Result<RunId> Engine::Impl::skip_step(std::string_view task, int business_date,
                                      const Asked& asked) {
  if (asked.reason.empty()) return needs_reason(Target::task(task), "skipped");
  const TimePoint at = now();
  const Result<int> today = date_of(task, at);
  const bool has_come = today.has_value() && business_date <= *today;
  std::optional<Refusal> refusal;
  RunPtr run;
  StepSkip skip{{}, business_date, asked.actor, asked.reason, at};
  state_.with([&](State& state) {
    Entry* entry = state.tasks.find(task);
    refusal = why_not_skipped(state, entry, task, business_date);
    if (refusal) return;
    skip.task = entry->spec->id;
    state.skipped.add(skip);
    run = run_to_skip(*entry, business_date);
    if (run) return;
    run = make_run(*entry, at, Trigger::kManual, at);
    run->row.business_date = business_date;
    run->row.actor = asked.actor;
    run->claimed = true;
  });
  if (refusal) return *refusal;
  try {
    if (parts_.skips != nullptr) parts_.skips->add(skip);
  } catch (const std::exception&) {
    state_.with([&](State& state) { state.skipped.remove(skip.task, business_date); });
    throw;
  }
  log::info("a step is skipped: nothing of it starts for that business date",
            {{"task", task},
             {"business_date", business_date},
             {"actor", asked.actor},
             {"reason", asked.reason}});
  if (has_come)
    state_.with([&](State& state) {
      if (Entry* entry = state.tasks.find(skip.task)) entry->note_skipped(business_date);
    });
  const RunId id = run->row.id;
  finish(run, {RunState::kSkippedStep, why_skipped(skip)});
  return id;
}

std::optional<Refusal> Engine::Impl::why_not_skipped(State& state, const Entry* entry,
                                                     std::string_view task,
                                                     int business_date) const {
  if (state.stopped) return is_stopping();
  if (entry == nullptr) return unknown_task(task);
  for (const RunPtr& running : entry->runs().running)
    if (running->row.business_date == business_date)
      return Refusal{"TASK_RUNNING",
                     fmt::format("task '{}' is busy with run {} of that date: wait for it or "
                                 "cancel it, then skip the step",
                                 task, running->row.id.value())};
  return std::nullopt;
}

// What waits of the task for that date, and takes the outcome.
RunPtr Engine::Impl::run_to_skip(const Entry& entry, int business_date) {
  const auto fits = [&](const RunPtr& one) {
    return one && !one->finished && one->claimed && one->row.business_date == business_date;
  };
  const Busy& busy = entry.runs();
  if (fits(busy.held)) return busy.held;
  for (const auto* runs : {&busy.waiting, &busy.retrying})
    for (const RunPtr& one : *runs)
      if (fits(one)) return one;
  return nullptr;
}

// At start. What is long gone is forgotten.
void Engine::Impl::recall_step_skips() {
  if (parts_.skips == nullptr) return;
  const TimePoint now = this->now();
  if (const auto before = date_of("", now - kSkipsKept)) parts_.skips->forget(*before);
  const Result<int> today = date_of("", now);
  std::vector<StepSkip> skips = parts_.skips->load();
  state_.with([&](State& state) {
    for (StepSkip& skip : skips) {
      Entry* entry = state.tasks.find(skip.task);
      if (entry != nullptr && today.has_value() && skip.business_date <= *today)
        entry->note_skipped(skip.business_date);
      state.skipped.add(std::move(skip));
    }
  });
}

// An occurrence whose step is skipped has that outcome, and does not run.
void Engine::Impl::skip_steps(const State& state, Due& due, TimePoint now) {
  for (const RunPtr& run : due.runs) {
    if (run->finished) continue;
    const StepSkip* skip = state.skipped.find(due.task, run->row.business_date);
    if (skip == nullptr) continue;
    RunRow row = run->row;
    row.state = RunState::kSkippedStep;
    row.finished_at = now;
    row.detail = why_skipped(*skip);
    due.missed.push_back(std::move(row));
    run->finished = true;
  }
}

Result<std::size_t> Engine::Impl::resume_group(std::string_view group, const Asked& asked) {
  const Target target = Target::group(group);
  if (asked.reason.empty()) return needs_reason(target, "resumed");
  const TimePoint at = now();
  const Result<int> date = date_of(group, at);
  if (date.has_error()) return date.error();
  std::optional<Refusal> refusal;
  std::vector<std::shared_ptr<const TaskSpec>> specs;
  std::vector<std::pair<std::shared_ptr<const TaskSpec>, TimePoint>> to_come;
  state_.with([&](State& state) {
    refusal = state.stopped ? std::optional{is_stopping()} : unknown(state, target);
    for (const Entry& entry : state.tasks.all()) {
      if (entry.spec->group != group || !entry.spec->enabled) continue;
      if (state.is_done(entry, *date) || entry.is_under_way()) continue;
      if (entry.ended_date != *date && entry.next_due != kNever && entry.next_due > at)
        to_come.emplace_back(entry.spec, entry.next_due);
      else
        specs.push_back(entry.spec);
    }
  });
  if (refusal) return *refusal;
  // A step whose own time comes later today is left to its schedule.
  for (auto& [spec, due] : to_come)
    if (const auto own = date_of(spec->name, due); !own || *own != *date)
      specs.push_back(std::move(spec));
  leave_out_waiting(specs, *date);
  if (specs.empty())
    return Refusal{"NOTHING_TO_DO", fmt::format("every step of group '{}' is done for {}, under "
                                                "way, or not due yet: `systask groups` shows them",
                                                group, *date)};
  std::vector<PlannedStep> planned;
  planned.reserve(specs.size());
  for (const auto& spec : specs)
    planned.push_back({spec.get(), at});
  const auto added = add_backfill(target, asked, {make_instance(*date, planned)}, 1);
  if (added.has_error()) return added.error();
  return planned.size();
}

// Those that wait for what is not among them start by themselves, when that is done.
void Engine::Impl::leave_out_waiting(std::vector<std::shared_ptr<const TaskSpec>>& specs,
                                     int date) {
  const auto is_planned = [&](const std::string& name) {
    return std::ranges::any_of(specs, [&](const auto& spec) { return spec->name == name; });
  };
  state_.with([&](State& state) {
    const auto waits = [&](const auto& spec) {
      return std::ranges::any_of(spec->after, [&](const Predecessor& before) {
        const Entry* entry = state.tasks.find(before.task);
        return entry != nullptr && !state.is_well_enough(before, *entry, date) &&
               !is_planned(before.task);
      });
    };
    // One that is left out may leave others waiting.
    for (auto found = std::ranges::find_if(specs, waits); found != specs.end();
         found = std::ranges::find_if(specs, waits))
      specs.erase(found);
  });
}

// Of tasks that are steps of a group, come after others, or have others after them.
Engine::Impl::StepTable Engine::Impl::steps_today() {
  const TimePoint at = now();
  const MonotonicPoint monotonic = parts_.clock.monotonic();
  StepTable steps;
  const Result<int> date = date_of("", at);
  if (!date) return steps;
  state_.with([&](State& state) {
    for (const Entry& entry : state.tasks.all())
      if (is_step(state, entry))
        steps.emplace(entry.spec->name, facts_of(state, entry, *date, at, monotonic));
  });
  for (auto& [name, facts] : steps) {
    if (facts.next_due != kNever)
      if (const auto own = date_of(name, facts.next_due); own && *own == *date)
        facts.due = facts.next_due;
    if (!facts.ended || facts.last || !facts.skipped.empty()) continue;
    // Its latest outcome is of another date.
    for (RunRow& row : parts_.ledger.runs({.task = facts.spec->id, .limit = kRowsOfADate}))
      if (row.business_date == *date && !is_open(row.state) && !facts.last)
        facts.last = std::move(row);
  }
  return steps;
}

std::optional<StepState> Engine::Impl::step_of(const StepTable& steps, std::string_view task) {
  const StepLookup others = [&](std::string_view name) -> std::optional<StepFacts> {
    const auto found = steps.find(name);
    return found == steps.end() ? std::nullopt : std::optional{found->second};
  };
  const auto found = steps.find(task);
  if (found == steps.end()) return std::nullopt;
  return step_state(found->second, others);
}

}  // namespace systask::scheduler
