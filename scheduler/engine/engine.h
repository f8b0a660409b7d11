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
#include "scheduler/lanes/lanes.h"
#include "scheduler/observer.h"
#include "scheduler/ports/run_ledger.h"
#include "scheduler/ports/task_store.h"
#include "scheduler/registry.h"

namespace systask::scheduler {

// What an engine is made of. References must outlive it.
struct EngineParts {
  const Clock& clock;
  RunLedger& ledger;
  TaskStore& store;
  Lanes& lanes;
  const Registry& registry;
  std::function<int(TimePoint)> business_date;  // YYYYMMDD of an instant; any thread
  Observer* observer = nullptr;                 // none: nobody is told
};

// Called once, on a lane's thread, when the outcome of a run is durable.
using Completion = std::function<void(const RunRow&)>;

struct RunRequest {
  std::string actor;
  Parameters parameters;  // over those of the task, for this run only
  Completion done;        // may be empty
};

// A task as it stands: for the API and the CLI.
struct TaskStatus {
  std::shared_ptr<const TaskSpec> spec;
  TimePoint watermark{};
  TimePoint next_due = kNever;
  std::optional<Pause> pause;
  bool running = false;
  std::optional<TimePoint> running_since;
  std::optional<RunId> running_id;
  bool once_more = false;      // something waits for the running one to end
  std::optional<RunRow> last;  // its latest outcome, skipped ones included
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

  // Takes the tasks: watermarks and pauses come from the store where the schedule is
  // unchanged, else occurrences count from now. Then settles, by on_lost, the runs that
  // an earlier service left open; manual runs are never made again by themselves. Refuses
  // BAD_TASKS, all mistakes in one message (a name or id given twice, no body, no lane of
  // that priority, an unknown or circular `after`), and does nothing.
  Result<void> start(std::vector<TaskSpec> specs);
  // The same for a running engine; a task that is running goes on. What is refused
  // leaves everything as it was.
  Result<void> reload(std::vector<TaskSpec> specs);

  // Deals with every occurrence in (watermark, now]. An exception (the database is gone)
  // leaves all of them due, for the next tick.
  TickReport tick(TimePoint now);
  // The earliest instant at which anything is due, or kNever.
  [[nodiscard]] TimePoint next_due() const;

  // Runs a task now, by the same way as its schedule, which it never moves. Refuses
  // UNKNOWN_TASK, TASK_DISABLED, TASK_RUNNING (overlap skip; recorded), NO_BUSINESS_DATE,
  // STOPPED; a full lane is the outcome of the run, and so is told to `done`. A task paused may be
  // run. With overlap run-once-more a running task runs again when it ends, and the answer is the
  // id of that run.
  Result<RunId> run_now(std::string_view task, RunRequest request);
  // An event wants the task to run: at once, without waiting for a tick or a commit. A
  // task that is running runs once more (whatever its overlap), many events make one run.
  // Refuses as run_now, and TASK_PAUSED.
  Result<RunId> trigger(std::string_view task);
  // Asks a running run to stop; UNKNOWN_RUN where it does not run.
  Result<void> cancel(RunId run, std::string_view actor);

  // A paused task has no runs by schedule or event; each occurrence it misses is in the
  // ledger as skipped_paused. Refuses UNKNOWN_TASK, and NEEDS_REASON where it is empty.
  Result<void> pause(std::string_view task, std::string reason, std::string actor);
  Result<void> resume(std::string_view task, std::string reason, std::string actor);

  // In order of id.
  [[nodiscard]] std::vector<TaskStatus> tasks() const;
  [[nodiscard]] std::optional<TaskStatus> task(std::string_view name) const;

  // Nothing starts after this; running bodies are asked to stop and get `patience` to do
  // so. What had not begun stays claimed, and is settled at the next start. Idempotent.
  void stop(Micros patience = std::chrono::seconds{10});

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;  // jobs that outlast the patience of stop() share it
};

}  // namespace systask::scheduler
