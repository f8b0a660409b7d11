// Runs that have no outcome yet, for people: which run, and what the others wait for.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "scheduler/engine/engine_impl.h"

namespace systask::scheduler {
namespace {

// So many others are named; of the rest it says how many.
constexpr std::size_t kMostNamed = 3;
// So many wait for the outcome of one run at most.
constexpr std::size_t kMostTold = 1'000;

std::string name_of_run(const Run& run) {
  return fmt::format("run {} ({})", run.row.id.value(), run.spec->name);
}

// "run 7 (a), run 8 (b) and 4 more".
std::string named_runs(const std::vector<RunPtr>& runs) {
  std::vector<std::string> names;
  for (const RunPtr& run : runs)
    if (names.size() < kMostNamed) names.push_back(name_of_run(*run));
  std::string text = fmt::format("{}", fmt::join(names, ", "));
  if (runs.size() > kMostNamed) text += fmt::format(" and {} more", runs.size() - kMostNamed);
  return text;
}

void wait_for_hold(const Hold& hold, std::string_view what, OpenRun& open) {
  if (hold.is_pause()) {
    open.waits_for = fmt::format("{}, which is paused by {} ({})", what, hold.actor, hold.reason);
    return;
  }
  open.waits_for = fmt::format("{}, which is held by {} ({}) until", what, hold.actor, hold.reason);
  open.until = hold.to;
}

std::string what_holds(const Target& target) {
  switch (target.kind) {
    case Target::Kind::kTask: return "its task";
    case Target::Kind::kGroup: return fmt::format("its group {}", target.name);
    case Target::Kind::kLane: break;
  }
  return fmt::format("lane {}", target.name);
}

// A lane that takes no job, or one whose threads are busy.
void wait_for_lane(const State& state, const Run& run, TimePoint now, OpenRun& open) {
  const int priority = run.spec->priority;
  const std::string lane = fmt::format("lane {}", priority);
  for (const Hold& hold : state.holds.all())
    if (hold.target == Target::lane(priority) && hold.covers(now))
      return wait_for_hold(hold, lane, open);
  std::vector<RunPtr> ahead;
  for (const RunPtr& other : state.bodies)
    if (other->spec->priority == priority) ahead.push_back(other);
  open.waits_for = fmt::format("a thread of {}", lane);
  if (!ahead.empty()) open.waits_for += fmt::format(", behind {}", named_runs(ahead));
}

void wait_in_line(State& state, const Run& run, OpenRun& open) {
  const std::vector<std::string>& names = run.spec->special().exclusive;
  open.waits_for = fmt::format("its turn in the exclusive {} {}",
                               names.size() == 1 ? "name" : "names", fmt::join(names, ", "));
  const RunId holder = state.exclusive.holder(names);
  if (const RunPtr other = holder.value() == 0 ? nullptr : state.find_run(holder))
    open.waits_for += fmt::format(", behind {}", name_of_run(*other));
}

}  // namespace

std::vector<RunPtr> Engine::Impl::all_open(State& state) {
  std::vector<RunPtr> runs;
  const auto add = [&](const RunPtr& run) {
    if (run && !run->finished) runs.push_back(run);
  };
  std::ranges::for_each(state.bodies, add);
  for (const auto& [at, run] : state.retries)
    add(run);
  for (const auto* some : {&state.line, &state.beside})
    for (const auto& [id, run] : *some)
      add(run);
  for (const Entry& entry : state.tasks.all()) {
    if (!entry.busy) continue;
    for (const auto* some : {&entry.busy->running, &entry.busy->waiting, &entry.busy->retrying})
      std::ranges::for_each(*some, add);
    add(entry.busy->held);
  }
  const auto id_of = [](const RunPtr& run) { return run->row.id; };
  std::ranges::sort(runs, {}, id_of);
  const auto twice = std::ranges::unique(runs, {}, id_of);
  runs.erase(twice.begin(), twice.end());
  return runs;
}

std::vector<OpenRun> Engine::Impl::open_runs() {
  const TimePoint now = parts_.clock.now();
  return state_.with([&](State& state) {
    std::vector<OpenRun> all;
    for (const RunPtr& run : all_open(state))
      all.push_back(describe_run(state, run, now));
    return all;
  });
}

std::optional<OpenRun> Engine::Impl::open_run(RunId id) {
  const TimePoint now = parts_.clock.now();
  return state_.with([&](State& state) -> std::optional<OpenRun> {
    const RunPtr run = state.find_run(id);
    if (!run || run->finished) return std::nullopt;
    return describe_run(state, run, now);
  });
}

bool Engine::Impl::when_done(RunId id, Completion done) {
  return state_.with([&](State& state) {
    const RunPtr run = state.find_run(id);
    if (!run || run->more().done.size() >= kMostTold) return false;
    run->extras->done.push_back(std::move(done));
    return true;
  });
}

OpenRun Engine::Impl::describe_run(State& state, const RunPtr& run, TimePoint now) {
  OpenRun open{.row = run->row,
               .task = run->spec->name,
               .runs = run->stage == Run::Stage::kBody,
               .since = {},
               .waits_for = {},
               .until = {}};
  if (open.runs)
    open.since = run->row.started_at;
  else
    describe_wait(state, run, now, open);
  return open;
}

void Engine::Impl::describe_wait(State& state, const RunPtr& run, TimePoint now, OpenRun& open) {
  switch (run->stage) {
    case Run::Stage::kBody: return;
    case Run::Stage::kLane: return wait_for_lane(state, *run, now, open);
    case Run::Stage::kLine: return wait_in_line(state, *run, open);
    case Run::Stage::kRetry:
      if (const Hold* hold = state.against(*run, now); hold != nullptr && run->retries == 0)
        return wait_for_hold(*hold, what_holds(hold->target), open);
      open.waits_for = fmt::format("attempt {} at", run->row.attempt);
      open.until = now + std::chrono::ceil<Micros>(run->retry_at - parts_.clock.monotonic());
      return;
    case Run::Stage::kNew: break;
  }
  const Entry* entry = state.tasks.find(run->row.key.task);
  if (entry != nullptr && entry->runs().held == run) {
    std::vector<std::string> names;
    for (const Predecessor& before : run->spec->after)
      if (const Entry* other = state.tasks.find(before.task);
          other != nullptr && other->done_date != run->row.business_date)
        names.push_back(before.task);
    if (!names.empty()) {
      open.waits_for =
          fmt::format("{} to be done for {}", fmt::join(names, " and "), run->row.business_date);
      return;
    }
  }
  if (const Hold* hold = state.against(*run, now))
    return wait_for_hold(*hold, what_holds(hold->target), open);
  std::vector<RunPtr> others;
  if (entry != nullptr)
    std::ranges::copy_if(entry->runs().running, std::back_inserter(others),
                         [&](const RunPtr& other) { return other != run; });
  open.waits_for = others.empty() ? "its claim to be written"
                                  : fmt::format("the same task's {} to end", named_runs(others));
}

}  // namespace systask::scheduler
