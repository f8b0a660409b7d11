// What a crash, or a stop, left open gets its outcome, or another attempt.
#include <fmt/format.h>

#include <algorithm>
#include <exception>

#include "base/log.h"
#include "scheduler/engine/engine_impl.h"
#include "scheduler/engine/lost.h"

namespace systask::scheduler {
namespace {

// Rows of a step among which the latest business dates are looked for.
constexpr std::size_t kRowsForSteps = 50;

}  // namespace

void Engine::Impl::recall_pasts() {
  const std::vector<TaskPast> pasts = parts_.ledger.pasts();
  std::vector<TaskId> steps;
  const ClockReading now = read_both(parts_.clock);
  state_.with([&](State& state) {
    for (const TaskPast& past : pasts) {
      Entry* entry = state.tasks.find(past.task);
      if (entry == nullptr) continue;
      entry->begun_date = past.last.business_date;
      if (!is_open(past.last.state)) entry->ended_date = past.last.business_date;
      entry->done_date = past.last_succeeded_date;
      // After a delay from its end, which may have been while nobody was there. One that lies
      // ahead was by a wall clock that has been set back: it cannot be later than now.
      if (const auto* delay = std::get_if<Delay>(&entry->spec->timetable.schedule());
          delay != nullptr && past.last.finished_at && entry->next_due != kNever) {
        const Micros since = now.wall - std::min(now.wall, *past.last.finished_at);
        state.set_delay(*entry, now.monotonic + std::max(Micros{0}, delay->period() - since), now);
      }
      entry->last = KeptRun{past.last};
      const auto success = state.successes.find(past.task);
      if (success != state.successes.end() && past.last_success)
        success->second = {now.monotonic - (now.wall - std::min(now.wall, *past.last_success)),
                           true};
    }
    for (const auto& [name, followers] : state.dependents)
      if (const Entry* entry = state.tasks.find(name)) steps.push_back(entry->spec->id);
    for (const Entry& entry : state.tasks.all())
      if (!entry.spec->after.empty()) steps.push_back(entry.spec->id);
  });
  recall_steps(steps);
  recall_failures(pasts);
}

// A step that somebody skipped is done, for what comes after it, over a restart too. And its latest
// run may have been for an earlier date than another: a backfill, or a step of a past date.
void Engine::Impl::recall_steps(const std::vector<TaskId>& tasks) {
  for (const TaskId task : tasks) {
    const std::vector<RunRow> rows = parts_.ledger.runs({.task = task, .limit = kRowsForSteps});
    state_.with([&](State& state) {
      Entry* entry = state.tasks.find(task);
      for (const RunRow& row : rows) {
        if (row.started_at) entry->begun_date = std::max(entry->begun_date, row.business_date);
        if (row.state != RunState::kSkippedStep) continue;
        entry->done_date = std::max(entry->done_date, row.business_date);
        entry->ended_date = std::max(entry->ended_date, row.business_date);
      }
    });
  }
}

void Engine::Impl::settle_unfinished() {
  std::vector<RunRow> rows = parts_.ledger.unfinished();
  if (rows.empty()) return;
  const TimePoint now = parts_.clock.now();
  std::vector<std::vector<RunAttempt>> earlier(rows.size());
  if (parts_.attempts != nullptr)
    for (std::size_t i = 0; i < rows.size(); ++i)
      if (rows[i].state == RunState::kClaimed) earlier[i] = parts_.attempts->of(rows[i].id);
  Steps steps;
  std::vector<RunAttempt> lost;
  state_.with([&](State& state) {
    for (std::size_t i = 0; i < rows.size(); ++i) {
      rows[i] = settle(state, std::move(rows[i]), earlier[i], steps, lost);
      if (!is_open(rows[i].state)) rows[i].finished_at = now;
    }
  });
  if (parts_.attempts != nullptr && !lost.empty()) parts_.attempts->add(lost);
  parts_.ledger.record(rows);
  // Only now that their outcomes are kept do those that were lost count for anybody.
  state_.with([&](State& state) {
    for (const RunRow& row : rows) {
      if (is_open(row.state)) continue;
      note_lost(state, row, steps);
      Entry* entry = state.tasks.find(row.key.task);
      if (entry == nullptr) continue;
      entry->last = KeptRun{row};
      entry->ended_date = std::max(entry->ended_date, row.business_date);
    }
  });
  log::info("runs that an earlier service left open were settled",
            {{"runs", rows.size()}, {"made again", steps.post.size()}});
  carry_out(std::move(steps));
}

// Of a task that is no more its number is all that is left to tell.
void Engine::Impl::note_lost(State& state, const RunRow& row, Steps& steps) {
  const Entry* const entry = state.tasks.find(row.key.task);
  const bool known = entry != nullptr && entry->spec->enabled;
  std::shared_ptr<const TaskSpec> spec;
  if (entry != nullptr)
    spec = entry->spec;
  else
    spec = std::make_shared<const TaskSpec>(
        TaskSpec{.id = row.key.task, .name = fmt::format("task {}", row.key.task.value())});
  if (auto news = state.failures.ended(spec, row, known, parts_.clock.monotonic()))
    steps.failures.push_back(std::move(*news));
}

// The row as it now is; with another attempt, if there is one, put where it belongs.
RunRow Engine::Impl::settle(State& state, RunRow row, const std::vector<RunAttempt>& earlier,
                            Steps& steps, std::vector<RunAttempt>& lost) {
  const auto is_lost = [&row](std::string why) {
    row.state = RunState::kLost;
    row.detail = std::move(why);
    return row;
  };
  Entry* entry = state.tasks.find(row.key.task);
  if (entry == nullptr || !entry->spec->enabled)
    return is_lost(why_lost(row) + ", and the task is no more");
  if (is_asked_for(row.trigger))
    return is_lost(fmt::format("{}, and whoever asked for it may ask again: `systask rerun {}`",
                               why_lost(row), row.id.value()));
  if (row.trigger == Trigger::kSchedule && row.claimed_at < row.key.nominal && !row.started_at &&
      row.key.nominal > parts_.clock.now()) {
    row.state = RunState::kCoalesced;
    row.detail =
        "the service stopped, and the wall clock was set back, before its time; that comes again";
    return row;
  }
  const TaskSpec& spec = *entry->spec;
  if (row.state == RunState::kWaiting) {
    if (entry->runs().held)
      return is_lost(why_lost(row) + ", and another occurrence of it is being made again");
    wait_again(state, *entry, row, steps);
    return row;
  }
  const LostRun decided = decide_lost(spec, row, earlier);
  row.attempt = decided.attempt;
  if (!decided.again) return is_lost(decided.why);
  const Busy& busy = entry->runs();
  const std::size_t ahead = busy.running.size() + busy.waiting.size();
  const bool queues = spec.overlap == Overlap::kQueueAll && ahead < kQueueAllCap;
  const std::size_t side_by_side = spec.overlap == Overlap::kAllow ? spec.at_once : 1;
  if (ahead > side_by_side && !queues)
    return is_lost(why_lost(row) + ", and another occurrence of it is being made again");
  if (decided.began) {
    const TimePoint now = parts_.clock.now();
    lost.push_back({.run = row.id,
                    .attempt = row.attempt,
                    .state = RunState::kLost,
                    .started_at = row.started_at,
                    .finished_at = now,
                    .next_at = now,
                    .detail = why_lost(row)});
    ++row.attempt;
  }
  make_again(state, *entry, row, decided.failures, steps);
  return row;
}

// It had not begun, and waits for what it comes after as before.
void Engine::Impl::wait_again(State& state, Entry& entry, const RunRow& row, Steps& steps) {
  auto run = std::make_shared<Run>();
  run->spec = entry.spec;
  run->row = row;
  run->claimed = true;
  run->start_before = latest_start(*entry.spec, row.key.nominal);
  entry.make_busy().held = std::move(run);
  state.advance(entry, parts_.clock.now(), steps);
}

void Engine::Impl::make_again(State& state, Entry& entry, RunRow& row, int failures, Steps& steps) {
  row.started_at.reset();
  row.detail.clear();
  auto run = std::make_shared<Run>();
  run->spec = entry.spec;
  run->row = row;
  run->claimed = true;
  run->start_before = latest_start(*entry.spec, row.key.nominal);
  run->failed_before = failures;
  entry.make_busy().waiting.push_back(std::move(run));
  state.advance(entry, parts_.clock.now(), steps);
}

// After a start: tasks whose predecessors were done just before the service went down.
void Engine::Impl::look_for_followers() {
  const TimePoint now = parts_.clock.now();
  const Result<int> date = date_of("", now);
  if (!date) {
    log::warn("the business date is not known; nothing that follows other tasks is started",
              {{"error", date.error().message}});
    return;
  }
  state_.with([&](State& state) {
    for (const Entry& entry : state.tasks.all()) {
      const bool follows = !entry.spec->after.empty() && entry.spec->timetable.on_demand();
      if (follows && entry.begun_date != *date)
        state.followers.push_back({entry.spec->id, now, *date});
    }
  });
  start_followers(now);
}

}  // namespace systask::scheduler
