#include "tests/support/manual_lanes.h"

#include <algorithm>
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

void ManualLanes::abandon(RunId run) {
  jobs_.with([&](Jobs& jobs) { jobs.abandoned.push_back(run); });
}

void ManualLanes::pause(int priority, bool paused) {
  jobs_.with([&](Jobs& jobs) {
    if (paused)
      jobs.paused.insert(priority);
    else
      jobs.paused.erase(priority);
  });
}

bool ManualLanes::resize(int priority, std::size_t threads) {
  if (!priorities_.contains(priority)) return false;
  jobs_.with([&](Jobs& jobs) { jobs.threads[priority] = threads; });
  return true;
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
      Depth depth{priority, 0, 0, 1, jobs.paused.contains(priority), 0, 1};
      if (const auto found = jobs.threads.find(priority); found != jobs.threads.end())
        depth.threads = found->second;
      for (const auto& [of, job] : jobs.waiting)
        depth.queued += of == priority ? 1 : 0;
      depths.push_back(depth);
    }
    return depths;
  });
}

std::optional<Job> ManualLanes::take_one() {
  return jobs_.with([](Jobs& jobs) -> std::optional<Job> {
    const auto found = std::ranges::find_if(
        jobs.waiting, [&](const auto& waiting) { return !jobs.paused.contains(waiting.first); });
    if (found == jobs.waiting.end()) return std::nullopt;
    Job first = std::move(found->second);
    jobs.waiting.erase(found);
    return first;
  });
}

bool ManualLanes::run_one() {
  const std::optional<Job> job = take_one();
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

std::vector<RunId> ManualLanes::abandoned() const {
  return jobs_.with([](const Jobs& jobs) { return jobs.abandoned; });
}

}  // namespace systask::scheduler
