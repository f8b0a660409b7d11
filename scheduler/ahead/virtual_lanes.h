// VirtualLanes run jobs on a virtual clock: each has as many threads as a real lane, and a job
// takes the virtual time that it says it spends. They queue as real lanes do.
//
// Jobs have threads of their own, of which exactly one runs at any moment, while all others and
// the simulation wait: so everything happens in one order, which depends on nothing but what is
// submitted. spend() is called by a job's body only, everything else by the simulation's thread
// or, through the engine, by whichever job runs.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <stop_token>
#include <vector>

#include "scheduler/ahead/virtual_clock.h"
#include "scheduler/lanes/lane_queue.h"

namespace systask::scheduler {

class VirtualLanes final : public Lanes {
 public:
  // How a lane was used, since it was made.
  struct Use {
    int priority = 0;
    std::size_t threads = 0;
    std::size_t most_queued = 0;
    std::int64_t jobs = 0;  // that began
    std::int64_t full = 0;  // that were sent away
    Micros busy{0};         // of all its threads together
  };

  VirtualLanes(const VirtualClock& clock, const std::map<int, LaneOptions>& lanes);
  ~VirtualLanes() override;

  Submitted submit(int priority, Job job) override;
  void abandon(RunId run) override;
  void pause(int priority, bool paused) override;
  bool resize(int priority, std::size_t threads) override;
  // Bodies that are under way go on at once, to their ends.
  std::vector<RunId> stop(Micros patience) override;
  [[nodiscard]] std::vector<Depth> depths() const override;

  // The job that calls it takes so long. False: it was asked to stop before that, and goes on
  // from then.
  bool spend(Micros time, const std::stop_token& stop);

  // Begins what may begin now, and lets go on what has spent its time; until nothing is left
  // to do at this instant.
  void run_now();
  // When the first of those that spend time goes on; kNever: there is none.
  [[nodiscard]] TimePoint next() const;
  [[nodiscard]] std::vector<Use> uses() const;

 private:
  struct VirtualLane;
  class Worker;

  bool begin_one();
  bool go_on_one();
  void give(Worker& worker);
  void wake_at(Worker& worker, TimePoint at);

  const VirtualClock& clock_;
  std::map<int, std::unique_ptr<VirtualLane>> lanes_;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::vector<Worker*> idle_;
  std::map<std::pair<TimePoint, std::uint64_t>, Worker*> sleeping_;
  std::uint64_t turn_ = 0;  // whoever began to spend first goes on first
  bool stopped_ = false;
};

}  // namespace systask::scheduler
