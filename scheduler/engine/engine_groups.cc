// Tasks without a schedule that come after others.
#include <exception>
#include <utility>

#include "base/log.h"
#include "scheduler/engine/engine_impl.h"

namespace systask::scheduler {

// Starts tasks without a schedule whose predecessors are all done for one date, unless they
// are done for it already. What the ledger refuses, the next tick tries again.
void Engine::Impl::start_followers(TimePoint now) {
  std::vector<RunPtr> to_claim;
  std::vector<RunRow> paused;
  Steps steps;
  state_.with([&](State& state) {
    if (state.followers.empty()) return;
    for (const Follower& follower : std::exchange(state.followers, {}))
      if (RunPtr run = follower_run(state, follower, now, paused, steps)) to_claim.push_back(run);
  });
  carry_out(std::move(steps));
  for (RunRow& row : paused)
    outcomes_.push(std::move(row), nullptr);
  for (const RunPtr& run : to_claim) {
    try {
      claim_and_start(run);
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

// The run to be claimed; nothing where there is none to make.
RunPtr Engine::Impl::follower_run(State& state, const Follower& follower, TimePoint now,
                                  std::vector<RunRow>& paused, Steps& steps) {
  Entry* entry = state.tasks.find(follower.task);
  if (entry == nullptr || state.stopped || !entry->spec->enabled) return nullptr;
  if (entry->done_date == follower.business_date || entry->is_under_way()) return nullptr;
  if (!state.may_start(*entry->spec, follower.business_date)) return nullptr;
  RunPtr run = make_run(*entry, follower.nominal, Trigger::kAfter, now);
  run->row.business_date = follower.business_date;
  if (const StepSkip* skip = state.skipped.find(follower.task, follower.business_date)) {
    run->claimed = true;
    steps.end.emplace_back(run, Ending{RunState::kSkippedStep, why_skipped(*skip)});
    return nullptr;
  }
  const Hold* hold = entry->has_holds ? state.holds.against(*entry->spec, false, now) : nullptr;
  if (hold == nullptr) {
    entry->make_busy().running.push_back(run);
    return run;
  }
  run->row.state = hold->is_pause() ? RunState::kSkippedPaused : RunState::kSkippedWindow;
  run->row.finished_at = now;
  run->row.detail = why_held(*hold);
  entry->last = KeptRun{run->row};
  paused.push_back(run->row);
  return nullptr;
}

}  // namespace systask::scheduler
