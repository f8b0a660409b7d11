// A SimulatedLedger is what an engine keeps of its runs in a simulation: in memory, over the
// history of a real ledger, which is read and never written. The simulation begins at `from`:
// of what the history says of later times it knows nothing.
//
// One thread at a time. The history must outlive it.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "scheduler/ports/hold_store.h"
#include "scheduler/ports/run_ledger.h"
#include "scheduler/ports/task_store.h"

namespace systask::scheduler {

class SimulatedLedger final : public RunLedger, public TaskStore {
 public:
  // Called with each outcome; with one of several occurrences missed in a row, again as often as
  // it grows. `more`: so many occurrences since the last call.
  using Tell = std::function<void(const RunRow& row, std::int64_t more)>;

  // `stored`: the tasks as the real store has them; their pauses count, not how far they are.
  SimulatedLedger(RunLedger& history, TimePoint from, std::vector<StoredTask> stored, Tell tell);

  // Of the ledger: claims and outcomes of the simulation.
  std::vector<RunKey> claim(const TickClaims& claims) override;
  void record(std::span<const RunRow> rows) override;
  // What the service has open now is no concern of the simulation.
  std::vector<RunRow> unfinished() override { return {}; }
  std::vector<TaskPast> pasts() override;
  RunId highest_id() override { return {}; }
  RunId lowest_id() override { return {}; }
  // Those of the history, before the simulation began.
  std::optional<RunRow> find(RunId run) override { return history_.find(run); }
  std::vector<RunRow> runs(const RunQuery& query) override;
  std::vector<RunRow> outcomes_of(TaskId task, TimePoint nominal) override;
  // Nobody sets the clock of a simulation.
  void turn_back(const ClockStep&, std::span<const WatermarkMove>,
                 std::span<const RunRow>) override {}
  std::vector<ClockStep> clock_steps() override { return {}; }
  std::vector<TimePoint> dealt_with(TaskId, TimePoint, TimePoint) override { return {}; }
  std::size_t prune(TimePoint, std::size_t) override { return 0; }

  // Of the tasks: all have been dealt with until the simulation begins.
  std::vector<StoredTask> load() override;
  void replace_all(std::span<const StoredTask> tasks, TimePoint at) override;
  void set_pause(TaskId task, const std::optional<Pause>& pause) override;

  // Runs that have no outcome yet.
  [[nodiscard]] std::vector<RunRow> open() const;

 private:
  RunLedger& history_;
  TimePoint from_;
  std::vector<StoredTask> tasks_;
  Tell tell_;
  std::map<RunKey, RunRow> open_;
  struct Missed {
    RunKey key;
    std::int64_t count = 0;
  };
  std::map<TaskId, Missed> missed_;  // the latest row of each task
};

// The holds of a simulation, in memory.
class SimulatedHolds final : public HoldStore {
 public:
  explicit SimulatedHolds(std::vector<Hold> holds) : holds_(std::move(holds)) {}

  std::vector<Hold> load() override { return holds_; }
  void add(const Hold& hold) override { holds_.push_back(hold); }
  void remove(HoldId hold) override {
    std::erase_if(holds_, [&](const Hold& one) { return one.id == hold; });
  }

 private:
  std::vector<Hold> holds_;
};

}  // namespace systask::scheduler
