#include "tests/support/manual_lanes.h"

#include <optional>
#include <utility>

namespace systask::scheduler {

ManualLanes::ManualLanes(std::set<int> priorities, std::size_t limit)
    : priorities_(std::move(priorities)), limit_(limit) {}

Submitted ManualLanes::submit(int priority, Job job) {
  if (!priorities_.contains(priority)) return Submitted::kNoSuchLane;
  return jobs_.with([&](Jobs& jobs) {
    if (jobs.stopped) return Submitted::kStopped;
    if (jobs.waiting.size() >= limit_) return Submitted::kFull;
    jobs.waiting.emplace_back(priority, std::move(job));
    return Submitted::kYes;
  });
}

std::vector<RunId> ManualLanes::stop(Micros) {
  return jobs_.with([](Jobs& jobs) {
    jobs.stopped = true;
    std::vector<RunId> not_begun;
    for (const auto& [priority, job] : std::exchange(jobs.waiting, {}))
      not_begun.push_back(job.run);
    return not_begun;
  });
}

std::vector<Lanes::Depth> ManualLanes::depths() const {
  return jobs_.with([&](const Jobs& jobs) {
    std::vector<Depth> depths;
    for (const int priority : priorities_) {
      Depth depth{priority, 0, 0, 1};
      for (const auto& [of, job] : jobs.waiting)
        depth.queued += of == priority ? 1 : 0;
      depths.push_back(depth);
    }
    return depths;
  });
}

bool ManualLanes::run_one() {
  const auto job = jobs_.with([](Jobs& jobs) -> std::optional<Job> {
    if (jobs.waiting.empty()) return std::nullopt;
    Job first = std::move(jobs.waiting.front().second);
    jobs.waiting.pop_front();
    return first;
  });
  if (job) job->work();
  return job.has_value();
}

std::size_t ManualLanes::run_all() {
  std::size_t count = 0;
  while (run_one())
    ++count;
  return count;
}

std::size_t ManualLanes::queued() const {
  return jobs_.with([](const Jobs& jobs) { return jobs.waiting.size(); });
}

}  // namespace systask::scheduler
