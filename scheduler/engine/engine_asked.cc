// Runs that somebody asks for: run now, events, and cancelling.
#include <fmt/format.h>

#include <exception>
#include <utility>

#include "base/log.h"
#include "scheduler/engine/engine_impl.h"

namespace systask::scheduler {
namespace {

Refusal is_disabled(std::string_view name) {
  return {"TASK_DISABLED",
          fmt::format("task '{}' is disabled in the configuration: enable it there first", name)};
}

Refusal is_held(std::string_view name, const Hold& hold) {
  return {hold.is_pause() ? "TASK_PAUSED" : "TASK_HELD",
          fmt::format("task '{}' does not start now ({}): {} first", name, why_held(hold),
                      hold.is_pause() ? "resume it" : "lift that hold")};
}

Refusal is_running(std::string_view name, const RunRow& row) {
  return {"TASK_RUNNING",
          fmt::format("task '{}' is still busy with run {}, due at {}: wait for it or cancel it",
                      name, row.id.value(), to_rfc3339(row.key.nominal))};
}

// Why the task cannot be run now, whatever it is busy with.
std::optional<Refusal> obstacle(State& state, std::string_view name, Trigger trigger,
                                TimePoint now) {
  const Entry* entry = state.tasks.find(name);
  if (state.stopped) return is_stopping();
  if (entry == nullptr) return unknown_task(name);
  if (!entry->spec->enabled) return is_disabled(name);
  if (!entry->has_holds) return std::nullopt;
  const Hold* hold = state.holds.against(*entry->spec, is_asked_for(trigger), now);
  return hold == nullptr ? std::nullopt : std::optional{is_held(name, *hold)};
}

}  // namespace

Refusal unknown_task(std::string_view name) {
  return {"UNKNOWN_TASK",
          fmt::format("there is no task '{}': `systask tasks` lists those there are", name)};
}

Refusal is_stopping() {
  return {"STOPPED", "the scheduler is stopping: nothing starts until the service is up again"};
}

Result<int> Engine::Impl::date_of(std::string_view task, TimePoint now) const {
  try {
    return parts_.business_date(now);
  } catch (const std::exception& error) {
    return Refusal{"NO_BUSINESS_DATE", fmt::format("task '{}' cannot run: the business date is "
                                                   "not known: {}",
                                                   task, error.what())};
  }
}

Result<RunId> Engine::Impl::run_now(std::string_view task, RunRequest request) {
  const TimePoint now = parts_.clock.now();
  const Result<int> date = date_of(task, now);
  if (date.has_error()) return date.error();
  return run_as_asked({std::string{task}, Trigger::kManual, now, *date}, std::move(request));
}

Result<RunId> Engine::Impl::rerun(RunId id, RunRequest request) {
  const auto row = parts_.ledger.find(id);
  if (!row)
    return Refusal{"UNKNOWN_RUN", fmt::format("there is no run {} in the ledger: it never was, or "
                                              "was pruned; `systask runs` lists the latest",
                                              id.value())};
  if (is_open(row->state))
    return Refusal{"RUN_OPEN",
                   fmt::format("run {} has no outcome yet: wait for it, or cancel it", id.value())};
  if (row->count > 1)
    return Refusal{"NOT_ONE_RUN",
                   fmt::format("run {} stands for {} occurrences that were missed together: run "
                               "the task, or backfill its dates",
                               id.value(), row->count)};
  const std::string task = state_.with([&](State& state) {
    const Entry* entry = state.tasks.find(row->key.task);
    return entry == nullptr ? std::string{} : entry->spec->name;
  });
  if (task.empty()) return unknown_task(fmt::format("{}", row->key.task.value()));
  return run_as_asked({task, Trigger::kRerun, row->key.nominal, row->business_date},
                      std::move(request));
}

// Of a task's name, and how its run will stand in the ledger.
Result<RunId> Engine::Impl::run_as_asked(const AskedRun& asked, RunRequest request) {
  const TimePoint now = parts_.clock.now();
  RunPtr run;         // to be claimed
  RunPtr joined;      // one that waits already and will do
  RunPtr overlapped;  // refused, and recorded as such
  bool replaces = false;
  std::optional<Refusal> refusal;
  state_.with([&](State& state) {
    refusal = obstacle(state, asked.task, asked.trigger, now);
    if (refusal) return;
    Entry& entry = *state.tasks.find(asked.task);
    const Admission admitted = admission(*entry.spec, Trigger::kManual, entry.busyness());
    const bool may_join = asked.trigger == Trigger::kManual && request.parameters.empty();
    if (admitted == Admission::kCoalesce && may_join && !entry.runs().waiting.front()->finished) {
      joined = entry.runs().waiting.front();
      if (request.done) joined->more().done.push_back(std::move(request.done));
      return;
    }
    run = make_run(entry, asked.nominal, asked.trigger, now);
    run->row.business_date = asked.business_date;
    run->row.actor = request.actor;
    if (admitted == Admission::kSkip || admitted == Admission::kCoalesce) {
      const Busy& busy = entry.runs();
      refusal =
          is_running(asked.task, (busy.running.empty() ? busy.waiting : busy.running)[0]->row);
      overlapped = std::exchange(run, nullptr);
      return;
    }
    if (!request.parameters.empty() || !request.reason.empty())
      run->more().given = {run->row.id, std::move(request.reason), request.parameters};
    if (!request.parameters.empty()) {
      run->more().parameters = std::move(request.parameters);
      run->extras->parameters->insert(entry.spec->parameters.begin(), entry.spec->parameters.end());
    }
    if (request.done) run->more().done.push_back(std::move(request.done));
    Busy& busy = entry.make_busy();
    replaces = admitted == Admission::kReplace;
    (admitted == Admission::kStart ? busy.running : busy.waiting).push_back(run);
  });
  if (overlapped) {
    RunRow row = overlapped->row;
    row.state = RunState::kSkippedOverlap;
    row.finished_at = now;
    row.detail = refusal->message;
    outcomes_.push(std::move(row), nullptr);
  }
  if (refusal) return *refusal;
  if (joined) return joined->row.id;
  claim_and_start(run);
  if (replaces) ask_others(run);
  return run->row.id;
}

// What runs of the same task makes room for this one.
void Engine::Impl::ask_others(const RunPtr& run) {
  Steps steps;
  state_.with([&](State& state) {
    for (const RunPtr& other : state.bodies) {
      if (other == run || other->row.key.task != run->row.key.task) continue;
      if (other->finished || other->stopping != Run::StopReason::kNone) continue;
      other->stopping = Run::StopReason::kReplaced;
      other->asked_at = parts_.clock.monotonic();
      steps.ask.push_back(other);
    }
  });
  carry_out(std::move(steps));
}

Result<RunId> Engine::Impl::trigger(std::string_view task) {
  const TimePoint now = parts_.clock.now();
  const Result<int> date = date_of(task, now);
  if (date.has_error()) return date.error();
  RunPtr run;
  std::optional<Refusal> refusal;
  Steps steps;
  state_.with([&](State& state) {
    refusal = obstacle(state, task, Trigger::kEvent, now);
    if (refusal) return;
    Entry& entry = *state.tasks.find(task);
    const Admission admitted = admission(*entry.spec, Trigger::kEvent, entry.busyness());
    // One that waits has not begun, and sees what this event is about.
    if (admitted == Admission::kCoalesce) {
      run = entry.runs().waiting.front();
      return;
    }
    run = make_run(entry, now, Trigger::kEvent, now);
    run->row.business_date = *date;
    run->claimed = true;  // no commit stands between an event and its run
    Busy& busy = entry.make_busy();
    if (admitted != Admission::kStart) return busy.waiting.push_back(run);
    busy.running.push_back(run);
    state.start(run, steps);
  });
  if (refusal) return *refusal;
  const RunId id = run->row.id;
  carry_out(std::move(steps));
  return id;
}

Result<void> Engine::Impl::cancel(RunId id, std::string_view actor) {
  bool found = false;
  Steps steps;
  state_.with([&](State& state) {
    const RunPtr run = state.find_run(id);
    if (!run || run->finished || !run->claimed) return;
    found = true;
    if (run->stage != Run::Stage::kBody) {
      steps.end.emplace_back(
          run, Ending{RunState::kCancelled,
                      fmt::format("cancelled by {} before {}", actor,
                                  run->retries > 0 ? "its next attempt" : "it began")});
      return;
    }
    if (run->stopping != Run::StopReason::kNone) return;
    run->stopping = Run::StopReason::kCancel;
    run->asked_at = parts_.clock.monotonic();
    run->more().asked_by = actor;
    steps.ask.push_back(run);
  });
  if (!found)
    return Refusal{"UNKNOWN_RUN", fmt::format("run {} is not running: it has ended, or never "
                                              "was; `systask runs` shows which",
                                              id.value())};
  carry_out(std::move(steps));
  return {};
}

}  // namespace systask::scheduler
