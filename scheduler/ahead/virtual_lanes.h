// Virtual lanes run jobs on the caller's thread, one after the other, in an order that depends on
// nothing but what is submitted. A job that spends virtual time returns at once; its run ends, and
// its place in the lane is free, when that time is over. One thread.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
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
  [[nodiscard]] bool ends_later() const override;
  void end_later(const std::stop_token& stop, Ended ended) override;
  void abandon(RunId run) override;
  void pause(int priority, bool paused) override;
  bool resize(int priority, std::size_t threads) override;
  // Runs that spend their time end at once, as stopped.
  std::vector<RunId> stop(Micros patience) override;
  [[nodiscard]] std::vector<Depth> depths() const override;

  // The job that calls it takes so long, from its beginning.
  void spend(Micros time);

  // Begins what may begin now, and ends what has spent its time; until nothing is left to do
  // at this instant.
  void run_now();
  // When the first of those that spend time ends; kNever: there is none.
  [[nodiscard]] TimePoint next() const;
  [[nodiscard]] std::vector<Use> uses() const;

 private:
  struct VirtualLane;
  struct Work;
  // By the time at which it ends; whoever began to spend first ends first.
  using Spending = std::map<std::pair<TimePoint, std::uint64_t>, std::unique_ptr<Work>>;

  bool begin_one();
  bool end_one();
  void end(std::unique_ptr<Work> work, bool whole);
  void give_back(const Work& work);
  void wake_now(Work& work);

  const VirtualClock& clock_;
  std::map<int, std::unique_ptr<VirtualLane>> lanes_;
  Spending spending_;
  std::unique_ptr<Work> current_;  // whose job runs
  std::uint64_t turn_ = 0;
  bool stopped_ = false;
};

}  // namespace systask::scheduler
