// Warns of runs that take `factor` times as long as is usual for their task (the median of
// its latest successes) and at least `least`, and of lanes whose threads are all busy while
// runs wait. Each run is named once.
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

void warn_of_full_lanes(const scheduler::RunContext& run,
                        const std::vector<scheduler::Lanes::Depth>& lanes) {
  for (const scheduler::Lanes::Depth& lane : lanes)
    if (lane.queued > 0 && lane.running >= lane.threads)
      log::warn(
          "every thread of a lane is busy and runs wait: look for long ones with systask tasks, "
          "cancel them, or give the lane more threads",
          {{"run", run.id}, {"priority", lane.priority}, {"waiting", lane.queued}});
}

}  // namespace

ParameterRules watch_lanes_parameters() {
  return {number("factor", 3, 2, 1'000),
          duration("least", std::chrono::seconds{10}, std::chrono::milliseconds{1})};
}

scheduler::Body watch_lanes(const TaskParts& parts) {
  const auto named = std::make_shared<Guarded<std::set<std::int64_t>>>();
  return [&parts, named](const scheduler::RunContext& run) {
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
      if (!named->with([&](const auto& known) { return known.contains(one.run.value()); }))
        log::warn(
            "a run takes far longer than is usual for its task: look what it waits for, or "
            "cancel it",
            {{"task", one.name},
             {"run", one.run},
             {"so_far", whole_millis(so_far)},
             {"usual", whole_millis(*usual)}});
    }
    const std::size_t count = long_ones.size();
    named->with([&](auto& known) { known = std::move(long_ones); });
    const std::vector<scheduler::Lanes::Depth> lanes = parts.lane_depths();
    warn_of_full_lanes(run, lanes);
    std::size_t waiting = 0;
    for (const scheduler::Lanes::Depth& lane : lanes)
      waiting += lane.queued;
    return fmt::format("{} runs, {} wait in lanes, {} longer than usual{}", running.size(), waiting,
                       count, sentence);
  };
}

}  // namespace systask::tasks
