// A run on its way from its claim, through a lane, to its outcome and to what follows it.
#include <fmt/format.h>

#include <algorithm>
#include <exception>

#include "base/check.h"
#include "base/log.h"
#include "scheduler/engine/as_detail.h"
#include "scheduler/engine/engine_impl.h"
#include "scheduler/engine/retry.h"
#include "scheduler/when/duration.h"

namespace systask::scheduler {
namespace {

using namespace std::chrono_literals;

// A run that was put back because of a hold is looked at again after so long.
constexpr Micros kParked = 1s;

// Calls the body; whatever it does, there is an ending.
Ending call(const Body& body, const RunContext& context) {
  try {
    return {RunState::kSucceeded, body(context)};
  } catch (const RunStopped& stopped) {
    return {RunState::kCancelled, stopped.what()};
  } catch (const RunRefused& refused) {
    return {RunState::kRefused, refused.what()};
  } catch (const std::exception& error) {
    return {RunState::kFailed, error.what()};
  } catch (...) {
    return {RunState::kFailed, "the body threw something that is no std::exception"};
  }
}

// The ending of a body that may have been asked to stop.
Ending as_asked(Run& run, Ending ending) {
  switch (run.stopping) {
    case Run::StopReason::kNone: return ending;
    case Run::StopReason::kTimeout:
      return {RunState::kTimedOut, fmt::format("stopped at its timeout of {}: {}",
                                               format_duration(run.spec->timeout), ending.detail)};
    case Run::StopReason::kCancel:
      return {RunState::kCancelled,
              fmt::format("cancelled by {}: {}", run.more().asked_by, ending.detail)};
    case Run::StopReason::kReplaced:
      if (ending.state == RunState::kSucceeded && run.retries > 0) return ending;
      return {run.retries > 0 ? RunState::kFailed : RunState::kCancelled,
              fmt::format("gave way to a later occurrence: {}", ending.detail)};
    case Run::StopReason::kServiceStops: return ending;  // end_at_stop() says the rest
  }
  return ending;
}

// By the next start, where this service stops before its next attempt.
bool is_made_again(const Run& run) {
  return run.spec->on_lost == OnLost::kRerun && !is_asked_for(run.row.trigger);
}

// What a body that was asked to stop did not get done.
bool is_cut_short(RunState state) {
  return state == RunState::kCancelled || state == RunState::kFailed;
}

// Of one run, with what was given to it.
TickClaims claim_of(const Run& run) {
  TickClaims claims{{run.row}, {}, {}};
  if (run.extras && !run.extras->given.empty()) claims.given.push_back(run.extras->given);
  return claims;
}

void erase(std::vector<RunPtr>& runs, const RunPtr& run) {
  const auto found = std::ranges::find(runs, run);
  if (found == runs.end()) return;
  std::swap(*found, runs.back());
  runs.pop_back();
}

}  // namespace

Engine::Impl::Impl(EngineParts parts)
    : parts_(std::move(parts)),
      outcomes_([this](std::span<const RunRow> rows) { parts_.ledger.record(rows); },
                [this](Outcomes::Batch batch) { written(std::move(batch)); }),
      attempts_(
          [this](std::span<const RunAttempt> rows) {
            if (parts_.attempts != nullptr) parts_.attempts->add(rows);
          },
          [](const Attempts::Batch&) {}),
      outputs_([this](std::span<const RunOutput> rows) { parts_.outputs->add(rows); },
               [this](Outputs::Batch batch) {
                 for (Ended& ended : batch.marks)
                   if (ended.run) end_attempt(std::move(ended));
               }) {}

RunPtr Engine::Impl::make_run(const Entry& entry, TimePoint nominal, Trigger trigger,
                              TimePoint now) {
  auto run = std::make_shared<Run>();
  run->spec = entry.spec;
  run->row.key = {nominal, entry.spec->id};
  run->row.id = RunId{++last_run_id_};
  if (trigger != Trigger::kSchedule) run->row.key.key = run->row.id.value();
  run->row.trigger = trigger;
  run->row.last_nominal = nominal;
  run->row.claimed_at = now;
  if (trigger == Trigger::kSchedule || trigger == Trigger::kAfter)
    run->start_before = latest_start(*entry.spec, nominal);
  return run;
}

void Engine::Impl::carry_out(Steps steps) {
  for (RunAttempt& attempt : steps.attempts)
    attempts_.push(std::move(attempt), nullptr);
  for (const RunPtr& run : steps.ask)
    run->stop.request_stop();
  for (auto& [run, ending] : steps.end)
    finish(run, std::move(ending));
  if (!steps.post.empty()) post(std::move(steps.post));
  tell_failures(steps.failures);
}

// To their lanes, with one call for each lane.
void Engine::Impl::post(std::vector<RunPtr> runs) {
  const auto priority_of = [](const RunPtr& run) { return run->spec->priority; };
  std::ranges::stable_sort(runs, {}, priority_of);
  const MonotonicPoint now = parts_.clock.monotonic();
  const auto waited = state_.with([&](State&) {
    std::vector<RunRow> rows;
    for (const RunPtr& run : runs) {
      run->queued_at = now;
      if (std::exchange(run->row.state, RunState::kClaimed) == RunState::kWaiting)
        rows.push_back(run->row);
    }
    return rows;
  });
  // Once begun, a run is its on_lost's to settle, and no longer one that waits.
  for (const RunRow& row : waited)
    outcomes_.push(row, nullptr);
  // A job that outlasts stop() may outlast the engine too: it keeps what it needs alive.
  const auto self = shared_from_this();
  std::vector<Job> jobs;
  for (auto first = runs.begin(); first != runs.end();) {
    const int priority = priority_of(*first);
    const auto last = std::ranges::find_if(
        first, runs.end(), [&](const RunPtr& run) { return priority_of(run) != priority; });
    jobs.clear();
    jobs.reserve(static_cast<std::size_t>(last - first));
    for (auto at = first; at != last; ++at)
      jobs.push_back({(*at)->row.id, [self, run = *at] { self->execute(run); }, (*at)->spec->name,
                      (*at)->spec->group});
    for (const Submitted answer : parts_.lanes.submit_all(priority, jobs))
      note_submitted(*first++, answer);
  }
}

void Engine::Impl::note_submitted(const RunPtr& run, Submitted answer) {
  const int priority = run->spec->priority;
  switch (answer) {
    case Submitted::kYes:
    case Submitted::kStopped: break;  // stays claimed, and is settled at the next start
    case Submitted::kFull:
      finish(run,
             {RunState::kSkippedLaneFull,
              fmt::format("lane {} was full: give it more threads or a longer queue", priority)});
      break;
    case Submitted::kNoSuchLane:
      finish(run, {RunState::kFailed, fmt::format("there is no lane of priority {}", priority)});
      break;
  }
}

void Engine::Impl::execute(const RunPtr& run) {
  std::stop_source stop;
  Steps steps;
  const TaskSpec& spec = *run->spec;
  const Parameters* parameters = &spec.parameters;
  const TimePoint now = parts_.clock.now();
  const bool begun = state_.with([&](State& state) {
    if (run->extras && run->extras->parameters) parameters = &*run->extras->parameters;
    return begin(state, run, stop, now, steps);
  });
  carry_out(std::move(steps));
  if (!begun) return;
  note_attempt(run);
  const Body* body = spec.own_body
                         ? spec.own_body.get()
                         : parts_.registry.find(spec.body.empty() ? spec.name : spec.body);
  CHECK(body != nullptr, "tasks without a body are refused when the engine takes them");
  Printed printed;
  const RunContext context{.id = run->row.id,
                           .task = spec,
                           .nominal = run->row.key.nominal,
                           .business_date = run->row.business_date,
                           .trigger = run->row.trigger,
                           .attempt = run->row.attempt,
                           .parameters = *parameters,
                           .stop = stop.get_token(),
                           .printed = &printed,
                           .pass = run->row.key.pass()};
  Ending ending = call(*body, context);
  if (!parts_.lanes.ends_later()) return end_body(run, std::move(ending), std::move(printed));
  parts_.lanes.end_later(stop.get_token(), [this, run, ending](bool whole) {
    constexpr const char* kEarly = "it was asked to stop before its time was over";
    end_body(run, whole ? ending : Ending{RunState::kCancelled, kEarly}, {});
  });
}

// The first attempt needs no note: its claim is one.
void Engine::Impl::note_attempt(const RunPtr& run) {
  const auto row = state_.with([&](State&) -> std::optional<RunRow> {
    return run->row.attempt > 1 ? std::optional{run->row} : std::nullopt;
  });
  if (!row) return;
  try {
    parts_.ledger.record(std::span{&*row, 1});
  } catch (const std::exception& error) {
    log::warn("the ledger does not know that a run is tried again: a crash now would not count",
              {{"task", run->spec->name},
               {"run", run->row.id},
               {"attempt", row->attempt},
               {"error", error.what()}});
  }
}

// False: it does not begin, not now or not at all.
bool Engine::Impl::begin(State& state, const RunPtr& run, std::stop_source stop, TimePoint now,
                         Steps& steps) {
  if (run->finished) return false;  // cancelled in its lane
  if (state.stopped) {
    refuse_to_begin(run, steps);
    return false;
  }
  Entry* entry = state.tasks.find(run->row.key.task);
  if (state.against(*run, now) != nullptr) {
    state.leave_line(run, steps);
    const bool holds_task =
        entry != nullptr && entry->busy && std::erase(entry->busy->running, run) > 0;
    run->stage = holds_task ? Run::Stage::kNew : Run::Stage::kRetry;
    if (holds_task)
      entry->busy->waiting.insert(entry->busy->waiting.begin(), run);
    else
      state.retries.emplace(run->retry_at = parts_.clock.monotonic() + kParked, run);
    return false;
  }
  if (now > run->start_before) {
    const std::string why =
        fmt::format("not to start after {} of its date", run->spec->special().not_after->text());
    Ending ending{RunState::kSkippedWindow, why};
    if (run->retries > 0) {
      ending = run->more().last_failure.value();
      ending.detail += fmt::format(" (no further attempt: {})", why);
    }
    steps.end.emplace_back(run, std::move(ending));
    return false;
  }
  run->stop = std::move(stop);
  run->stage = Run::Stage::kBody;
  run->stopping = Run::StopReason::kNone;
  run->row.started_at = now;
  run->begun_at = parts_.clock.monotonic();
  state.bodies.push_back(run);
  if (run->row.trigger == Trigger::kBackfill) state.beside.erase(run->row.id);
  if (entry != nullptr) entry->begun_date = std::max(entry->begun_date, run->row.business_date);
  return true;
}

// What the body printed is durable before anything is said of how it ended: whoever is told of a
// failure can read why.
void Engine::Impl::end_body(const RunPtr& run, Ending ending, Printed printed) {
  const Gate::Pass pass = gate_.enter();
  if (!pass) return;  // stopped: the clock and the ledger may be gone
  bool late = false;
  bool stopped = false;
  RunOutput output{.run = {}, .attempt = 1, .printed = std::move(printed)};
  state_.with([&](State& state) {
    erase(state.bodies, run);
    late = run->finished;
    output.run = run->row.id;
    output.attempt = run->row.attempt;
    if (late) return;
    stopped = run->stopping == Run::StopReason::kServiceStops && is_cut_short(ending.state);
    if (!stopped) ending = as_asked(*run, std::move(ending));
  });
  if (late)
    log::warn("a run ended after it had been given up; its outcome stays as it is",
              {{"task", run->spec->name}, {"run", output.run}, {"ended", name_of(ending.state)}});
  if (parts_.outputs != nullptr && !output.printed.empty())
    outputs_.push(std::move(output), {late ? nullptr : run, std::move(ending), stopped});
  else if (!late)
    end_attempt({run, std::move(ending), stopped});
  wake_drain();
}

void Engine::Impl::end_attempt(Ended ended) {
  const auto& [run, ending, stopped] = ended;
  if (stopped) return end_at_stop(run, ending.detail);
  const TimePoint now = parts_.clock.now();
  Steps steps;
  const bool goes_on = state_.with([&](State& state) {
    return ended.run->finished || try_again(state, ended.run, ended.ending, now, steps);
  });
  if (!goes_on) finish(run, ending);
  carry_out(std::move(steps));
}

bool Engine::Impl::try_again(State& state, const RunPtr& run, const Ending& ending, TimePoint now,
                             Steps& steps) {
  const RetryPolicy& policy = run->spec->special().retry;
  const int made = run->retries + run->failed_before;
  if (state.stopped && !is_made_again(*run)) return false;
  if (run->stopping == Run::StopReason::kReplaced) return false;
  if (!is_retried(policy, run->row.trigger, ending.state, made)) return false;
  const Micros delay = retry_delay(policy, run->row.id, made);
  if (now + delay > run->start_before) return false;
  Entry* entry = state.tasks.find(run->row.key.task);
  const bool of_task = run->row.trigger != Trigger::kBackfill && entry != nullptr;
  // A retry never delays the next occurrence: one that waits already goes first.
  if (of_task && !entry->runs().waiting.empty() && run->spec->overlap != Overlap::kAllow)
    return false;
  steps.attempts.push_back({.run = run->row.id,
                            .attempt = run->row.attempt,
                            .state = ending.state,
                            .started_at = run->row.started_at,
                            .finished_at = now,
                            .next_at = now + delay,
                            .detail = as_detail(ending.detail)});
  run->more().last_failure = Ending{ending.state, as_detail(ending.detail)};
  run->stage = Run::Stage::kRetry;
  run->stopping = Run::StopReason::kNone;
  run->row.started_at.reset();
  ++run->row.attempt;
  ++run->retries;
  run->retry_at = parts_.clock.monotonic() + delay;
  state.retries.emplace(run->retry_at, run);
  state.leave_line(run, steps);
  if (!of_task) return true;
  std::erase(entry->make_busy().running, run);
  entry->busy->retrying.push_back(run);
  state.advance(*entry, now, steps);
  return true;
}

void Engine::Impl::finish(const RunPtr& run, Ending ending) {
  const Gate::Pass pass = gate_.enter();
  if (!pass) return;  // stopped: the ledger may be gone, and the next start settles the run
  const TimePoint now = parts_.clock.now();
  auto row = state_.with([&](State& state) -> std::optional<RunRow> {
    if (std::exchange(run->finished, true)) return std::nullopt;
    CHECK(allowed(run->row.state, ending.state), "an outcome is final");
    run->row.state = ending.state;
    run->row.finished_at = now;
    run->ended_at = parts_.clock.monotonic();
    run->row.detail = as_detail(std::move(ending.detail));
    // What waits is gone at once; what holds its task does so until its outcome is durable.
    if (run->stage == Run::Stage::kRetry)
      std::erase_if(state.retries, [&](const auto& retry) { return retry.second == run; });
    if (Entry* entry = state.tasks.find(run->row.key.task); entry != nullptr && entry->busy) {
      std::erase(entry->busy->waiting, run);
      std::erase(entry->busy->retrying, run);
      if (entry->busy->held == run) entry->busy->held.reset();
    }
    return std::move(run->row);
  });
  if (row) outcomes_.push(std::move(*row), run);
}

void Engine::Impl::written(Outcomes::Batch batch) {
  const TimePoint now = parts_.clock.now();
  Steps steps;
  bool groups = false;
  std::vector<std::vector<Completion>> done(batch.rows.size());
  state_.with([&](State& state) {
    for (std::size_t i = 0; i < batch.rows.size(); ++i) {
      const RunPtr& run = batch.marks[i];
      if (!run) continue;
      if (run->extras) done[i] = std::exchange(run->extras->done, {});
      state.release(run, now, steps);
      note_outcome(state, batch.rows[i], run->spec, now, steps);
      if (run->extras && run->extras->backfill.value() != 0)
        for (const auto& backfill : state.backfills)
          if (backfill->record().id == run->extras->backfill)
            backfill->ended(batch.rows[i], run->spec->name);
    }
    groups = !state.followers.empty() || !state.backfills.empty();
  });
  carry_out(std::move(steps));
  if (groups) {
    start_followers(now);
    advance_backfills(now);
  }
  for (std::size_t i = 0; i < batch.rows.size(); ++i)
    if (batch.marks[i]) tell(*batch.marks[i], batch.rows[i], done[i]);
}

void Engine::Impl::note_outcome(State& state, const RunRow& row,
                                const std::shared_ptr<const TaskSpec>& spec, TimePoint now,
                                Steps& steps) {
  Entry* const entry = state.tasks.find(row.key.task);
  const bool known = entry != nullptr && entry->spec->enabled;
  if (auto news =
          state.failures.ended(known ? entry->spec : spec, row, known, parts_.clock.monotonic()))
    steps.failures.push_back(std::move(*news));
  if (entry != nullptr) {
    entry->last = KeptRun{row};
    // A step that somebody skipped for a date that has not come is not done yet.
    const bool by_hand = row.state == RunState::kSkippedStep && row.trigger == Trigger::kManual;
    if (by_hand && entry->done_date < row.business_date) return;
    entry->ended_date = std::max(entry->ended_date, row.business_date);
    if (is_done(row.state)) entry->done_date = std::max(entry->done_date, row.business_date);
    if (row.state == RunState::kSucceeded)
      if (const auto success = state.successes.find(row.key.task); success != state.successes.end())
        success->second = {parts_.clock.monotonic(), true};
    // From the end of its last run: what somebody asked for moves no schedule.
    if (const auto* delay = std::get_if<Delay>(&entry->spec->timetable.schedule());
        delay != nullptr && row.trigger == Trigger::kSchedule && entry->spec->enabled) {
      const MonotonicPoint ended = parts_.clock.monotonic();
      state.set_delay(*entry, ended + delay->period(), {now, ended});
    }
  }
  if (state.dependents.empty()) return;
  const auto after = state.dependents.find(spec->name);
  if (after == state.dependents.end()) return;
  for (const TaskId id : after->second) {
    Entry* follower = state.tasks.find(id);
    if (follower == nullptr) continue;
    if (!follower->spec->timetable.on_demand())
      state.advance(*follower, now, steps);
    else if (row.trigger != Trigger::kBackfill &&
             state.may_start(*follower->spec, row.business_date))
      state.followers.push_back({id, row.key.nominal, row.business_date});
  }
}

void Engine::Impl::tell(const Run& run, const RunRow& row, const std::vector<Completion>& done) {
  if (parts_.observer != nullptr) {
    const Micros none{0};
    const bool began = row.started_at.has_value();
    // Whatever was done to the wall clock meanwhile.
    const auto took = std::chrono::duration_cast<Micros>(run.ended_at - run.begun_at);
    const Micros late = std::max(none, lateness_of(run.spec->timetable, row));
    parts_.observer->on_run_finished(*run.spec, row.state, began ? took : none, late);
  }
  for (const Completion& told : done)
    told(row);
}

void Engine::Impl::claim_and_start(const RunPtr& run) {
  Steps steps;
  try {
    const std::vector<RunKey> taken = parts_.ledger.claim(claim_of(*run));
    CHECK(taken.empty(), "a run's own id makes its key unique");
  } catch (const std::exception&) {
    state_.with([&](State& state) { state.release(run, now(), steps); });
    carry_out(std::move(steps));
    throw;
  }
  state_.with([&](State& state) {
    run->claimed = true;
    Entry* entry = state.tasks.find(run->row.key.task);
    const bool waits = entry != nullptr && std::ranges::count(entry->runs().waiting, run) > 0;
    if (waits)
      state.advance(*entry, now(), steps);
    else if (!state.stopped && !run->finished)
      state.start(run, steps);
  });
  carry_out(std::move(steps));
}

}  // namespace systask::scheduler
