// The in-memory twin of three of the scheduler's ports: run ledger and task store, which share
// the watermarks, and the history of both. Passes the suite that the SQL ones pass. Any thread.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "base/guarded.h"
#include "scheduler/ports/run_history.h"
#include "scheduler/ports/run_ledger.h"
#include "scheduler/ports/task_store.h"

namespace systask::scheduler {

class MemoryLedger final : public RunLedger, public TaskStore, public RunHistory {
 public:
  std::vector<RunKey> claim(const TickClaims& claims) override;
  void record(std::span<const RunRow> rows) override;
  std::vector<RunRow> unfinished() override;
  std::vector<TaskPast> pasts() override;
  RunId highest_id() override;
  RunId lowest_id() override;
  std::optional<RunRow> find(RunId run) override;
  std::vector<RunRow> runs(const RunQuery& query) override;
  std::vector<RunRow> outcomes_of(TaskId task, TimePoint nominal) override;
  void turn_back(const ClockStep& step, std::span<const WatermarkMove> moves,
                 std::span<const RunRow> rows) override;
  std::vector<ClockStep> clock_steps() override;
  std::vector<TimePoint> dealt_with(TaskId task, TimePoint after, TimePoint until) override;
  std::size_t prune(TimePoint before, std::size_t limit) override;

  std::vector<StoredTask> load() override;
  void replace_all(std::span<const StoredTask> tasks, TimePoint at) override;
  void set_pause(TaskId task, const std::optional<Pause>& pause) override;

  HistoryPage page(const HistoryQuery& query) override;
  std::vector<RunTally> tally(std::span<const TaskId> tasks, TimePoint from,
                              TimePoint until) override;
  std::optional<RunGiven> given(RunId run) override;
  std::optional<TaskDefinition> task_at(TaskId task, TimePoint at) override;
  std::vector<TaskDefinition> former_tasks(std::size_t limit) override;

  // For tests of what happens when the database is gone, or refuses one task's rows:
  // writing calls throw std::runtime_error.
  void set_down(bool down);
  // So does dealt_with(), while what is written is kept.
  void refuse_dealt_with(bool refuse);
  void poison(TaskId task);
  // As it was when it was made.
  void clear();

 private:
  struct Tables {
    std::map<RunKey, RunRow> rows;
    std::map<TaskId, StoredTask> tasks;
    std::map<RunId, RunGiven> given;
    std::map<std::pair<TaskId, TimePoint>, TaskDefinition> former;  // until then
    std::vector<ClockStep> steps;                                   // the latest first
    std::set<TaskId> poisoned;
    bool down = false;
    bool refuses_dealt_with = false;
  };
  static void move(Tables& tables, std::span<const WatermarkMove> moves);
  static void refuse_if_broken(const Tables& tables, std::span<const RunRow> rows);

  Guarded<Tables> tables_;
};

}  // namespace systask::scheduler
