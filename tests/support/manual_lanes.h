// ManualLanes keeps the jobs it is given until a test runs them, one by one, on the
// test's own thread: an engine over it is deterministic.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "base/guarded.h"
#include "scheduler/lanes/lanes.h"

namespace systask::scheduler {

class ManualLanes final : public Lanes {
 public:
  explicit ManualLanes(std::set<int> priorities = {1, 2}, std::size_t limit = 1000);

  Submitted submit(int priority, Job job) override;
  void abandon(RunId run) override;
  void pause(int priority, bool paused) override;
  bool resize(int priority, std::size_t threads) override;
  std::vector<RunId> stop(Micros patience) override;
  [[nodiscard]] std::vector<Depth> depths() const override;

  // Runs the first job that waits in a lane that is not paused; false if none does.
  bool run_one();
  // Takes that job, as a thread would, and leaves it to the test to run it.
  std::optional<Job> take_one();
  // Runs jobs, and those that they post, until none waits; how many.
  std::size_t run_all();
  [[nodiscard]] std::size_t queued() const;
  [[nodiscard]] std::vector<RunId> abandoned() const;

 private:
  struct Jobs {
    std::deque<std::pair<int, Job>> waiting;
    std::set<int> paused;
    std::map<int, std::size_t> threads;
    std::vector<RunId> abandoned;
    bool stopped = false;
  };
  std::set<int> priorities_;
  std::size_t limit_;
  Guarded<Jobs> jobs_;
};

}  // namespace systask::scheduler
