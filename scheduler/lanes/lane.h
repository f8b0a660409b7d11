// A Lane runs the jobs of one priority on its own threads, first come first served.
//
// Threads may be reserved for a task or a group: so many of its jobs begin whatever else the
// lane is busy with, since all others together never take those threads. Its further jobs
// stand in line with the others, so nothing is passed by for more than the reserved threads.
//
// submit() may be called from any thread and never blocks: a full lane says so, and the
// caller records the run as skipped. stop() waits for the jobs that have begun, for as
// long as it is told to, and returns those that have not. A job that outlasts the
// patience of stop(), or was abandoned, keeps its thread and the lane's queue alive until it
// returns; what the job itself uses is its own concern.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <shared_mutex>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "scheduler/lanes/lanes.h"

namespace systask::scheduler {

struct LaneOptions {
  std::size_t threads = 2;
  std::size_t queue_limit = 1024;  // jobs that wait, beyond those that run
  // By name of a task or a group; in all fewer than `threads`. Jobs that have threads
  // reserved have a queue of that limit to themselves.
  std::map<std::string, std::size_t, std::less<>> reserved = {};
};

class Lane {
 public:
  explicit Lane(LaneOptions options);
  ~Lane();
  Lane(const Lane&) = delete;
  Lane& operator=(const Lane&) = delete;

  Submitted submit(Job job);
  // See Lanes: one lock for all, and no more threads are woken than there are jobs.
  std::vector<Submitted> submit_all(std::span<Job> jobs);
  // See Lanes. False: the run has not begun here, or has ended.
  bool abandon(RunId run);
  void pause(bool paused);
  // Never fewer than one more than are reserved.
  void resize(std::size_t threads);
  // As its configuration says from now on: threads and the length of the queue. What is reserved
  // stays as it was.
  void configure(const LaneOptions& options);
  // close(), then join().
  std::vector<RunId> stop(Micros patience);
  // Nothing begins after this; answers what has not.
  std::vector<RunId> close();
  // After close(): waits for the jobs that have begun; false if some outlast `patience`.
  bool join(Micros patience);

  [[nodiscard]] Lanes::Depth depth(int priority) const;
  [[nodiscard]] std::size_t queued() const { return depth(0).queued; }
  [[nodiscard]] std::size_t running() const { return depth(0).running; }
  [[nodiscard]] std::size_t threads() const { return depth(0).threads; }

 private:
  struct Shared;
  std::shared_ptr<Shared> shared_;
};

// The lanes of a service, by priority. Same threads and lifetimes as Lane.
class LaneSet final : public Lanes {
 public:
  explicit LaneSet(const std::map<int, LaneOptions>& lanes);

  Submitted submit(int priority, Job job) override;
  std::vector<Submitted> submit_all(int priority, std::span<Job> jobs) override;
  void abandon(RunId run) override;
  void pause(int priority, bool paused) override;
  bool resize(int priority, std::size_t threads) override;
  // As the configuration says from now on: see Lane; a lane that is new is made. None goes away.
  void configure(int priority, const LaneOptions& options);
  std::vector<RunId> stop(Micros patience) override;
  [[nodiscard]] std::vector<Depth> depths() const override;

 private:
  [[nodiscard]] Lane* find(int priority) const;
  [[nodiscard]] std::vector<std::pair<int, Lane*>> all() const;

  mutable std::shared_mutex mutex_;  // of the map; a lane, once made, stays
  std::map<int, std::unique_ptr<Lane>> lanes_;
  bool stopped_ = false;
};

}  // namespace systask::scheduler
