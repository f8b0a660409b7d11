#include "scheduler/engine/engine.h"

#include <fmt/format.h>

#include <exception>
#include <utility>

#include "base/log.h"
#include "scheduler/engine/engine_impl.h"

namespace systask::scheduler {
namespace {

Refusal unknown_task(std::string_view name) {
  return {"UNKNOWN_TASK",
          fmt::format("there is no task '{}': `systask tasks` lists those there are", name)};
}

Refusal disabled(std::string_view name) {
  return {"TASK_DISABLED",
          fmt::format("task '{}' is disabled in the configuration: enable it there first", name)};
}

Refusal paused(std::string_view name, const Pause& pause) {
  return {"TASK_PAUSED", fmt::format("task '{}' was paused by {} ({}): resume it first", name,
                                     pause.actor, pause.reason)};
}

Refusal running(std::string_view name, const RunRow& row) {
  return {"TASK_RUNNING",
          fmt::format("task '{}' is still busy with run {}, due at {}: wait for it or cancel it",
                      name, row.id.value(), to_rfc3339(row.key.nominal))};
}

Refusal stopped() {
  return {"STOPPED", "the scheduler is stopping: nothing starts until the service is up again"};
}

TaskStatus status_of(const Entry& entry) {
  TaskStatus status{.spec = entry.spec,
                    .watermark = entry.watermark,
                    .next_due = entry.next_due,
                    .pause = entry.pause,
                    .running = entry.current != nullptr,
                    .once_more = entry.again != nullptr,
                    .last = entry.last};
  if (entry.current) {
    status.running_since = entry.current->row.started_at;
    status.running_id = entry.current->row.id;
  }
  return status;
}

}  // namespace

Engine::Impl::Impl(EngineParts parts) : parts_(std::move(parts)), outcomes_(parts_.ledger) {}

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
  RunPtr run;         // to be claimed
  RunPtr joined;      // one that waits already and will do
  RunPtr overlapped;  // refused, and recorded as such
  std::optional<Refusal> refusal;
  state_.with([&](State& state) {
    Entry* entry = state.find(task);
    if (state.stopped)
      refusal = stopped();
    else if (entry == nullptr)
      refusal = unknown_task(task);
    else if (!entry->spec->enabled)
      refusal = disabled(task);
    if (refusal) return;
    if (entry->current && entry->again && entry->spec->overlap == Overlap::kRunOnceMore &&
        request.parameters.empty()) {
      joined = entry->again;
      if (request.done) joined->done.push_back(std::move(request.done));
      return;
    }
    run = make_run(*entry, {now, entry->spec->id}, Trigger::kManual, now);
    run->row.business_date = *date;
    run->row.actor = request.actor;
    if (!request.parameters.empty()) {
      run->parameters = std::move(request.parameters);
      run->parameters->insert(entry->spec->parameters.begin(), entry->spec->parameters.end());
    }
    if (entry->current && (entry->again || entry->spec->overlap == Overlap::kSkip)) {
      refusal = running(task, entry->current->row);
      overlapped = std::exchange(run, nullptr);
      return;
    }
    if (request.done) run->done.push_back(std::move(request.done));
    (entry->current ? entry->again : entry->current) = run;
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
  claim_and_post(run);
  return run->row.id;
}

Result<RunId> Engine::Impl::trigger(std::string_view task) {
  const TimePoint now = parts_.clock.now();
  const Result<int> date = date_of(task, now);
  if (date.has_error()) return date.error();
  RunPtr run;
  bool start = false;
  std::optional<Refusal> refusal;
  state_.with([&](State& state) {
    Entry* entry = state.find(task);
    if (state.stopped)
      refusal = stopped();
    else if (entry == nullptr)
      refusal = unknown_task(task);
    else if (!entry->spec->enabled)
      refusal = disabled(task);
    else if (entry->pause)
      refusal = paused(task, *entry->pause);
    if (refusal) return;
    // One that has been claimed, or waits, but has not begun, sees what this event is about.
    if (entry->again) {
      run = entry->again;
      return;
    }
    start = !entry->current;
    run = make_run(*entry, {now, entry->spec->id}, Trigger::kEvent, now);
    run->row.business_date = *date;
    run->claimed = true;  // no commit stands between an event and its run
    (start ? entry->current : entry->again) = run;
  });
  if (refusal) return *refusal;
  const RunId id = run->row.id;
  if (start) post(run);
  return id;
}

Result<void> Engine::Impl::cancel(RunId id, std::string_view actor) {
  RunPtr run;
  state_.with([&](State& state) {
    const auto found = state.running.find(id);
    if (found == state.running.end() || found->second->finished) return;
    run = found->second;
    if (run->asked != Run::Asked::kNo) return;
    run->asked = Run::Asked::kCancel;
    run->asked_at = parts_.clock.monotonic();
    run->asked_by = actor;
  });
  if (!run)
    return Refusal{"UNKNOWN_RUN", fmt::format("run {} is not running: it has ended, or has not "
                                              "begun; `systask runs` shows which",
                                              id.value())};
  run->stop.request_stop();
  return {};
}

Result<void> Engine::Impl::set_pause(std::string_view task, std::optional<Pause> pause) {
  const std::optional<TaskId> id = state_.with([&](State& state) -> std::optional<TaskId> {
    const Entry* entry = state.find(task);
    if (entry == nullptr) return std::nullopt;
    return entry->spec->id;
  });
  if (!id) return unknown_task(task);
  parts_.store.set_pause(*id, pause);
  RunPtr next;
  state_.with([&](State& state) {
    Entry* entry = state.find(*id);
    if (entry == nullptr) return;
    entry->pause = std::move(pause);
    entry->missed.reset();  // another pause has another reason, and a row of its own
    if (!entry->current) next = state.advance(*entry);
  });
  if (next) post(next);
  return {};
}

std::vector<TaskStatus> Engine::Impl::tasks() {
  return state_.with([](State& state) {
    std::vector<TaskStatus> all;
    all.reserve(state.entries.size());
    for (const auto& [id, entry] : state.entries)
      all.push_back(status_of(entry));
    return all;
  });
}

std::optional<TaskStatus> Engine::Impl::task(std::string_view name) {
  return state_.with([&](State& state) -> std::optional<TaskStatus> {
    const Entry* entry = state.find(name);
    if (entry == nullptr) return std::nullopt;
    return status_of(*entry);
  });
}

// The head of the queue may be out of date: then a tick finds nothing, which is harmless.
TimePoint Engine::Impl::next_due() {
  return state_.with([](State& state) {
    const auto first = state.queue.first();
    return first ? first->at : kNever;
  });
}

void Engine::Impl::stop(Micros patience) {
  std::vector<RunPtr> running;
  state_.with([&](State& state) {
    state.stopped = true;
    for (const auto& [id, run] : state.running)
      running.push_back(run);
  });
  for (const RunPtr& run : running)
    run->stop.request_stop();
  const std::vector<RunId> not_begun = parts_.lanes.stop(patience);
  outcomes_.flush();
  if (!not_begun.empty())
    log::info("runs had not begun; they stay claimed, and the next start settles them",
              {{"runs", not_begun.size()}});
  gate_.close();
}

Engine::Engine(EngineParts parts) : impl_(std::make_shared<Impl>(std::move(parts))) {}
Engine::~Engine() { stop(); }

Result<void> Engine::start(std::vector<TaskSpec> specs) {
  return impl_->take(std::move(specs), true);
}
Result<void> Engine::reload(std::vector<TaskSpec> specs) {
  return impl_->take(std::move(specs), false);
}
TickReport Engine::tick(TimePoint now) { return impl_->tick(now); }
TimePoint Engine::next_due() const { return impl_->next_due(); }
Result<RunId> Engine::run_now(std::string_view task, RunRequest request) {
  return impl_->run_now(task, std::move(request));
}
Result<RunId> Engine::trigger(std::string_view task) { return impl_->trigger(task); }
Result<void> Engine::cancel(RunId run, std::string_view actor) { return impl_->cancel(run, actor); }
Result<void> Engine::pause(std::string_view task, std::string reason, std::string actor) {
  if (reason.empty())
    return Refusal{"NEEDS_REASON", fmt::format("task '{}' is not paused: say why", task)};
  log::info("task paused", {{"task", task}, {"actor", actor}, {"reason", reason}});
  const TimePoint now = impl_->now();
  return impl_->set_pause(task, Pause{std::move(reason), std::move(actor), now});
}
Result<void> Engine::resume(std::string_view task, std::string reason, std::string actor) {
  if (reason.empty())
    return Refusal{"NEEDS_REASON", fmt::format("task '{}' is not resumed: say why", task)};
  log::info("task resumed", {{"task", task}, {"actor", actor}, {"reason", reason}});
  return impl_->set_pause(task, std::nullopt);
}
std::vector<TaskStatus> Engine::tasks() const { return impl_->tasks(); }
std::optional<TaskStatus> Engine::task(std::string_view name) const { return impl_->task(name); }
void Engine::stop(Micros patience) { impl_->stop(patience); }

}  // namespace systask::scheduler
