// The Engine decides what runs: it claims due occurrences in the ledger, posts them to
// lanes, and writes one outcome for each. It reads no clock but the one it is given and
// starts no thread: a Ticker calls tick() in the service, a test calls it by hand. Runs
// by event are not claimed: they enter the ledger with their outcome, and a crash forgets
// them.
//
// tick() is called by one thread at a time; everything else may be called from any
// thread. No lock is held while the ledger commits or a body runs. The engine must
// outlive its lanes' jobs: stop() it, and the lanes with it, before it is destroyed.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "scheduler/engine/status.h"
#include "scheduler/lanes/lanes.h"
#include "scheduler/observer.h"
#include "scheduler/ports/alarm_sink.h"
#include "scheduler/ports/backfill_store.h"
#include "scheduler/ports/hold_store.h"
#include "scheduler/ports/lane_sizes.h"
#include "scheduler/ports/run_attempts.h"
#include "scheduler/ports/run_ledger.h"
#include "scheduler/ports/run_outputs.h"
#include "scheduler/ports/step_skips.h"
#include "scheduler/ports/task_store.h"
#include "scheduler/registry.h"

namespace systask::scheduler {

// What an engine is made of. References must outlive it, and what is pointed to; without
// one of those nobody is told, or nothing of that kind is kept over a restart.
struct EngineParts {
  const Clock& clock;
  RunLedger& ledger;
  TaskStore& store;
  Lanes& lanes;
  const Registry& registry;
  std::function<int(TimePoint)> business_date;  // YYYYMMDD of an instant; any thread
  Observer* observer = nullptr;
  RunAttempts* attempts = nullptr;
  HoldStore* holds = nullptr;
  AlarmSink* alarms = nullptr;
  LaneSizes* lane_sizes = nullptr;
  RunOutputs* outputs = nullptr;
  StepSkips* skips = nullptr;
  BackfillStore* backfills = nullptr;
};

// Called once, on a lane's thread, when the outcome of a run is durable.
using Completion = std::function<void(const RunRow&)>;

struct RunRequest {
  std::string actor;
  Parameters parameters;  // over those of the task, for this run only
  Completion done;        // may be empty
  std::string reason{};   // kept with the run, as are the parameters
};

// Who asks for something, and why. What changes more than one run needs a reason.
struct Asked {
  std::string actor;
  std::string reason;
};

// A task, or all of a group in the order of their `after`, once for each business date.
struct BackfillRequest {
  Target target;        // a task or a group
  int from = 0;         // YYYYMMDD
  int to = 0;           // inclusive
  int concurrency = 1;  // dates side by side
  bool early = false;   // today's before its time, too
};

// Who is still under way while the engine drains.
struct DrainProgress {
  std::size_t bodies = 0;
  Micros longest{0};  // until the last of them is given up
  std::string who;    // names, runs and how much longer: for a person
};

struct DrainOptions {
  Micros timeout = std::chrono::seconds{30};       // for tasks without a stop_timeout of their own
  std::function<void(const DrainProgress&)> tell;  // while bodies are under way
  Micros tell_first = std::chrono::milliseconds{500};
  Micros tell_every = std::chrono::seconds{5};
};

struct TickReport {
  std::size_t due = 0;      // occurrences dealt with, missed ones included
  std::size_t claimed = 0;  // runs put into the ledger
  std::size_t posted = 0;   // runs handed to lanes
};

class Engine {
 public:
  explicit Engine(EngineParts parts);
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  // --- tasks ---------------------------------------------------------------------------

  // Takes the tasks: watermarks and holds come from the stores where the schedule is
  // unchanged, else occurrences count from now. Then settles, by on_lost, the runs that
  // an earlier service left open; manual runs are never made again by themselves. Refuses
  // BAD_TASKS, all mistakes in one message (a name or id given twice, no body, no lane of
  // that priority, an unknown or circular `after`), and does nothing.
  Result<void> start(std::vector<TaskSpec> specs);
  // The same for a running engine; a task that is running goes on. What is refused
  // leaves everything as it was.
  Result<void> reload(std::vector<TaskSpec> specs);

  // --- time ----------------------------------------------------------------------------

  // Claims ahead what will be due at `until`, a moment from now; it starts with the next tick,
  // and not before. Only of tasks whose occurrence nothing can stand in the way of until then:
  // the others are left to the tick. An exception leaves all of it to the tick. Called on the
  // thread of tick(), once before it.
  void prepare(TimePoint until);
  // Deals with every occurrence in (watermark, now], with runs that are over their time,
  // retries, holds that end and alarms. An exception (the database is gone) leaves what was
  // due due, for the next tick.
  TickReport tick(TimePoint now);
  // What a tick does for the runs under way: timeouts, attempts that are due, outcomes. Nothing
  // becomes due. For who runs one task and has no ticker; in place of tick(), on its thread.
  void attend(TimePoint now);
  // The earliest instant at which anything is due, or kNever.
  [[nodiscard]] TimePoint next_due() const;

  // --- runs that somebody asks for ---------------------------------------------------------

  // Runs a task now, by the same way as its schedule, which it never moves. Refuses
  // UNKNOWN_TASK, TASK_DISABLED, TASK_RUNNING (its overlap says skip; recorded), TASK_HELD (a
  // window), NO_BUSINESS_DATE, STOPPED; a full lane is the outcome of the run, and so is told
  // to `done`. A task paused may be run. Where its overlap lets it wait, it runs when the
  // running one ends; where one waits already that will do, the answer is the id of that.
  Result<RunId> run_now(std::string_view task, RunRequest request);
  // An event wants the task to run: at once, without waiting for a tick or a commit. A
  // task that is running runs once more (whatever its overlap), many events make one run.
  // Refuses as run_now, and TASK_PAUSED.
  Result<RunId> trigger(std::string_view task);
  // Runs an ended run once more: its task, now, with the nominal time and business date that it
  // had, and these parameters over the task's. A run of its own, of trigger `rerun`; what comes
  // after its task starts where it is done by that for today's date. Refuses as run_now, and
  // UNKNOWN_RUN, RUN_OPEN, NOT_ONE_RUN (occurrences that were missed together).
  Result<RunId> rerun(RunId run, RunRequest request);
  // Asks a running run to stop, and it is abandoned if it does not within its grace. One that
  // has not begun, or waits for its next attempt, is cancelled at once. UNKNOWN_RUN where
  // there is no such run, or it has ended.
  Result<void> cancel(RunId run, std::string_view actor);

  // --- steps of a group --------------------------------------------------------------------

  // The task counts as done for that business date: what comes after it may start, and nothing of
  // it does, by its schedule or after others, over a restart too. What waits of it for that date
  // gets the outcome skipped_step, else a row is made that says so; so does an occurrence of that
  // date that is due later. Somebody may run it all the same. Refuses UNKNOWN_TASK, NEEDS_REASON,
  // TASK_RUNNING, STOPPED.
  Result<RunId> skip_step(std::string_view task, int business_date, const Asked& asked);
  // Runs what a group has left to do for the open business date, in order: the steps that
  // are not done for it and not under way, less those whose own time comes later. How many. Refuses
  // UNKNOWN_GROUP, NEEDS_REASON, NOTHING_TO_DO, NO_BUSINESS_DATE, STOPPED.
  Result<std::size_t> resume_group(std::string_view group, const Asked& asked);
  // Runs a task or a group again for each business date on which it had an occurrence; a
  // step starts when those it comes after, of the same date, are done. Never touches the
  // schedule, nor waits for it. What came of each date is kept; the end of the service ends it.
  // Refuses UNKNOWN_TASK, UNKNOWN_GROUP, NEEDS_REASON, BAD_DATES (also where an occurrence has not
  // come), NOTHING_TO_DO, NO_BUSINESS_DATE, TOO_MANY_BACKFILLS, STOPPED.
  Result<BackfillId> backfill(const BackfillRequest& request, const Asked& asked);
  // `done` is called when it is over or the service stops; at once, on this thread, where it is
  // over already. UNKNOWN_BACKFILL.
  Result<void> await_backfill(BackfillId id, BackfillDone done);
  // Nothing of it starts any more; what runs is asked to stop. UNKNOWN_BACKFILL.
  Result<void> cancel_backfill(BackfillId id, std::string_view actor);
  // Those under way and the latest that are over, in order of id.
  [[nodiscard]] std::vector<BackfillStatus> backfills() const;

  // --- pauses and windows --------------------------------------------------------------------

  // Until resumed, nothing starts by schedule or event; each occurrence that is missed is in
  // the ledger as skipped_paused. A paused lane begins no job: what is due is claimed and
  // waits there. Refuse UNKNOWN_TASK, UNKNOWN_GROUP, UNKNOWN_LANE, and NEEDS_REASON.
  Result<void> pause(const Target& target, const Asked& asked);
  Result<void> resume(const Target& target, const Asked& asked);
  Result<void> pause(std::string_view task, std::string reason, std::string actor);
  Result<void> resume(std::string_view task, std::string reason, std::string actor);
  // Nothing starts from `from` to `to`, whoever asks; what is due meanwhile is in the ledger
  // as skipped_window, what waits goes on afterwards. Refuses as pause(), and BAD_WINDOW.
  Result<HoldId> hold(const Target& target, TimePoint from, TimePoint to, const Asked& asked);
  // UNKNOWN_HOLD where it is over, or was never made.
  Result<void> lift(HoldId hold, const Asked& asked);
  // Pauses and windows that are not over yet, in order of making.
  [[nodiscard]] std::vector<Hold> holds() const;
  // The lane has so many threads from now on, over a restart too: until the configuration gives
  // it another number. UNKNOWN_LANE.
  Result<void> resize_lane(int priority, std::size_t threads);

  // --- questions -----------------------------------------------------------------------------

  // In order of id.
  [[nodiscard]] std::vector<TaskStatus> tasks() const;
  [[nodiscard]] std::vector<std::shared_ptr<const TaskSpec>> specs() const;
  [[nodiscard]] std::optional<TaskStatus> task(std::string_view name) const;
  // The runs that have no outcome yet, in order of id: what each waits for, or since when it runs.
  [[nodiscard]] std::vector<OpenRun> open_runs() const;
  // Nothing where the run has ended, or is none.
  [[nodiscard]] std::optional<OpenRun> open_run(RunId run) const;
  // Calls `done` when the outcome of an open run is durable, on the thread that wrote it. False:
  // the run is not open (any more), or too many wait for it, and `done` is never called.
  bool when_done(RunId run, Completion done);
  // What the ledger says of the occurrence of that time; or, where it lies ahead, what will
  // become of it as things stand. UNKNOWN_TASK.
  [[nodiscard]] Result<Explanation> explain(std::string_view task, TimePoint at) const;
  // What is raised now.
  [[nodiscard]] std::vector<Alarm> alarms() const;
  // What an operator should look at; of all that there is the first `most`.
  [[nodiscard]] Troubles troubles(std::size_t most) const;
  // The lanes in which a run has waited for a thread for `least` or longer, by priority.
  [[nodiscard]] std::vector<LaneWait> lane_waits(Micros least) const;
  // While times come again, because the wall clock was set back: since when, and until when.
  [[nodiscard]] std::optional<ClockStep> clock_pass() const;

  // --- the end -------------------------------------------------------------------------------

  // Nothing starts after this. Bodies that have begun get their stop_timeout, are then asked to
  // stop, and given up where they do not within their grace; returns when none is left. What
  // ended so, and not with success, stays open in the ledger, and is settled at the next start by
  // its on_lost; a manual run and a backfill's are lost at once, and their `done` is called.
  // Instead of tick(), whose thread must have ended; once, before stop().
  void drain(const DrainOptions& options);
  // Any thread: drain() asks the bodies to stop now, and gives them a short grace. Twice: it
  // gives them up.
  void hurry();
  // Nothing starts after this; running bodies are asked to stop and get `patience` to do
  // so. What had not begun stays claimed, and is settled at the next start. Idempotent.
  void stop(Micros patience = std::chrono::seconds{10});
  // How many bodies are under way: after stop(), those that nobody waits for any more.
  [[nodiscard]] std::size_t bodies() const;

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;  // jobs that outlast the patience of stop() share it
};

}  // namespace systask::scheduler
