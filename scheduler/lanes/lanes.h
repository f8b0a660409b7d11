// Lanes is where runs are executed: by priority, each lane with threads of its own. The
// engine knows this interface only, so a test can run the bodies itself, in order.
#pragma once

#include <cstddef>
#include <functional>
#include <vector>

#include "scheduler/task.h"

namespace systask::scheduler {

// `work` does not throw. It is called at most once.
struct Job {
  RunId run;
  std::function<void()> work;
};

enum class Submitted { kYes, kFull, kStopped, kNoSuchLane };

class Lanes {
 public:
  virtual ~Lanes() = default;
  // From any thread; never blocks and never runs the job before it returns.
  virtual Submitted submit(int priority, Job job) = 0;
  // Waits for the bodies that have begun, at most `patience` in all, and returns the runs
  // that have not begun, so that none is lost in silence. May be called twice.
  virtual std::vector<RunId> stop(Micros patience) = 0;
  struct Depth {
    int priority;
    std::size_t queued;
    std::size_t running;
    std::size_t threads;
  };
  [[nodiscard]] virtual std::vector<Depth> depths() const = 0;
};

}  // namespace systask::scheduler
