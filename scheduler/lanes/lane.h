// A Lane runs the jobs of one priority on its own threads, first come first served.
//
// submit() may be called from any thread and never blocks: a full lane says so, and the
// caller records the run as skipped. stop() waits for the jobs that have begun, for as
// long as it is told to, and returns those that have not. A job that outlasts the
// patience of stop() keeps its thread and the lane's queue alive until it returns; what
// the job itself uses is its own concern.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <thread>
#include <vector>

#include "scheduler/lanes/lanes.h"

namespace systask::scheduler {

struct LaneOptions {
  std::size_t threads = 2;
  std::size_t queue_limit = 1024;  // jobs that wait, beyond those that run
};

class Lane {
 public:
  explicit Lane(LaneOptions options);
  ~Lane();
  Lane(const Lane&) = delete;
  Lane& operator=(const Lane&) = delete;

  Submitted submit(Job job);
  // close(), then join().
  std::vector<RunId> stop(Micros patience);
  // Nothing begins after this; answers what has not.
  std::vector<RunId> close();
  // After close(): waits for the jobs that have begun; false if some outlast `patience`.
  bool join(Micros patience);

  [[nodiscard]] std::size_t queued() const;
  [[nodiscard]] std::size_t running() const;
  [[nodiscard]] std::size_t threads() const { return threads_; }

 private:
  struct Shared;
  std::shared_ptr<Shared> shared_;
  std::size_t threads_;
};

// The lanes of a service, by priority. Same threads and lifetimes as Lane.
class LaneSet final : public Lanes {
 public:
  explicit LaneSet(const std::map<int, LaneOptions>& lanes);

  Submitted submit(int priority, Job job) override;
  std::vector<RunId> stop(Micros patience) override;
  [[nodiscard]] std::vector<Depth> depths() const override;

 private:
  std::map<int, std::unique_ptr<Lane>> lanes_;
};

}  // namespace systask::scheduler
