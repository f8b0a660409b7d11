// Engine::Impl, in four parts: engine.cc (what is asked from outside), engine_tick.cc
// (what is due), engine_runs.cc (a run from its lane to its outcome) and
// engine_tasks.cc (taking tasks at start and reload). Threads: as Engine says.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/gate.h"
#include "base/guarded.h"
#include "scheduler/engine/engine.h"
#include "scheduler/engine/engine_state.h"
#include "scheduler/engine/outcome_queue.h"

namespace systask::scheduler {

class Engine::Impl : public std::enable_shared_from_this<Engine::Impl> {
 public:
  explicit Impl(EngineParts parts);

  // engine_tasks.cc
  Result<void> take(std::vector<TaskSpec> specs, bool starting);

  // engine_tick.cc
  TickReport tick(TimePoint now);

  // engine.cc
  Result<RunId> run_now(std::string_view task, RunRequest request);
  Result<RunId> trigger(std::string_view task);
  Result<void> cancel(RunId run, std::string_view actor);
  Result<void> set_pause(std::string_view task, std::optional<Pause> pause);
  std::vector<TaskStatus> tasks();
  std::optional<TaskStatus> task(std::string_view name);
  TimePoint next_due();
  [[nodiscard]] TimePoint now() const { return parts_.clock.now(); }
  void stop(Micros patience);

 private:
  // NO_BUSINESS_DATE where nobody can say which it is.
  Result<int> date_of(std::string_view task, TimePoint now) const;
  // What one task has due in one tick, and what it takes to undo it.
  struct Due {
    TaskId task;
    TimePoint watermark_before;
    TimePoint watermark;
    TimePoint next_due;
    std::optional<RunRow> missed_before;
    std::vector<RunRow> missed;
    RunPtr run;
    RunPtr displaced;  // held until now, and given up for the new occurrence
  };

  // engine_tick.cc
  void watch_clocks(TimePoint now);
  void ask_overdue();
  std::vector<Due> take_due(State& state, TimePoint now);
  Due take_due_of(Entry& entry, TimePoint now);
  void date(Due& due, TimePoint now);
  void hold_back(State& state, Due& due);
  std::vector<RunPtr> claim(std::vector<Due>& due);
  std::vector<RunKey> claim_alone(std::vector<Due>& due, std::vector<Due>& undone);
  void undo(State& state, const Due& due, std::vector<RunPtr>& to_post);
  std::vector<RunPtr> settle_claims(std::vector<Due>& due, const std::vector<RunKey>& taken);
  void report_depths();

  // engine_runs.cc
  RunPtr make_run(const Entry& entry, RunKey key, Trigger trigger, TimePoint now);
  void post(const RunPtr& run);
  void execute(const RunPtr& run);
  void finish(const RunPtr& run, RunState outcome, std::string detail);
  void written(const RunPtr& run, const RunRow& row);
  // Claims one run outside the tick, and posts it, or what stands before it. The claim
  // failing, it is as if it had never been, and the exception goes on to the caller.
  void claim_and_post(const RunPtr& run);
  void start_followers();

  // engine_tasks.cc
  std::string mistakes_in(const std::vector<TaskSpec>& specs) const;
  void replace_entries(State& state, std::vector<TaskSpec> specs,
                       const std::vector<StoredTask>& stored, std::vector<RunPtr>& dropped);
  void recall_pasts();
  void settle_unfinished();
  RunRow settle(State& state, RunRow row, std::vector<RunPtr>& to_post);
  void look_for_followers();

  EngineParts parts_;
  Guarded<State> state_;
  OutcomeQueue outcomes_;
  Gate gate_;  // jobs that write outcomes are inside; closed when the ledger may go
  std::atomic<std::int64_t> last_run_id_{0};
  // The tick thread's own.
  std::optional<TimePoint> last_wall_;
  MonotonicPoint last_monotonic_{};
};

}  // namespace systask::scheduler
