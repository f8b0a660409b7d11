// What an operator should look at: what fails, is late, or is stopped.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

#include "base/text.h"
#include "scheduler/engine/engine_impl.h"
#include "scheduler/when/duration.h"

namespace systask::scheduler {
namespace {

using namespace std::chrono_literals;

// A run waits so long for a thread before it counts as late.
constexpr Micros kLongWait = 30s;
constexpr std::size_t kReasonBytes = Failures::kReasonBytes;

// Collects at most so many troubles of each concern, and counts them all.
class List {
 public:
  explicit List(std::size_t most) : most_(most) {}

  void add(Trouble trouble) {
    const auto concern = static_cast<std::size_t>(concern_of(trouble.kind));
    if (++counts_[concern] <= most_) lists_[concern].push_back(std::move(trouble));
  }
  Troubles done() {
    Troubles all{.failing = counts_[0], .late = counts_[1], .stopped = counts_[2]};
    for (std::vector<Trouble>& list : lists_)
      for (Trouble& trouble : list)
        if (all.list.size() < most_) all.list.push_back(std::move(trouble));
    return all;
  }

 private:
  std::size_t most_;
  std::array<std::size_t, 3> counts_{};
  std::array<std::vector<Trouble>, 3> lists_;
};

// What waits for threads of a lane for long.
void add_retries(const Busy& busy, const TaskSpec& spec, TimePoint now, MonotonicPoint monotonic,
                 List& list) {
  for (const RunPtr& run : busy.retrying) {
    if (!run->extras || !run->extras->last_failure) continue;
    const Ending& failure = *run->extras->last_failure;
    list.add({.kind = Trouble::Kind::kRetries,
              .on = Target::task(spec.name),
              .run = run->row.id,
              .since = run->row.claimed_at,
              .says = fmt::format("attempt {} of run {} {}, and another follows: {}",
                                  run->row.attempt - 1, run->row.id.value(), name_of(failure.state),
                                  one_line(failure.detail, kReasonBytes)),
              .until = now + std::chrono::ceil<Micros>(run->retry_at - monotonic)});
  }
}

void add_waits(State& state, const Busy& busy, const TaskSpec& spec, List& list) {
  if (!busy.held) return;
  for (const Predecessor& before : spec.after) {
    const Entry* const other = state.tasks.find(before.task);
    const Failure* failure = other == nullptr ? nullptr : state.failures.find(other->spec->id);
    if (failure == nullptr || before.on == Predecessor::On::kAny) continue;
    list.add({Trouble::Kind::kWaitsFor, Target::task(spec.name), busy.held->row.id,
              busy.held->row.claimed_at,
              fmt::format("run {} waits for task '{}', which fails", busy.held->row.id.value(),
                          before.task)});
    return;
  }
}

// What a wall clock missed that was ahead, and has been put right, is still to come.
void add_missed(const Entry& entry, TimePoint now, List& list) {
  const Busy& busy = entry.runs();
  if (!busy.missed || busy.missed->state != RunState::kSkippedLate) return;
  const RunRow& row = *busy.missed;
  if (row.key.nominal > now) return;
  list.add({Trouble::Kind::kMissed, Target::task(entry.spec->name), row.id, row.key.nominal,
            fmt::format("missed {}: {}",
                        row.count == 1 ? "its latest occurrence"
                                       : fmt::format("its latest {} occurrences", row.count),
                        row.detail)});
}

void add_bodies(const State& state, TimePoint now, MonotonicPoint monotonic, List& list) {
  for (const RunPtr& run : state.bodies) {
    if (run->finished || !run->extras || !run->extras->overdue_told) continue;
    const auto usual = run->extras->overdue_after;
    if (!usual || *usual == Micros::max()) continue;
    const auto running = std::chrono::duration_cast<Micros>(monotonic - run->begun_at);
    list.add(
        {Trouble::Kind::kTakesLong, Target::task(run->spec->name), run->row.id, now - running,
         fmt::format("run {} is under way for {}, and {} at most was expected", run->row.id.value(),
                     format_duration(std::chrono::floor<std::chrono::seconds>(running)),
                     format_duration(std::chrono::ceil<std::chrono::milliseconds>(*usual)))});
  }
}

void add_holds(const State& state, TimePoint now, List& list) {
  for (const Hold& hold : state.holds.all()) {
    if (!hold.covers(now)) continue;
    const bool pause = hold.is_pause();
    list.add({.kind = pause ? Trouble::Kind::kPaused : Trouble::Kind::kInWindow,
              .on = hold.target,
              .since = hold.from,
              .says = fmt::format("{} by {}: {}", pause ? "paused" : "held", hold.actor,
                                  one_line(hold.reason, kReasonBytes)),
              .until = hold.to});
  }
}

// By lane, runs that have waited for so long. What is held back in a lane does not wait for it.
std::vector<LaneWait> waits_of(State& state, TimePoint now, MonotonicPoint monotonic,
                               Micros least) {
  std::map<int, LaneWait> waits;
  for (const Entry& entry : state.tasks.all()) {
    if (!entry.busy) continue;
    for (const RunPtr& run : entry.busy->running) {
      const int lane = run->spec->priority;
      if (run->stage != Run::Stage::kLane || run->queued_at == MonotonicPoint{}) continue;
      const auto waited = std::chrono::duration_cast<Micros>(monotonic - run->queued_at);
      if (waited < least || state.holds.lane_waits(lane, now)) continue;
      LaneWait& wait = waits[lane];
      ++wait.runs;
      if (wait.runs > 1 && waited <= wait.longest) continue;
      wait.priority = lane;
      wait.first = run->row.id;
      wait.task = run->spec->name;
      wait.longest = waited;
    }
  }
  std::vector<LaneWait> list;
  for (auto& [lane, wait] : waits)
    list.push_back(std::move(wait));
  return list;
}

void add_lane_waits(const std::vector<LaneWait>& waits, TimePoint now, List& list) {
  for (const LaneWait& wait : waits)
    list.add({Trouble::Kind::kWaitsLane, Target::lane(wait.priority), wait.first,
              now - wait.longest,
              fmt::format("{} {} longer than {} for a thread, the first is run {} of task '{}'",
                          wait.runs, wait.runs == 1 ? "run waits" : "runs wait",
                          format_duration(kLongWait), wait.first.value(), wait.task)});
}

}  // namespace

Concern concern_of(Trouble::Kind kind) {
  switch (kind) {
    case Trouble::Kind::kFails: return Concern::kFailing;
    case Trouble::Kind::kPaused:
    case Trouble::Kind::kInWindow: return Concern::kStopped;
    default: return Concern::kLate;
  }
}

std::string_view name_of(Concern concern) {
  constexpr std::string_view kNames[]{"failing", "late", "stopped"};
  return kNames[static_cast<std::size_t>(concern)];
}

Troubles Engine::Impl::troubles(std::size_t most) {
  const TimePoint now = parts_.clock.now();
  const MonotonicPoint monotonic = parts_.clock.monotonic();
  List list{most};
  state_.with([&](State& state) {
    state.failures.each([&](const TaskSpec& task, const Failure& failure) {
      list.add({Trouble::Kind::kFails, Target::task(task.name), failure.run, failure.since,
                describe_briefly(failure)});
    });
    for (const Entry& entry : state.tasks.all()) {
      if (!entry.busy) continue;
      add_retries(*entry.busy, *entry.spec, now, monotonic, list);
      add_waits(state, *entry.busy, *entry.spec, list);
      add_missed(entry, now, list);
    }
    add_bodies(state, now, monotonic, list);
    add_holds(state, now, list);
    add_lane_waits(waits_of(state, now, monotonic, kLongWait), now, list);
  });
  for (const Alarm& alarm : raised_.with([](const auto& raised) { return raised; }))
    list.add({Trouble::Kind::kAlarm, Target::task(alarm.task->name), std::nullopt, alarm.since,
              alarm.says});
  return list.done();
}

std::vector<LaneWait> Engine::Impl::lane_waits(Micros least) {
  const TimePoint now = parts_.clock.now();
  const MonotonicPoint monotonic = parts_.clock.monotonic();
  return state_.with([&](State& state) { return waits_of(state, now, monotonic, least); });
}

}  // namespace systask::scheduler
