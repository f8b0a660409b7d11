// Taking what is due: each occurrence gets a run, or a place in a row of missed ones.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <exception>

#include "base/check.h"
#include "scheduler/engine/engine_impl.h"

namespace systask::scheduler {
namespace {

std::string why_not_admitted(const Entry& entry, Admission admission) {
  const Busy& busy = entry.runs();
  if (admission == Admission::kCoalesce)
    return fmt::format("run {}, which waits for the one under way, runs for it",
                       busy.waiting.front()->row.id.value());
  if (entry.spec->overlap == Overlap::kQueueAll)
    return fmt::format("{} runs wait already", busy.waiting.size());
  const RunPtr& before = busy.running.empty() ? busy.waiting.front() : busy.running.front();
  std::string run = fmt::format("run {}, due at {}, had not ended", before->row.id.value(),
                                to_rfc3339(before->row.key.nominal));
  if (before->stage != Run::Stage::kLine) return run;
  return fmt::format("{}: it waits for its turn in {}", run,
                     fmt::join(before->spec->special().exclusive, ", "));
}

// For a predecessor, or for its turn among those that share a name.
bool waits_for_others(const TaskSpec& spec) {
  return !spec.after.empty() || !spec.special().exclusive.empty();
}

// Whether `row` still grows by occurrences from `first` on, which are of that pass.
bool extends(const RunRow* row, const Missed& missed, std::int64_t pass) {
  return row != nullptr && row->state == missed.state && row->last_nominal < missed.first &&
         row->key.pass() == pass;
}

}  // namespace

void Engine::Impl::prepare(TimePoint until) {
  if (!ahead_.runs.empty()) return;  // the tick of the one before failed
  std::vector<Due> due = state_.with([&](State& state) { return take_ahead(state, until); });
  std::vector<Ahead::Claim> runs;
  for (const Due& one : due)
    for (const RunPtr& run : one.runs)
      runs.push_back({run, one.watermark_before});
  ahead_.until = until;
  latest_ = std::max(latest_, until);
  ahead_.claimed = claim_all(std::move(due), until);
  ahead_.runs = std::move(runs);
}

TickReport Engine::Impl::take_and_claim(TimePoint now) {
  look_up_dealt_with(now);
  std::vector<Due> due = state_.with([&](State& state) {
    auto found = take_due(state, now, [&](const Entry& entry) {
      return !state.may_have_run(entry) || state.dealt_with.contains(entry.spec->id);
    });
    state.dealt_with.clear();
    return found;
  });
  Claimed claimed = claim_all(std::move(due), now);
  carry_out(std::move(claimed.steps));
  return claimed.report;
}

// Times of the calendar that come again: asks the ledger what became of them. Where it does not
// answer, they stay due.
void Engine::Impl::look_up_dealt_with(TimePoint now) {
  struct Question {
    TaskId task;
    TimePoint after;
  };
  std::vector<Question> questions;
  state_.with([&](State& state) {
    if (state.step.pass == 0) return;
    state.queue.each_until(now, [&](const DueQueue::Item& item) {
      const Entry* entry = state.tasks.find(item.task);
      if (entry != nullptr && entry->next_due == item.at && state.may_have_run(*entry))
        questions.push_back({item.task, entry->watermark});
    });
  });
  for (const Question& question : questions) {
    try {
      std::vector<TimePoint> times = parts_.ledger.dealt_with(question.task, question.after, now);
      state_.with([&](State& state) { state.dealt_with[question.task] = std::move(times); });
    } catch (const std::exception& error) {
      log::error("whether a task ran before the wall clock was set back is not known; it stays due",
                 {{"task", question.task}, {"error", error.what()}});
    }
  }
}

Claimed Engine::Impl::claim_all(std::vector<Due> due, TimePoint now) {
  Claimed claimed;
  if (due.empty()) return claimed;
  for (Due& one : due)
    date(one, now);
  state_.with([&](State& state) {
    for (Due& one : due) {
      skip_steps(state, one, now);
      hold_back(state, one);
    }
  });
  for (const Due& one : due) {
    claimed.report.claimed += one.runs.size();
    claimed.report.due += one.runs.size();
    for (const RunRow& row : one.missed)
      claimed.report.due += static_cast<std::size_t>(row.count);
  }
  claim(due, claimed.steps);
  claimed.report.posted = claimed.steps.post.size();
  return claimed;
}

// Tasks that are idle, and that neither a pause nor another task has to do with: what is decided
// now would be decided at `until`.
std::vector<Due> Engine::Impl::take_ahead(State& state, TimePoint until) {
  const TimePoint now = this->now();
  std::vector<Due> due = take_due(state, until, [&state, now](const Entry& entry) {
    return entry.next_due > now && !entry.has_holds && !entry.busy &&
           !waits_for_others(*entry.spec) && !state.may_have_run(entry);
  });
  for (const Due& one : due)
    for (const RunPtr& run : one.runs)
      run->row.claimed_at = now;
  return due;
}

// Of those that are due at `until` the ones that are `ready`; the others stay due.
std::vector<Due> Engine::Impl::take_due(State& state, TimePoint until,
                                        const std::function<bool(const Entry&)>& ready) {
  std::vector<Due> due;
  std::vector<DueQueue::Item> back;
  while (!state.stopped && state.queue.first() && state.queue.first()->at <= until) {
    const DueQueue::Item item = *state.queue.first();
    state.queue.pop();
    Entry* entry = state.tasks.find(item.task);
    if (entry == nullptr || entry->next_due != item.at) continue;  // out of date
    if (ready(*entry)) due.push_back(take_due_of(state, *entry, until));
    back.push_back({entry->next_due, item.task});
  }
  for (const DueQueue::Item& item : back)
    state.queue.push(item.at, item.task);
  // In the order of the ledger's key: rows that go in side by side cost a third.
  std::ranges::sort(due, {}, &Due::task);
  return due;
}

Due Engine::Impl::take_due_of(State& state, Entry& entry, TimePoint now) {
  const std::vector<Hold> holds =
      entry.has_holds ? state.holds.of(*entry.spec) : std::vector<Hold>{};
  DueInput input{.spec = *entry.spec,
                 .watermark = entry.watermark,
                 .now = now,
                 .holds = holds,
                 .delayed = entry.next_due,
                 .again_until = state.step.until};
  if (const auto on = state.goes_on.find(entry.spec->id); on != state.goes_on.end()) {
    input.watermark = std::max(input.watermark, on->second.from - Micros{1});
    input.gone_over = entry.next_due;
    state.goes_on.erase(on);
    if (entry.busy) entry.busy->missed.reset();  // some may have been passed over since that row
  }
  if (const auto ran = state.dealt_with.find(entry.spec->id); ran != state.dealt_with.end())
    input.dealt_with = ran->second;
  DueDecision decision = decide_due(input);
  Due due{.task = entry.spec->id,
          .watermark_before = entry.watermark,
          .next_due_before = entry.next_due};
  if (entry.busy && entry.busy->missed) due.missed_before = *entry.busy->missed;
  entry.watermark = decision.watermark.value_or(entry.watermark);
  entry.next_due = decision.next_due;
  due.watermark = entry.watermark;
  due.next_due = entry.next_due;
  auto missed = decision.missed.begin();
  for (const DueRun& run : decision.runs) {
    for (; missed != decision.missed.end() && missed->first < run.nominal; ++missed)
      note_missed(state, entry, due, std::move(*missed), now);
    place(state, entry, due, run, now, run.nominal != decision.runs.front().nominal);
  }
  for (; missed != decision.missed.end(); ++missed)
    note_missed(state, entry, due, std::move(*missed), now);
  return due;
}

// Several occurrences that are to run all the same follow one another.
void Engine::Impl::place(State& state, Entry& entry, Due& due, const DueRun& which, TimePoint now,
                         bool follows) {
  Admission admitted = admission(*entry.spec, Trigger::kSchedule, entry.busyness());
  if (follows && !due.runs.empty() && admitted != Admission::kStart) admitted = Admission::kWait;
  if (admitted == Admission::kSkip || admitted == Admission::kCoalesce) {
    const RunState outcome =
        admitted == Admission::kSkip ? RunState::kSkippedOverlap : RunState::kCoalesced;
    note_missed(state, entry, due,
                {outcome, which.nominal, which.nominal, 1, why_not_admitted(entry, admitted)}, now);
    return;
  }
  RunPtr run = make_run(entry, which.nominal, Trigger::kSchedule, now);
  run->row.key.key = -state.step.pass_of(which.nominal);
  run->row.business_date = which.business_date;
  Busy& busy = entry.make_busy();
  busy.missed.reset();
  due.replaces = due.replaces || admitted == Admission::kReplace;
  (admitted == Admission::kStart ? busy.running : busy.waiting).push_back(run);
  due.runs.push_back(std::move(run));
}

void Engine::Impl::note_missed(State& state, Entry& entry, Due& due, Missed missed, TimePoint now) {
  const std::int64_t pass = state.step.pass_of(missed.first);
  const bool again = pass > 0 && !entry.spec->timetable.is_rhythm();  // some may have run
  Busy& busy = entry.make_busy();
  const bool same_tick =
      !due.missed.empty() && busy.missed && due.missed.back().key == busy.missed->key;
  if (!again && extends(busy.missed.get(), missed, pass)) {
    busy.missed->last_nominal = missed.last;
    busy.missed->count += missed.count;
  } else {
    busy.missed = std::make_unique<RunRow>(RunRow{.key = {missed.first, due.task, -pass},
                                                  .id = RunId{++last_run_id_},
                                                  .state = missed.state,
                                                  .last_nominal = missed.last,
                                                  .count = missed.count,
                                                  .claimed_at = now});
  }
  busy.missed->finished_at = now;
  busy.missed->detail = std::move(missed.why);
  if (same_tick && due.missed.back().key == busy.missed->key)
    due.missed.back() = *busy.missed;
  else
    due.missed.push_back(*busy.missed);
}

// Asks for the business dates, with no lock held: whoever answers may have to look.
void Engine::Impl::date(Due& due, TimePoint now) {
  const auto at = [this](TimePoint nominal) {
    if (dated_ != nominal) {  // many are due in one instant
      last_date_ = parts_.business_date(nominal);
      dated_ = nominal;
    }
    return last_date_;
  };
  std::string error;
  try {
    for (RunRow& row : due.missed)
      row.business_date = at(row.key.nominal);
    for (const RunPtr& run : due.runs)
      if (run->row.business_date == 0) run->row.business_date = at(run->row.key.nominal);
    return;
  } catch (const std::exception& unknown) {
    error = unknown.what();
  }
  // What was missed anyway is kept without its date.
  for (const RunPtr& run : due.runs) {
    if (run->row.business_date != 0) continue;
    RunRow row = run->row;
    row.state = RunState::kRefused;
    row.finished_at = now;
    row.detail = fmt::format("its business date is not known: {}", error);
    due.missed.push_back(std::move(row));
    run->finished = true;
  }
}

// An occurrence whose predecessors are not done yet is claimed, and waits.
void Engine::Impl::hold_back(State& state, Due& due) {
  Entry* entry = state.tasks.find(due.task);
  if (entry == nullptr) return;
  const auto leave = [&](const RunPtr& run) {
    if (!entry->busy) return;
    std::erase(entry->busy->running, run);
    std::erase(entry->busy->waiting, run);
  };
  for (const RunPtr& run : due.runs) {
    if (run->finished) {
      leave(run);
    } else if (!state.may_start(*entry->spec, run->row.business_date)) {
      leave(run);
      run->row.state = RunState::kWaiting;
      if (RunPtr before = std::exchange(entry->make_busy().held, run))
        due.displaced.push_back(std::move(before));
    }
  }
  const auto refused =
      std::ranges::remove_if(due.runs, [](const RunPtr& run) { return run->finished; });
  due.runs.erase(refused.begin(), refused.end());
}

}  // namespace systask::scheduler
