// Tasks that come after others: followers, steps that are skipped, and backfills.
#include <fmt/format.h>

#include <algorithm>
#include <exception>

#include "base/log.h"
#include "scheduler/engine/engine_impl.h"

namespace systask::scheduler {
namespace {

using namespace std::chrono_literals;

// Dates of a backfill, and steps in all.
constexpr int kMostDays = 366 * 3;
constexpr std::size_t kMostSteps = 100'000;

std::optional<std::chrono::sys_days> as_days(int date) {
  const std::chrono::year_month_day day{std::chrono::year{date / 10'000},
                                        std::chrono::month{static_cast<unsigned>(date / 100 % 100)},
                                        std::chrono::day{static_cast<unsigned>(date % 100)}};
  if (!day.ok()) return std::nullopt;
  return std::chrono::sys_days{day};
}

int as_date(std::chrono::sys_days days) {
  const std::chrono::year_month_day day{days};
  return static_cast<int>(day.year()) * 10'000 +
         static_cast<int>(static_cast<unsigned>(day.month()) * 100 +
                          static_cast<unsigned>(day.day()));
}

bool is_under_way(const Entry& entry) {
  const Busy& busy = entry.runs();
  return !busy.running.empty() || !busy.waiting.empty() || !busy.retrying.empty() || busy.held;
}

}  // namespace

// Starts tasks without a schedule whose predecessors are all done for one date, unless they
// are done for it already. What the ledger refuses, the next tick tries again.
void Engine::Impl::start_followers(TimePoint now) {
  std::vector<RunPtr> to_claim;
  std::vector<RunRow> paused;
  state_.with([&](State& state) {
    if (state.followers.empty()) return;
    for (const Follower& follower : std::exchange(state.followers, {}))
      if (RunPtr run = follower_run(state, follower, now, paused)) to_claim.push_back(run);
  });
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
                                  std::vector<RunRow>& paused) {
  Entry* entry = state.tasks.find(follower.task);
  if (entry == nullptr || state.stopped || !entry->spec->enabled) return nullptr;
  if (entry->done_date == follower.business_date || is_under_way(*entry)) return nullptr;
  if (!state.may_start(*entry->spec, follower.business_date)) return nullptr;
  RunPtr run = make_run(*entry, follower.nominal, Trigger::kAfter, now);
  run->row.business_date = follower.business_date;
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

Result<RunId> Engine::Impl::skip_step(std::string_view task, int business_date,
                                      const Asked& asked) {
  if (asked.reason.empty()) return needs_reason(Target::task(task), "skipped");
  const TimePoint at = now();
  std::optional<Refusal> refusal;
  RunPtr run;
  state_.with([&](State& state) {
    Entry* entry = state.tasks.find(task);
    if (state.stopped)
      refusal = is_stopping();
    else if (entry == nullptr)
      refusal = unknown_task(task);
    if (refusal) return;
    const Busy& busy = entry->runs();
    for (const RunPtr& running : busy.running)
      if (running->row.business_date == business_date)
        refusal = Refusal{"TASK_RUNNING",
                          fmt::format("task '{}' is busy with run {} of that date: wait for it "
                                      "or cancel it, then skip the step",
                                      task, running->row.id.value())};
    if (refusal) return;
    // What waits of it for that date takes the outcome; else a row is made that says so.
    const auto fits = [&](const RunPtr& one) {
      return one && !one->finished && one->claimed && one->row.business_date == business_date;
    };
    for (const auto* runs : {&busy.waiting, &busy.retrying})
      for (const RunPtr& one : *runs)
        if (!run && fits(one)) run = one;
    if (fits(busy.held)) run = busy.held;
    if (run) return;
    run = make_run(*entry, at, Trigger::kManual, at);
    run->row.business_date = business_date;
    run->row.actor = asked.actor;
    run->claimed = true;
  });
  if (refusal) return *refusal;
  log::info("a step is skipped", {{"task", task},
                                  {"business_date", business_date},
                                  {"actor", asked.actor},
                                  {"reason", asked.reason}});
  const RunId id = run->row.id;
  finish(run,
         {RunState::kSkippedStep, fmt::format("skipped by {}: {}", asked.actor, asked.reason)});
  return id;
}

Result<std::size_t> Engine::Impl::resume_group(std::string_view group, const Asked& asked) {
  const Target target = Target::group(group);
  if (asked.reason.empty()) return needs_reason(target, "resumed");
  const TimePoint at = now();
  const Result<int> date = date_of(group, at);
  if (date.has_error()) return date.error();
  std::optional<Refusal> refusal;
  std::vector<std::shared_ptr<const TaskSpec>> specs;
  state_.with([&](State& state) {
    refusal = state.stopped ? std::optional{is_stopping()} : unknown(state, target);
    for (const Entry& entry : state.tasks.all())
      if (entry.spec->group == group && entry.spec->enabled && entry.done_date != *date &&
          !is_under_way(entry))
        specs.push_back(entry.spec);
  });
  if (refusal) return *refusal;
  if (specs.empty())
    return Refusal{
        "NOTHING_TO_DO",
        fmt::format("every step of group '{}' is done for {}, or under way", group, *date)};
  std::vector<PlannedStep> planned;
  planned.reserve(specs.size());
  for (const auto& spec : specs)
    planned.push_back({spec.get(), at});
  const auto added = add_backfill(target, asked, {make_instance(*date, planned)}, 1);
  if (added.has_error()) return added.error();
  return planned.size();
}

Result<BackfillId> Engine::Impl::backfill(const BackfillRequest& request, const Asked& asked) {
  if (asked.reason.empty()) return needs_reason(request.target, "run again");
  const auto from = as_days(request.from);
  const auto to = as_days(request.to);
  if (!from || !to || *to < *from || *to - *from > std::chrono::days{kMostDays})
    return Refusal{"BAD_DATES",
                   fmt::format("there is no backfill from {} to {}: give two dates as YYYYMMDD, "
                               "in order, at most {} days apart",
                               request.from, request.to, kMostDays)};
  const auto refusal = state_.with([&](State& state) -> std::optional<Refusal> {
    if (state.stopped) return is_stopping();
    if (request.target.kind == Target::Kind::kLane)
      return Refusal{"UNKNOWN_GROUP", "a backfill is of a task or of a group, not of a lane"};
    return unknown(state, request.target);
  });
  if (refusal) return *refusal;
  std::vector<Backfill::Instance> instances = instances_of(request);
  if (instances.empty())
    return Refusal{"NOTHING_TO_DO",
                   fmt::format("'{}' had no occurrence from {} to {}, or far too many",
                               request.target.name, request.from, request.to)};
  return add_backfill(request.target, asked, std::move(instances), request.concurrency);
}

// The dates on which the tasks, or what they come after, had an occurrence; of several on one
// date, each task runs once, for the last of them.
std::vector<Backfill::Instance> Engine::Impl::instances_of(const BackfillRequest& request) {
  std::vector<std::shared_ptr<const TaskSpec>> specs;
  state_.with([&](State& state) {
    for (const Entry& entry : state.tasks.all())
      if (request.target.kind == Target::Kind::kTask ? entry.spec->name == request.target.name
                                                     : entry.spec->group == request.target.name)
        specs.push_back(entry.spec);
  });
  std::vector<Backfill::Instance> instances;
  std::size_t steps = 0;
  for (auto day = *as_days(request.from); day <= *as_days(request.to);
       day += std::chrono::days{1}) {
    const int date = as_date(day);
    std::vector<PlannedStep> planned;
    for (const auto& spec : specs) {
      // A night session belongs to a later date than it is on: look at the days before, too.
      const auto zone = Zone::find(spec->zone);
      for (int back = 0; back < 5; ++back) {
        const LocalTime local{(day - std::chrono::days{back}).time_since_epoch()};
        const TimePoint begin = zone ? zone->to_instant(local) : TimePoint{day};
        const Occurrence last = last_expected(*spec, begin, begin + std::chrono::days{1} - 1us, 0);
        if (last.nominal == kNever) continue;
        const Result<int> own = last.business_date != 0 ? Result<int>{last.business_date}
                                                        : date_of(spec->name, last.nominal);
        if (!own || *own != date) continue;
        planned.push_back({spec.get(), last.nominal});
        break;
      }
    }
    steps += planned.size();
    if (steps > kMostSteps) return {};
    if (!planned.empty()) instances.push_back(make_instance(date, planned));
  }
  return instances;
}

Result<BackfillId> Engine::Impl::add_backfill(const Target& target, const Asked& asked,
                                              std::vector<Backfill::Instance> instances,
                                              int concurrency) {
  const BackfillId id{++last_backfill_id_};
  BackfillStatus status{.id = id, .target = target, .actor = asked.actor, .reason = asked.reason};
  log::info("a backfill begins", {{"backfill", id},
                                  {"what", target.name},
                                  {"dates", instances.size()},
                                  {"actor", asked.actor},
                                  {"reason", asked.reason}});
  state_.with([&](State& state) {
    state.backfills.push_back(
        std::make_unique<Backfill>(std::move(status), std::move(instances), concurrency));
  });
  advance_backfills(now());
  return id;
}

// Starts the steps that may, and ends those that never will. A step that cannot be claimed is
// tried again by the next tick.
void Engine::Impl::advance_backfills(TimePoint now) {
  std::vector<RunPtr> to_claim;
  std::vector<RunPtr> in_vain;
  int today = 0;
  bool any = state_.with([](State& state) { return !state.backfills.empty(); });
  if (!any) return;
  if (const auto date = date_of("", now)) today = *date;
  state_.with([&](State& state) {
    std::erase_if(state.backfills, [](const auto& backfill) { return backfill->over(); });
    if (state.stopped) return;
    for (const auto& backfill : state.backfills) {
      const auto outside = [&](const Predecessor& before, int date) {
        const Entry* entry = state.tasks.find(before.task);
        if (entry == nullptr || date != today || entry->done_date == date) return true;
        return before.on == Predecessor::On::kAny && entry->ended_date == date;
      };
      for (const Backfill::Move& move : backfill->advance(outside)) {
        const Backfill::Instance& instance = backfill->instance(move.instance);
        const Backfill::Step& step = instance.steps[move.step];
        const Entry* entry = state.tasks.find(step.task);
        if (entry == nullptr || !entry->spec->enabled) {
          backfill->ended(step.task, instance.business_date, RunState::kCancelled);
          continue;
        }
        RunPtr run = make_run(*entry, step.nominal, Trigger::kBackfill, now);
        run->row.business_date = instance.business_date;
        run->row.actor = backfill->status().actor;
        run->more().backfill = backfill->status().id;
        (move.held ? in_vain : to_claim).push_back(std::move(run));
      }
    }
  });
  for (const RunPtr& run : in_vain)
    finish(run, {RunState::kHeld, "what it comes after was not done in this backfill"});
  for (const RunPtr& run : to_claim) {
    try {
      claim_and_start(run);
    } catch (const std::exception& error) {
      log::error("a step of a backfill could not be claimed; the next tick tries again",
                 {{"task", run->spec->name}, {"error", error.what()}});
      state_.with([&](State& state) {
        for (const auto& backfill : state.backfills)
          if (backfill->status().id == run->extras->backfill)
            backfill->ended(run->spec->id, run->row.business_date, RunState::kClaimed);
      });
    }
  }
}

Result<void> Engine::Impl::cancel_backfill(BackfillId id, std::string_view actor) {
  std::vector<RunId> open;
  bool found = false;
  state_.with([&](State& state) {
    for (const auto& backfill : state.backfills) {
      if (backfill->status().id != id) continue;
      found = true;
      backfill->cancel();
    }
    const auto collect = [&](const RunPtr& run) {
      if (run->extras && run->extras->backfill == id) open.push_back(run->row.id);
    };
    for (const RunPtr& run : state.bodies)
      collect(run);
    for (const auto& [at, run] : state.retries)
      collect(run);
    for (const auto& [run_id, run] : state.line)
      collect(run);
  });
  if (!found)
    return Refusal{"UNKNOWN_BACKFILL", fmt::format("there is no backfill {}: it is over, or never "
                                                   "was",
                                                   id.value())};
  for (const RunId run : open)
    static_cast<void>(cancel(run, actor));
  return {};
}

std::vector<BackfillStatus> Engine::Impl::backfills() {
  return state_.with([](State& state) {
    std::vector<BackfillStatus> all;
    for (const auto& backfill : state.backfills)
      if (!backfill->over()) all.push_back(backfill->status());
    return all;
  });
}

}  // namespace systask::scheduler
