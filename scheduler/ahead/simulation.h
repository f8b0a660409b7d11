// A Simulation is a span of time with the real engine, on a virtual clock, virtual lanes and a
// ledger in memory: what would run when. Bodies that are given run for real, at once; what the
// run takes in virtual time is a duration out of the history. Nothing waits, and nothing is
// written but what those bodies write.
//
// Made, run and asked by one thread. Same parts, same seed: the same outcomes in the same order.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <vector>

#include "base/result.h"
#include "scheduler/ahead/past_durations.h"
#include "scheduler/ahead/simulated_ledger.h"
#include "scheduler/ahead/virtual_lanes.h"
#include "scheduler/engine/engine.h"

namespace systask::scheduler {

// References must outlive the simulation.
struct SimulationParts {
  VirtualClock& clock;  // bodies read it too; stands just before `from`
  RunLedger& history;
  TaskStore& stored;
  std::vector<Hold> holds;
  std::map<int, LaneOptions> lanes;
  std::function<int(TimePoint)> business_date;
  // The body to run; none: the task only takes its time.
  std::function<const Body*(const TaskSpec&)> body;
  // Of a task without history.
  std::function<Micros(const TaskSpec&)> usual;
  // Called with every outcome, see SimulatedLedger::Tell.
  SimulatedLedger::Tell tell;
  // Called before time moves on; for those who want to watch. May be empty.
  std::function<void(TimePoint)> pace = {};
  // Of lanes that an operator has resized; null: they are as configured.
  LaneSizes* lane_sizes = nullptr;
};

struct SimulationSpan {
  TimePoint from;  // occurrences from here on,
  TimePoint to;    // and until here, both included
  std::uint64_t seed = 0;
};

class Simulation {
 public:
  Simulation(SimulationParts parts, SimulationSpan span);
  ~Simulation();
  Simulation(const Simulation&) = delete;
  Simulation& operator=(const Simulation&) = delete;

  // Refuses BAD_TASKS, as the engine does.
  Result<void> run(std::vector<TaskSpec> specs);

  // For bodies, and to look at afterwards.
  [[nodiscard]] Engine& engine() { return engine_; }
  [[nodiscard]] const VirtualLanes& lanes() const { return lanes_; }
  [[nodiscard]] const PastDurations& durations() const { return durations_; }
  // After run(): runs without an outcome when the span ended.
  [[nodiscard]] const std::vector<RunRow>& unfinished() const { return unfinished_; }
  [[nodiscard]] std::vector<VirtualLanes::Use> uses() const { return uses_; }

 private:
  void wrap(TaskSpec& spec);
  void loop();

  SimulationParts parts_;
  SimulationSpan span_;
  bool over_ = false;  // what still ends is not told
  PastDurations durations_;
  VirtualLanes lanes_;
  SimulatedLedger ledger_;
  SimulatedHolds holds_;
  Registry nothing_;  // every task brings its body
  std::vector<RunRow> unfinished_;
  std::vector<VirtualLanes::Use> uses_;
  Engine engine_;
};

}  // namespace systask::scheduler
