// Lanes is where runs are executed: by priority, each lane with threads of its own. The
// engine knows this interface only, so a test can run the bodies itself, in order.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <stop_token>
#include <string_view>
#include <utility>
#include <vector>

#include "scheduler/task.h"

namespace systask::scheduler {

// `work` does not throw. It is called at most once. The names are those of the run's task and
// group, for threads that are reserved; they live as long as `work`.
struct Job {
  RunId run;
  std::function<void()> work;
  std::string_view task = {};
  std::string_view group = {};
};

enum class Submitted { kYes, kFull, kStopped, kNoSuchLane };

class Lanes {
 public:
  virtual ~Lanes() = default;
  // From any thread; never blocks and never runs the job before it returns.
  virtual Submitted submit(int priority, Job job) = 0;
  // Many at once, in that order; they are moved from. One answer each.
  virtual std::vector<Submitted> submit_all(int priority, std::span<Job> jobs) {
    std::vector<Submitted> answers;
    answers.reserve(jobs.size());
    for (Job& job : jobs)
      answers.push_back(submit(priority, std::move(job)));
    return answers;
  }
  // True: the job that asks has spent virtual time, so its run ends later: it hands `ended` over
  // and returns. `ended` is called once, as part of the job; `whole`: not stopped before its end.
  using Ended = std::function<void(bool whole)>;
  [[nodiscard]] virtual bool ends_later() const { return false; }
  virtual void end_later(const std::stop_token& /*stop*/, Ended ended) { ended(true); }
  // The job of that run has begun and is given up: its thread counts no more and ends when
  // the job returns at last, and a fresh one takes its place. An unknown run is ignored.
  virtual void abandon(RunId run) = 0;
  // While a lane is paused, nothing begins in it; what is submitted waits there.
  virtual void pause(int priority, bool paused) = 0;
  // From now on so many threads, one at least; what has begun is finished first. False: there
  // is no such lane.
  virtual bool resize(int priority, std::size_t threads) = 0;
  // Waits for the bodies that have begun, at most `patience` in all, and returns the runs
  // that have not begun, so that none is lost in silence. May be called twice.
  virtual std::vector<RunId> stop(Micros patience) = 0;
  struct Depth {
    int priority;
    std::size_t queued;
    std::size_t running;
    std::size_t threads;
    bool paused = false;
    std::size_t abandoned = 0;   // threads whose jobs were given up, and have not returned
    std::size_t configured = 0;  // threads that it began with
  };
  [[nodiscard]] virtual std::vector<Depth> depths() const = 0;
};

}  // namespace systask::scheduler
