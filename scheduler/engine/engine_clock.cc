// What the engine does when somebody sets the wall clock: rhythms go on by the monotonic clock,
// times of the calendar that ran do not run again, and the ledger tells the passes apart.
#include <fmt/format.h>

#include <algorithm>
#include <exception>

#include "base/log.h"
#include "scheduler/engine/engine_impl.h"
#include "scheduler/when/duration.h"

namespace systask::scheduler {
namespace {

using namespace std::chrono_literals;

// The clocks are read one after the other, and a wall clock may be slowed down a little.
constexpr Micros kTogether = 2ms;
// A jump of the wall clock that people notice.
constexpr Micros kClockJump = 100ms;
// Pauses between runs follow the monotonic clock so closely.
constexpr Micros kDelayDrift = 10ms;
// Rows of a task among which its latest business dates are looked for.
constexpr std::size_t kRowsForDates = 100;

// Everyone who is told of some task's alarms; the log has its line anyway.
std::vector<NotifyTarget> all_targets(TaskTable& tasks) {
  std::vector<NotifyTarget> targets{NotifyMetric{}};
  for (const Entry& entry : tasks.all())
    for (const NotifyTarget& target : entry.spec->special().alarms.notify)
      if (!std::holds_alternative<NotifyLog>(target) &&
          std::ranges::find(targets, target) == targets.end())
        targets.push_back(target);
  return targets;
}

// Alarms are about tasks: this one is about all of them.
std::shared_ptr<const TaskSpec> clock_as_task(std::vector<NotifyTarget> targets) {
  SpecialPolicies special;
  special.alarms.notify = std::move(targets);
  TaskSpec spec{.name = std::string{kClockAlarm}};
  spec.special_policies = std::make_shared<const SpecialPolicies>(std::move(special));
  return std::make_shared<const TaskSpec>(std::move(spec));
}

}  // namespace

// What is to change, decided and made durable before anything does.
struct Engine::Impl::TurnBack {
  struct Task {
    TaskId task;
    TimePoint before;  // its watermark
    TimePoint watermark;
    TimePoint next_due;
    std::optional<GoesOn> goes_on;
  };
  ClockStep step;
  std::vector<Task> tasks;
  std::vector<RunPtr> runs;               // claimed ahead: their time has not come
  std::vector<RunRow> rows;               // their outcomes
  std::map<TaskId, TimePoint> unclaimed;  // and how far their tasks were before
};

void Engine::Impl::watch_clocks(TimePoint now) {
  const ClockReading reading = read_both(parts_.clock);
  Micros jump{0};
  TimePoint looked = reading.wall;
  if (last_reading_) {
    looked = last_reading_->wall +
             std::chrono::duration_cast<Micros>(reading.monotonic - last_reading_->monotonic);
    jump = reading.wall - looked;
    looked = last_reading_->wall + jump;
  }
  const ClockSet set{reading.wall, looked, jump};
  const bool too_early = !ahead_.runs.empty() && now < ahead_.until;
  if (jump < -kTogether || too_early)
    turn_back(reading, set);
  else if (jump > kTogether)
    state_.with([&](State& state) { follow_rhythms(state, set); });
  follow_delays(reading, jump);
  if (jump > kClockJump)
    log::warn("the wall clock jumped; late policies decide what was missed, and nothing runs twice",
              {{"by", format_duration(std::chrono::round<std::chrono::milliseconds>(jump))}});
  if (jump > kClockJump || jump < -kClockJump) {
    alarm_watch_.clock_was_set(reading.wall, jump);
    tasks_changed_ = true;  // what alarms look at by the time of day is looked up anew
    if (parts_.observer != nullptr) parts_.observer->on_clock_jump(jump);
  }
  last_reading_ = reading;
  latest_ = std::max(latest_, now);
  end_pass(now);
}

// Nothing has changed where the ledger throws: the next tick finds the same step.
void Engine::Impl::turn_back(const ClockReading& now, const ClockSet& set) {
  TurnBack plan;
  state_.with([&](State& state) { plan_turn_back(state, now, set, plan); });
  if (set.slight() && plan.tasks.empty() && plan.rows.empty()) {
    state_.with([&](State& state) { follow_rhythms(state, set); });
    return;
  }
  std::vector<WatermarkMove> moves;
  moves.reserve(plan.tasks.size());
  for (const TurnBack::Task& task : plan.tasks)
    moves.push_back({task.task, task.watermark, task.next_due});
  parts_.ledger.turn_back(plan.step, moves, plan.rows);
  Steps steps;
  state_.with([&](State& state) {
    follow_rhythms(state, set);
    apply_turn_back(state, plan, steps);
  });
  std::erase_if(ahead_.claimed.steps.post, [](const RunPtr& run) { return run->finished; });
  ahead_.runs.clear();
  carry_out(std::move(steps));
  for (std::size_t i = 0; i < plan.runs.size(); ++i)
    tell(*plan.runs[i], plan.rows[i], {});
  begin_pass(plan.step);
  recall_windows(now.wall);
  recall_dates(now.wall);
}

void Engine::Impl::plan_turn_back(State& state, const ClockReading& now, const ClockSet& set,
                                  TurnBack& plan) {
  plan.step = {.pass = state.step.pass + 1,
               .from = now.wall - set.by,
               .to = now.wall,
               .until = std::max(state.step.until, latest_)};
  take_back_claims(state, now.wall, plan);
  for (Entry& entry : state.tasks.all())
    if (entry.spec->enabled && !entry.spec->timetable.on_demand())
      plan_task(state, entry, now, set, plan);
}

void Engine::Impl::take_back_claims(State& state, TimePoint now, TurnBack& plan) {
  for (const Ahead::Claim& claim : ahead_.runs) {
    const Run& run = *claim.run;
    const Entry* entry = state.tasks.find(run.row.key.task);
    if (run.finished || entry == nullptr) continue;
    const TimePoint start = std::holds_alternative<Delay>(run.spec->timetable.schedule())
                                ? run.row.key.nominal
                                : run.spec->timetable.next(run.row.key.nominal - 1us).start;
    if (start <= now) continue;
    RunRow row = run.row;
    row.state = RunState::kCoalesced;
    row.finished_at = now;
    row.detail =
        fmt::format("the wall clock was set back before its time; that comes again, as pass {}",
                    plan.step.pass);
    plan.rows.push_back(std::move(row));
    plan.runs.push_back(claim.run);
    plan.unclaimed.emplace(run.row.key.task, claim.watermark_before);
  }
}

void Engine::Impl::plan_task(State& state, Entry& entry, const ClockReading& now,
                             const ClockSet& set, TurnBack& plan) {
  const TaskId id = entry.spec->id;
  const Timetable& timetable = entry.spec->timetable;
  const auto unclaimed = plan.unclaimed.find(id);
  const bool is_unclaimed = unclaimed != plan.unclaimed.end();
  const TimePoint watermark = is_unclaimed ? unclaimed->second : entry.watermark;
  TurnBack::Task task{.task = id,
                      .before = entry.watermark,
                      .watermark = std::min(watermark, set.looked),
                      .next_due = entry.next_due,
                      .goes_on = {}};
  if (std::holds_alternative<Delay>(timetable.schedule())) {
    if (!is_unclaimed && watermark <= set.now) return;
    const auto over = state.delays.find(id);
    if ((is_unclaimed || entry.next_due != kNever) && over != state.delays.end())
      task.next_due =
          timetable.first_from(now.wall + std::chrono::ceil<Micros>(over->second - now.monotonic))
              .start;
  } else if (timetable.is_rhythm()) {
    const auto known = state.goes_on.find(id);
    const bool is_known = known != state.goes_on.end();
    const TimePoint last = (is_known ? known->second.last : watermark) + set.by;
    const TimePoint dealt_with =
        std::max(entry.watermark, is_known ? known->second.dealt_with : watermark);
    // What has no outcome yet is not passed over.
    const TimePoint from =
        std::min(rhythm_goes_on(timetable, last, set.looked), timetable.next(dealt_with).nominal);
    if (!is_unclaimed && watermark <= set.now && from > watermark) return;
    task.goes_on = GoesOn{.last = last, .from = from, .dealt_with = dealt_with};
    task.watermark = std::min(task.watermark, from - 1us);
    task.next_due = from == kNever ? kNever : timetable.next(from - 1us).start;
  } else {
    if (!is_unclaimed && !calendar_comes_again(watermark, set)) return;
    task.next_due = timetable.next(task.watermark).start;
  }
  plan.tasks.push_back(std::move(task));
}

void Engine::Impl::apply_turn_back(State& state, const TurnBack& plan, Steps& steps) {
  state.step = plan.step;
  for (const TurnBack::Task& task : plan.tasks) {
    Entry* entry = state.tasks.find(task.task);
    // A reload meanwhile may have given the task another schedule: that one stands.
    if (entry == nullptr || entry->watermark != task.before) continue;
    entry->watermark = task.watermark;
    if (task.goes_on) state.goes_on.insert_or_assign(task.task, *task.goes_on);
    if (task.next_due == entry->next_due) continue;
    entry->next_due = task.next_due;
    state.queue.push(entry->next_due, task.task);
  }
  for (const RunPtr& run : plan.runs) {
    run->finished = true;
    state.release(run, plan.step.to, steps);
  }
}

// Where the clock is set again before the next occurrence of a rhythm, that stays where it
// belongs by the monotonic clock.
void Engine::Impl::follow_rhythms(State& state, const ClockSet& set) {
  for (auto& [task, goes_on] : state.goes_on) {
    Entry* entry = state.tasks.find(task);
    if (entry == nullptr) continue;
    goes_on.last += set.by;
    const Timetable& timetable = entry->spec->timetable;
    const TimePoint from = std::min(rhythm_goes_on(timetable, goes_on.last, set.looked),
                                    timetable.next(goes_on.dealt_with).nominal);
    if (from == goes_on.from) continue;
    goes_on.from = from;
    entry->watermark = std::min(entry->watermark, from - 1us);
    entry->next_due = from == kNever ? kNever : timetable.next(from - 1us).start;
    state.queue.push(entry->next_due, task);
  }
}

void Engine::Impl::follow_delays(const ClockReading& now, Micros jump) {
  not_followed_ += jump;
  if (not_followed_ < kDelayDrift && not_followed_ > -kDelayDrift) return;
  not_followed_ = Micros{0};
  state_.with([&](State& state) {
    for (const auto& [task, over] : std::map{state.delays})
      if (Entry* entry = state.tasks.find(task); entry != nullptr && entry->next_due != kNever)
        state.set_delay(*entry, over, now);
  });
}

void Engine::Impl::begin_pass(const ClockStep& step) {
  log::warn(describe(step, Zone::utc()), {{"pass", step.pass}});
  if (parts_.observer != nullptr) parts_.observer->on_clock_pass(step.pass);
  auto targets = state_.with([](State& state) { return all_targets(state.tasks); });
  clock_alarm_ = Alarm{.task = clock_as_task(std::move(targets)),
                       .kind = Alarm::Kind::kClockStep,
                       .business_date = 0,
                       .since = step.to,
                       .says = describe(step, Zone::utc())};
  show_alarms();
  if (parts_.alarms != nullptr) parts_.alarms->raised(*clock_alarm_);
}

void Engine::Impl::end_pass(TimePoint now) {
  if (!clock_alarm_) return;
  const ClockStep step = state_.with([](State& state) { return state.step; });
  if (now <= step.until) return;
  log::info("the times that came again, because the wall clock was set back, are over",
            {{"pass", step.pass}});
  if (parts_.observer != nullptr) parts_.observer->on_clock_pass(0);
  const Alarm over = *std::exchange(clock_alarm_, std::nullopt);
  show_alarms();
  if (parts_.alarms != nullptr) parts_.alarms->cleared(over);
}

void Engine::Impl::show_alarms() {
  raised_.with([&](std::vector<Alarm>& raised) {
    raised = alarm_watch_.raised();
    if (clock_alarm_) raised.push_back(*clock_alarm_);
  });
}

std::optional<ClockStep> Engine::Impl::clock_pass() {
  const TimePoint now = parts_.clock.now();
  return state_.with([now](State& state) {
    return now <= state.step.until ? std::optional{state.step} : std::nullopt;
  });
}

// At start: what an earlier service knew of the clock; and whether it was set back while nobody
// was there to see it. No time counts as passed since then, since nobody knows how much did.
void Engine::Impl::recall_clock(const std::map<TaskId, StoredTask>& stored) {
  const ClockReading now = read_both(parts_.clock);
  const std::vector<ClockStep> steps = parts_.ledger.clock_steps();
  TimePoint latest = TimePoint::min();
  state_.with([&](State& state) {
    if (!steps.empty()) state.step = steps.front();
    for (Entry& entry : state.tasks.all()) {
      latest = std::max(latest, entry.watermark);
      const auto known = stored.find(entry.spec->id);
      if (state.step.pass > 0 && known != stored.end() &&
          known->second.watermark == entry.watermark)
        recall_rhythm(state, entry, known->second.next_due);
    }
  });
  last_reading_ = now;
  latest_ = latest;
  if (latest > now.wall)
    turn_back(now, {.now = now.wall, .looked = now.wall, .by = now.wall - latest});
  else if (const auto step = clock_pass()) {
    begin_pass(*step);
    recall_dates(now.wall);
  }
}

// A rhythm that has had no occurrence since the clock was set back goes on when it would have.
void Engine::Impl::recall_rhythm(State& state, Entry& entry, TimePoint next_due) {
  const Timetable& timetable = entry.spec->timetable;
  if (entry.watermark > state.step.to || next_due == kNever || next_due <= entry.next_due) return;
  if (!timetable.is_rhythm() || std::holds_alternative<Delay>(timetable.schedule())) return;
  const TimePoint from = timetable.previous(next_due + 1us).nominal;
  state.goes_on.insert_or_assign(
      entry.spec->id,
      GoesOn{.last = timetable.previous(from).nominal, .from = from, .dealt_with = from - 1us});
  entry.next_due = next_due;
  state.queue.push(next_due, entry.spec->id);
}

// Runs of times that have not come yet, after all, say nothing of today.
void Engine::Impl::recall_dates(TimePoint now) {
  const Result<int> today = date_of("", now);
  if (!today) return;
  std::vector<TaskId> ahead;
  state_.with([&](State& state) {
    for (const Entry& entry : state.tasks.all())
      if (std::max({entry.begun_date, entry.ended_date, entry.done_date}) > *today)
        ahead.push_back(entry.spec->id);
  });
  for (const TaskId task : ahead) {
    const std::vector<RunRow> rows =
        parts_.ledger.runs({.task = task, .before = now + 1us, .limit = kRowsForDates});
    state_.with([&](State& state) {
      Entry* entry = state.tasks.find(task);
      if (entry == nullptr) return;
      entry->begun_date = entry->ended_date = entry->done_date = 0;
      for (const RunRow& row : rows) {
        if (row.started_at) entry->begun_date = std::max(entry->begun_date, row.business_date);
        if (!is_open(row.state)) entry->ended_date = std::max(entry->ended_date, row.business_date);
        if (is_done(row.state)) entry->done_date = std::max(entry->done_date, row.business_date);
      }
    });
  }
}

}  // namespace systask::scheduler
