// A run on its way from its claim, through a lane, to its outcome and to what follows it.
#include <fmt/format.h>

#include <algorithm>
#include <exception>

#include "base/check.h"
#include "base/log.h"
#include "scheduler/engine/engine_impl.h"
#include "scheduler/when/duration.h"

namespace systask::scheduler {
namespace {

constexpr std::size_t kDetailLimit = 4000;

// What a body said, as any database can take it.
std::string as_detail(std::string text) {
  std::ranges::replace(text, '\0', ' ');
  if (text.size() <= kDetailLimit) return text;
  std::size_t end = kDetailLimit;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U)
    --end;
  text.resize(end);
  return text + " [cut]";
}

struct Ending {
  RunState state;
  std::string detail;
};

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

}  // namespace

RunPtr Engine::Impl::make_run(const Entry& entry, RunKey key, Trigger trigger, TimePoint now) {
  auto run = std::make_shared<Run>();
  run->spec = entry.spec;
  run->row.key = key;
  run->row.id = RunId{++last_run_id_};
  if (trigger != Trigger::kSchedule) run->row.key.key = run->row.id.value();
  run->row.trigger = trigger;
  run->row.last_nominal = key.nominal;
  run->row.claimed_at = now;
  return run;
}

void Engine::Impl::post(const RunPtr& run) {
  const bool waited = state_.with([&](State&) {
    return std::exchange(run->row.state, RunState::kClaimed) == RunState::kWaiting;
  });
  // Once begun, a run is its on_lost's to settle, and no longer one that waits.
  if (waited) outcomes_.push(run->row, nullptr);
  // A job that outlasts stop() may outlast the engine too: it keeps what it needs alive.
  auto work = [self = shared_from_this(), run] { self->execute(run); };
  const int priority = run->spec->priority;
  switch (parts_.lanes.submit(priority, {run->row.id, std::move(work)})) {
    case Submitted::kYes:
    case Submitted::kStopped: break;  // stays claimed, and is settled at the next start
    case Submitted::kFull:
      finish(run, RunState::kSkippedLaneFull,
             fmt::format("lane {} was full: give it more threads or a longer queue", priority));
      break;
    case Submitted::kNoSuchLane:
      finish(run, RunState::kFailed, fmt::format("there is no lane of priority {}", priority));
      break;
  }
}

void Engine::Impl::execute(const RunPtr& run) {
  const TimePoint now = parts_.clock.now();
  const RunRow row = state_.with([&](State& state) {
    run->row.started_at = now;
    run->begun_at = parts_.clock.monotonic();
    state.running.emplace(run->row.id, run);
    return run->row;
  });
  const TaskSpec& spec = *run->spec;
  const Body* body = spec.own_body
                         ? spec.own_body.get()
                         : parts_.registry.find(spec.body.empty() ? spec.name : spec.body);
  CHECK(body != nullptr, "tasks without a body are refused when the engine takes them");
  const RunContext context{row.id,
                           spec,
                           row.key.nominal,
                           row.business_date,
                           row.trigger,
                           row.attempt,
                           run->parameters ? *run->parameters : spec.parameters,
                           run->stop.get_token()};
  Ending ending = call(*body, context);
  const Run::Asked asked = state_.with([&](State& state) {
    state.running.erase(row.id);
    return run->asked;
  });
  if (asked == Run::Asked::kTimeout) {
    ending.state = RunState::kTimedOut;
    ending.detail = fmt::format("stopped at its timeout of {}: {}", format_duration(spec.timeout),
                                ending.detail);
  } else if (asked == Run::Asked::kCancel) {
    ending.state = RunState::kCancelled;
    ending.detail = fmt::format("cancelled by {}: {}", run->asked_by, ending.detail);
  }
  finish(run, ending.state, std::move(ending.detail));
}

void Engine::Impl::finish(const RunPtr& run, RunState outcome, std::string detail) {
  const Gate::Pass pass = gate_.enter();
  if (!pass) return;  // stopped: the ledger may be gone, and the next start settles the run
  const TimePoint now = parts_.clock.now();
  const bool first = state_.with([&](State&) {
    if (std::exchange(run->finished, true)) return false;
    CHECK(allowed(run->row.state, outcome), "an outcome is final");
    run->row.state = outcome;
    run->row.finished_at = now;
    run->row.detail = as_detail(std::move(detail));
    return true;
  });
  if (!first) {
    log::warn("a run ended after it had been abandoned",
              {{"task", run->spec->name}, {"run", run->row.id}});
    return;
  }
  outcomes_.push(run->row, [this, run] { written(run, run->row); });
}

// The outcome is durable: tell who waits for it, and start what it was in the way of.
void Engine::Impl::written(const RunPtr& run, const RunRow& row) {
  std::vector<RunPtr> to_post;
  state_.with([&](State& state) {
    const bool succeeded = row.state == RunState::kSucceeded;
    if (Entry* entry = state.find(row.key.task)) {
      state.release(*entry, run);
      entry->last = row;
      entry->last_date = std::max(entry->last_date, row.business_date);
      if (succeeded) entry->last_succeeded_date = row.business_date;
      if (const RunPtr next = state.advance(*entry)) to_post.push_back(next);
    }
    const auto after = state.dependents.find(run->spec->name);
    if (!succeeded || after == state.dependents.end()) return;
    for (const TaskId id : after->second) {
      Entry* entry = state.find(id);
      if (entry == nullptr) continue;
      if (entry->spec->timetable.on_demand()) {
        state.followers.push_back({id, row.key.nominal, row.business_date});
      } else if (!entry->current) {
        if (const RunPtr next = state.advance(*entry)) to_post.push_back(next);
      }
    }
  });
  for (const RunPtr& next : to_post)
    post(next);
  start_followers();
  if (parts_.observer != nullptr) {
    const Micros none{0};
    const bool began = row.started_at.has_value();
    parts_.observer->on_run_finished(*run->spec, row.state,
                                     began ? *row.finished_at - *row.started_at : none,
                                     began ? *row.started_at - row.key.nominal : none);
  }
  for (const Completion& done : run->done)
    done(row);
}

void Engine::Impl::claim_and_post(const RunPtr& run) {
  RunPtr next;
  try {
    const std::vector<RunKey> taken = parts_.ledger.claim({{run->row}, {}, {}});
    CHECK(taken.empty(), "a run's own id makes its key unique");
  } catch (const std::exception&) {
    state_.with([&](State& state) {
      Entry* entry = state.find(run->row.key.task);
      if (entry == nullptr) return;
      state.release(*entry, run);
      next = state.advance(*entry);
    });
    if (next) post(next);
    throw;
  }
  state_.with([&](State& state) {
    run->claimed = true;
    Entry* entry = state.find(run->row.key.task);
    if (entry == nullptr || entry->current == run)
      next = run;
    else
      next = state.advance(*entry);
  });
  if (next) post(next);
}

// Starts tasks without a schedule whose predecessors have all succeeded for one date,
// unless they have succeeded for it already. What the ledger refuses, the next tick
// tries again.
void Engine::Impl::start_followers() {
  const TimePoint now = parts_.clock.now();
  std::vector<RunPtr> to_claim;
  std::vector<RunRow> paused;
  state_.with([&](State& state) {
    for (const Follower& follower : std::exchange(state.followers, {})) {
      Entry* entry = state.find(follower.task);
      if (entry == nullptr || state.stopped || !entry->spec->enabled || entry->current) continue;
      if (entry->last_succeeded_date == follower.business_date) continue;
      if (!state.may_start(*entry->spec, follower.business_date)) continue;
      const RunPtr run = make_run(*entry, {follower.nominal, follower.task}, Trigger::kAfter, now);
      run->row.business_date = follower.business_date;
      if (entry->pause) {
        run->row.state = RunState::kSkippedPaused;
        run->row.finished_at = now;
        run->row.detail =
            fmt::format("paused by {}: {}", entry->pause->actor, entry->pause->reason);
        entry->last = run->row;
        paused.push_back(run->row);
        continue;
      }
      entry->current = run;
      to_claim.push_back(run);
    }
  });
  for (RunRow& row : paused)
    outcomes_.push(std::move(row), nullptr);
  for (const RunPtr& run : to_claim) {
    try {
      claim_and_post(run);
    } catch (const std::exception& error) {
      log::error("a task that follows others could not be claimed; the next tick tries again",
                 {{"task", run->spec->name}, {"error", error.what()}});
      state_.with([&](State& state) {
        state.followers.push_back(
            {run->row.key.task, run->row.key.nominal, run->row.business_date});
      });
    }
  }
}

}  // namespace systask::scheduler
