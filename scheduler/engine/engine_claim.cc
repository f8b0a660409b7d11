// Claiming what is due, all of a tick in one commit (S2), and what follows from that.
#include <fmt/format.h>

#include <algorithm>
#include <exception>

#include "base/log.h"
#include "scheduler/engine/engine_impl.h"

namespace systask::scheduler {
namespace {

// So many claims refused in a row, none accepted, means that the ledger itself is down.
constexpr std::size_t kLedgerIsDown = 3;

TickClaims claims_of(const Due& due) {
  TickClaims claims{{}, due.missed, {{due.task, due.watermark, due.next_due}}};
  for (const RunPtr& run : due.runs)
    claims.runs.push_back(run->row);
  return claims;
}

// What stands in the way of a later occurrence goes.
void give_way(const RunPtr& run, const RunPtr& to, MonotonicPoint now, Steps& steps) {
  if (run->finished) return;
  if (run->stage == Run::Stage::kBody) {
    if (run->stopping != Run::StopReason::kNone) return;
    run->stopping = Run::StopReason::kReplaced;
    run->asked_at = now;
    steps.ask.push_back(run);
    return;
  }
  const std::string why = fmt::format("gave way to run {}, due at {}", to->row.id.value(),
                                      to_rfc3339(to->row.key.nominal));
  Ending ending{RunState::kCoalesced, why};
  if (run->retries > 0 && run->extras && run->extras->last_failure) {
    ending = *run->extras->last_failure;
    ending.detail += fmt::format(" (no further attempt: it {})", why);
  }
  steps.end.emplace_back(run, std::move(ending));
}

}  // namespace

void Engine::Impl::claim(std::vector<Due>& due, Steps& steps) {
  TickClaims claims;
  claims.runs.reserve(due.size());
  claims.moves.reserve(due.size());
  for (const Due& one : due) {
    for (const RunPtr& run : one.runs)
      claims.runs.push_back(run->row);
    claims.skipped.insert(claims.skipped.end(), one.missed.begin(), one.missed.end());
    claims.moves.push_back({one.task, one.watermark, one.next_due});
  }
  std::vector<RunKey> taken;
  std::vector<Due> undone;
  std::exception_ptr failure;
  try {
    taken = parts_.ledger.claim(claims);
  } catch (const std::exception& error) {
    log::warn("the claims of a tick were refused together; trying task by task",
              {{"tasks", due.size()}, {"error", error.what()}});
    failure = std::current_exception();
    taken = claim_alone(due, undone);
  }
  settle_claims(due, taken, steps);
  state_.with([&](State& state) {
    for (const Due& one : undone)
      undo(state, one, steps);
  });
  if (failure && due.empty()) {
    carry_out(std::exchange(steps, {}));
    std::rethrow_exception(failure);
  }
}

// One task's row that the ledger cannot take must not hold up the others. Leaves in `due`
// what was claimed.
std::vector<RunKey> Engine::Impl::claim_alone(std::vector<Due>& due, std::vector<Due>& undone) {
  std::vector<RunKey> taken;
  std::vector<Due> claimed;
  for (Due& one : due) {
    if (claimed.empty() && undone.size() >= kLedgerIsDown) {
      undone.push_back(std::move(one));
      continue;
    }
    try {
      const std::vector<RunKey> others = parts_.ledger.claim(claims_of(one));
      taken.insert(taken.end(), others.begin(), others.end());
      claimed.push_back(std::move(one));
    } catch (const std::exception& error) {
      log::error("a task could not be claimed and stays due",
                 {{"task", one.task}, {"error", error.what()}});
      undone.push_back(std::move(one));
    }
  }
  due = std::move(claimed);
  return taken;
}

void Engine::Impl::undo(State& state, const Due& due, Steps& steps) {
  for (const RunPtr& run : due.runs)
    run->finished = true;
  Entry* entry = state.tasks.find(due.task);
  if (entry == nullptr) return;
  Busy& busy = entry->make_busy();
  if (!due.displaced.empty()) busy.held = due.displaced.front();
  for (const RunPtr& run : due.runs) {
    std::erase(busy.running, run);
    std::erase(busy.waiting, run);
    if (busy.held == run) busy.held.reset();
  }
  // A reload meanwhile may have given the task another schedule: that one stands.
  if (entry->watermark == due.watermark && entry->next_due == due.next_due) {
    entry->watermark = due.watermark_before;
    entry->next_due = due.next_due_before;
    busy.missed.reset();
    if (due.missed_before) busy.missed = std::make_unique<RunRow>(*due.missed_before);
    state.queue.push(entry->next_due, due.task);
  }
  state.advance(*entry, now(), steps);
  entry->rest();
}

// The claims are durable: what may start now does.
void Engine::Impl::settle_claims(std::vector<Due>& due, const std::vector<RunKey>& taken,
                                 Steps& steps) {
  const TimePoint now = parts_.clock.now();
  state_.with([&](State& state) {
    for (Due& one : due)
      settle_claim(state, one, taken, now, steps);
  });
}

void Engine::Impl::settle_claim(State& state, Due& due, const std::vector<RunKey>& taken,
                                TimePoint now, Steps& steps) {
  for (const RunPtr& run : due.displaced)
    steps.end.emplace_back(run, Ending{RunState::kHeld,
                                       "what it comes after was not done before "
                                       "its next occurrence"});
  Entry* entry = state.tasks.find(due.task);
  if (entry == nullptr) {
    for (const RunPtr& run : due.runs)
      steps.end.emplace_back(
          run, Ending{RunState::kCancelled, "the task was removed from the configuration"});
    return;
  }
  if (!due.runs.empty()) {
    state.give_up_retries(*entry, "its next occurrence has come", steps);
    if (due.replaces) {
      const Busy& busy = entry->runs();
      const auto is_new = [&](const RunPtr& run) { return std::ranges::count(due.runs, run) > 0; };
      for (const auto* runs : {&busy.running, &busy.waiting})
        for (const RunPtr& run : *runs)
          if (!is_new(run)) give_way(run, due.runs.back(), parts_.clock.monotonic(), steps);
    }
  }
  for (const RunPtr& run : due.runs) {
    if (!taken.empty() && std::ranges::find(taken, run->row.key) != taken.end()) {
      log::warn("an occurrence had been claimed before; it does not run again",
                {{"task", entry->spec->name}, {"nominal", to_rfc3339(run->row.key.nominal)}});
      run->finished = true;
      state.release(run, now, steps);
      continue;
    }
    run->claimed = true;
    if (entry->busy && std::ranges::count(entry->busy->running, run) > 0) state.start(run, steps);
  }
  for (const RunRow& row : due.missed)
    note_outcome(state, row, entry->spec, now, steps);
  state.advance(*entry, now, steps);
}

}  // namespace systask::scheduler
