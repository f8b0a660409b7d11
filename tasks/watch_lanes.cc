// Warns of runs that take `factor` times as long as is usual for their task (the median of
// its latest successes) and at least `least`, and of full lanes: those in which a run has waited
// for a thread for `least`. A lane whose threads are busy for a moment, because several tasks are
// due together, is not full. Each run is named once, and so is a lane until it is no longer full.
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <set>

#include "base/guarded.h"
#include "base/log.h"
#include "scheduler/when/duration.h"
#include "tasks/given.h"
#include "tasks/tasks.h"

namespace systask::tasks {
namespace {

constexpr std::size_t kLatest = 50;      // rows of the ledger
constexpr std::size_t kFewestKnown = 5;  // successes, before anything is called usual

// Nothing where too few of its latest runs succeeded.
std::optional<Micros> usual_time(scheduler::RunLedger& ledger, scheduler::TaskId task) {
  std::vector<Micros> times;
  for (const scheduler::RunRow& row : ledger.runs({.task = task, .limit = kLatest}))
    if (row.state == scheduler::RunState::kSucceeded && row.started_at && row.finished_at)
      times.push_back(*row.finished_at - *row.started_at);
  if (times.size() < kFewestKnown) return std::nullopt;
  const auto middle = times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2);
  std::ranges::nth_element(times, middle);
  return *middle;
}

std::string whole_millis(Micros length) {
  return scheduler::format_duration(std::chrono::floor<std::chrono::milliseconds>(length));
}

// What was told, and lasts.
struct Told {
  std::set<std::int64_t> runs;
  std::set<int> lanes;
};

// The sentence about them; warns of those that were not full at the look before.
std::string tell_full_lanes(const std::vector<scheduler::LaneWait>& full, Guarded<Told>& told) {
  std::string sentence;
  std::set<int> lanes;
  for (const scheduler::LaneWait& lane : full) {
    lanes.insert(lane.priority);
    sentence += fmt::format("; lane {} is full: the first of {} waiting runs waits for {}",
                            lane.priority, lane.runs, whole_millis(lane.longest));
    if (told.with([&](const Told& known) { return known.lanes.contains(lane.priority); })) continue;
    log::warn(
        "a lane is full, and runs wait for its threads: look for long ones with systask tasks, "
        "cancel them, or give the lane more threads",
        {{"lane", lane.priority},
         {"waiting", lane.runs},
         {"longest", whole_millis(lane.longest)},
         {"run", lane.first},
         {"task", lane.task}});
  }
  told.with([&](Told& known) { known.lanes = std::move(lanes); });
  return sentence;
}

}  // namespace

ParameterRules watch_lanes_parameters() {
  return {number("factor", 3, 2, 1'000),
          duration("least", std::chrono::seconds{10}, std::chrono::milliseconds{1})};
}

scheduler::Body watch_lanes(const TaskParts& parts) {
  const auto told = std::make_shared<Guarded<Told>>();
  return [&parts, told](const scheduler::RunContext& run) {
    const Given given{run, watch_lanes_parameters()};
    const std::int64_t factor = given.number("factor");
    const Micros least = given.duration("least");
    const TimePoint now = parts.clock.now();
    std::set<std::int64_t> long_ones;
    std::string sentence;
    const std::vector<RunningRun> running = parts.running();
    for (const RunningRun& one : running) {
      const Micros so_far = now - one.since;
      if (so_far < least) continue;
      const auto usual = usual_time(parts.ledger, one.task);
      if (!usual || so_far < *usual * factor) continue;
      long_ones.insert(one.run.value());
      sentence += fmt::format("; {} (run {}) runs for {}, {} is usual", one.name, one.run.value(),
                              whole_millis(so_far), whole_millis(*usual));
      if (!told->with([&](const Told& known) { return known.runs.contains(one.run.value()); }))
        log::warn(
            "a run takes far longer than is usual for its task: look what it waits for, or "
            "cancel it",
            {{"task", one.name},
             {"run", one.run},
             {"so_far", whole_millis(so_far)},
             {"usual", whole_millis(*usual)}});
    }
    const std::size_t count = long_ones.size();
    told->with([&](Told& known) { known.runs = std::move(long_ones); });
    sentence += tell_full_lanes(parts.lane_waits(least), *told);
    std::size_t waiting = 0;
    for (const scheduler::Lanes::Depth& lane : parts.lane_depths())
      waiting += lane.queued;
    return fmt::format("{} runs, {} wait in lanes, {} longer than usual{}", running.size(), waiting,
                       count, sentence);
  };
}

}  // namespace systask::tasks
