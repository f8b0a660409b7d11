// What a tick does: take what is due, claim it in one commit, post it.
#include <fmt/format.h>

#include <algorithm>
#include <exception>

#include "base/log.h"
#include "scheduler/engine/due.h"
#include "scheduler/engine/engine_impl.h"
#include "scheduler/when/duration.h"

namespace systask::scheduler {
namespace {

using namespace std::chrono_literals;

// A jump of the wall clock that people, and late policies, notice.
constexpr Micros kClockJump = 500ms;
// So many claims refused in a row, none accepted, means that the ledger itself is down.
constexpr std::size_t kLedgerIsDown = 3;

std::string why_missed(const Entry& entry, RunState state, TimePoint nominal, TimePoint now) {
  switch (state) {
    case RunState::kSkippedPaused:
      return fmt::format("paused by {}: {}", entry.pause->actor, entry.pause->reason);
    case RunState::kSkippedLate:
      return fmt::format("found {} after it was due; its late policy allows {}",
                         format_duration(now - nominal), format_duration(entry.spec->late.within));
    case RunState::kSkippedOverlap:
      return fmt::format("run {}, due at {}, had not ended", entry.current->row.id.value(),
                         to_rfc3339(entry.current->row.key.nominal));
    default: return "a later occurrence runs for it";
  }
}

}  // namespace

TickReport Engine::Impl::tick(TimePoint now) {
  watch_clocks(now);
  outcomes_.flush();
  ask_overdue();
  start_followers();
  TickReport report;
  std::vector<Due> due = state_.with([&](State& state) { return take_due(state, now); });
  if (!due.empty()) {
    for (Due& one : due)
      date(one, now);
    state_.with([&](State& state) {
      for (Due& one : due)
        hold_back(state, one);
    });
    for (const Due& one : due) {
      report.claimed += one.run ? 1 : 0;
      report.due += one.run ? 1 : 0;
      for (const RunRow& row : one.missed)
        report.due += static_cast<std::size_t>(row.count);
    }
    const std::vector<RunPtr> to_post = claim(due);
    report.posted = to_post.size();
    for (const RunPtr& run : to_post)
      post(run);
  }
  report_depths();
  return report;
}

void Engine::Impl::watch_clocks(TimePoint now) {
  const MonotonicPoint monotonic = parts_.clock.monotonic();
  if (last_wall_) {
    const Micros jump =
        (now - *last_wall_) - std::chrono::duration_cast<Micros>(monotonic - last_monotonic_);
    if (jump > kClockJump || jump < -kClockJump) {
      log::warn(
          "the wall clock jumped; late policies decide what was missed, and nothing runs "
          "twice",
          {{"by", format_duration(jump)}});
      if (parts_.observer != nullptr) parts_.observer->on_clock_jump(jump);
    }
  }
  last_wall_ = now;
  last_monotonic_ = monotonic;
}

// Asks bodies that are over their timeout to stop, and gives up those that did not.
void Engine::Impl::ask_overdue() {
  const MonotonicPoint now = parts_.clock.monotonic();
  std::vector<RunPtr> ask;
  std::vector<RunPtr> abandon;
  state_.with([&](State& state) {
    for (const auto& [id, run] : state.running) {
      const TaskSpec& spec = *run->spec;
      if (spec.timeout == 0us || run->finished) continue;
      if (run->asked == Run::Asked::kNo && now - run->begun_at >= spec.timeout) {
        run->asked = Run::Asked::kTimeout;
        run->asked_at = now;
        ask.push_back(run);
      } else if (run->asked != Run::Asked::kNo && now - run->asked_at >= spec.timeout_grace) {
        abandon.push_back(run);
      }
    }
  });
  for (const RunPtr& run : ask)
    run->stop.request_stop();
  for (const RunPtr& run : abandon) {
    log::error("a run ignored the request to stop; its thread stays taken until it returns",
               {{"task", run->spec->name}, {"run", run->row.id}});
    finish(run, RunState::kAbandoned,
           fmt::format("did not stop within {} of being asked to (timeout {})",
                       format_duration(run->spec->timeout_grace),
                       format_duration(run->spec->timeout)));
  }
}

std::vector<Engine::Impl::Due> Engine::Impl::take_due(State& state, TimePoint now) {
  std::vector<Due> due;
  if (state.stopped) return due;
  while (const auto first = state.queue.first()) {
    if (first->at > now) break;
    state.queue.pop();
    Entry* entry = state.find(first->task);
    if (entry == nullptr || entry->next_due != first->at) continue;  // out of date
    due.push_back(take_due_of(*entry, now));
    state.queue.push(entry->next_due, first->task);
  }
  // In the order of the ledger's key: rows that go in side by side cost a third.
  std::ranges::sort(due, {}, &Due::task);
  return due;
}

Engine::Impl::Due Engine::Impl::take_due_of(Entry& entry, TimePoint now) {
  const DueDecision decision =
      decide_due({*entry.spec, entry.watermark, now, entry.pause.has_value(),
                  entry.current != nullptr, entry.again != nullptr});
  Due due{
      .task = entry.spec->id, .watermark_before = entry.watermark, .missed_before = entry.missed};
  entry.watermark = decision.watermark.value_or(entry.watermark);
  entry.next_due = entry.spec->timetable.next(entry.watermark).start;
  due.watermark = entry.watermark;
  due.next_due = entry.next_due;
  for (const Missed& missed : decision.missed) {
    if (entry.missed && entry.missed->state == missed.state) {
      entry.missed->last_nominal = missed.last;
      entry.missed->count += missed.count;
    } else {
      entry.missed = RunRow{.key = {missed.first, due.task},
                            .id = RunId{++last_run_id_},
                            .state = missed.state,
                            .last_nominal = missed.last,
                            .count = missed.count,
                            .claimed_at = now};
    }
    entry.missed->finished_at = now;
    entry.missed->detail = why_missed(entry, missed.state, missed.first, now);
    due.missed.push_back(*entry.missed);
  }
  if (decision.run) {
    entry.missed.reset();
    due.run = make_run(entry, {*decision.run, due.task}, Trigger::kSchedule, now);
    (decision.when_ended ? entry.again : entry.current) = due.run;
  }
  return due;
}

// Asks for the business dates, with no lock held: whoever answers may have to look.
void Engine::Impl::date(Due& due, TimePoint now) {
  try {
    for (RunRow& row : due.missed)
      row.business_date = parts_.business_date(row.key.nominal);
    if (due.run) due.run->row.business_date = parts_.business_date(due.run->row.key.nominal);
  } catch (const std::exception& error) {
    if (!due.run) return;  // what was missed anyway is kept without its date
    RunRow row = due.run->row;
    row.state = RunState::kRefused;
    row.finished_at = now;
    row.detail = fmt::format("its business date is not known: {}", error.what());
    due.missed.push_back(std::move(row));
    due.run->finished = true;
  }
}

// An occurrence whose predecessors have not succeeded yet is claimed, and waits.
void Engine::Impl::hold_back(State& state, Due& due) {
  Entry* entry = state.find(due.task);
  if (entry == nullptr || !due.run) return;
  if (due.run->finished) {
    state.release(*entry, due.run);
    due.run = nullptr;
  } else if (!state.may_start(*entry->spec, due.run->row.business_date)) {
    state.release(*entry, due.run);
    due.displaced = std::exchange(entry->held, due.run);
    due.run->row.state = RunState::kWaiting;
  }
}

std::vector<RunPtr> Engine::Impl::claim(std::vector<Due>& due) {
  TickClaims claims;
  for (const Due& one : due) {
    if (one.run) claims.runs.push_back(one.run->row);
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
  std::vector<RunPtr> to_post = settle_claims(due, taken);
  state_.with([&](State& state) {
    for (const Due& one : undone)
      undo(state, one, to_post);
  });
  if (failure && due.empty()) {
    for (const RunPtr& run : to_post)
      post(run);
    std::rethrow_exception(failure);
  }
  return to_post;
}

// One task's row that the ledger cannot take must not hold up the others. Leaves in `due`
// what was claimed.
std::vector<RunKey> Engine::Impl::claim_alone(std::vector<Due>& due, std::vector<Due>& undone) {
  std::vector<RunKey> taken;
  std::vector<Due> claimed;
  for (Due& one : due) {
    TickClaims claims{{}, one.missed, {{one.task, one.watermark, one.next_due}}};
    if (one.run) claims.runs.push_back(one.run->row);
    if (claimed.empty() && undone.size() >= kLedgerIsDown) {
      undone.push_back(std::move(one));
      continue;
    }
    try {
      const std::vector<RunKey> others = parts_.ledger.claim(claims);
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

void Engine::Impl::undo(State& state, const Due& due, std::vector<RunPtr>& to_post) {
  Entry* entry = state.find(due.task);
  if (entry == nullptr) return;
  if (due.run) state.release(*entry, due.run);
  if (due.displaced && !entry->held) entry->held = due.displaced;
  // A reload meanwhile may have given the task another schedule: that one stands.
  if (entry->watermark == due.watermark && entry->next_due == due.next_due) {
    entry->watermark = due.watermark_before;
    entry->missed = due.missed_before;
    entry->next_due = entry->spec->timetable.next(entry->watermark).start;
    state.queue.push(entry->next_due, due.task);
  }
  if (const RunPtr next = state.advance(*entry)) to_post.push_back(next);
}

// The claims are durable: what may start now is the answer.
std::vector<RunPtr> Engine::Impl::settle_claims(std::vector<Due>& due,
                                                const std::vector<RunKey>& taken) {
  std::vector<RunPtr> to_post;
  std::vector<RunPtr> displaced;
  std::vector<RunPtr> orphans;
  state_.with([&](State& state) {
    for (const Due& one : due) {
      Entry* entry = state.find(one.task);
      if (one.displaced) displaced.push_back(one.displaced);
      if (entry == nullptr || entry->spec->id != one.task) {
        if (one.run) orphans.push_back(one.run);
        continue;
      }
      if (!one.missed.empty()) entry->last = one.missed.back();
      if (!one.run) continue;
      if (std::ranges::find(taken, one.run->row.key) != taken.end()) {
        log::warn("an occurrence had been claimed before; it does not run again",
                  {{"task", entry->spec->name}, {"nominal", to_rfc3339(one.run->row.key.nominal)}});
        state.release(*entry, one.run);
      } else {
        one.run->claimed = true;
        if (entry->current == one.run) to_post.push_back(one.run);
      }
      if (!entry->current)
        if (const RunPtr next = state.advance(*entry)) to_post.push_back(next);
    }
  });
  for (const RunPtr& run : displaced)
    finish(run, RunState::kHeld,
           "what it comes after had not succeeded before its next occurrence");
  for (const RunPtr& run : orphans)
    finish(run, RunState::kCancelled, "the task was removed from the configuration");
  return to_post;
}

void Engine::Impl::report_depths() {
  if (parts_.observer == nullptr) return;
  for (const Lanes::Depth& depth : parts_.lanes.depths())
    parts_.observer->on_lane_depth(depth.priority, depth.queued);
}

}  // namespace systask::scheduler
