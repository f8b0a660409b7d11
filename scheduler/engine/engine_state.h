// The engine's memory of tasks and of the runs under way. Not part of the interface:
// only the engine's own files include it. All of it lives inside one lock (Impl::state_);
// what follows from a change, and may not be done under it, is collected in Steps.
#pragma once

#include <algorithm>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "scheduler/clock_step.h"
#include "scheduler/engine/backfill.h"
#include "scheduler/engine/due_queue.h"
#include "scheduler/engine/engine.h"
#include "scheduler/engine/exclusive.h"
#include "scheduler/engine/failures.h"
#include "scheduler/engine/holds.h"
#include "scheduler/engine/kept_run.h"
#include "scheduler/engine/overlap.h"
#include "scheduler/engine/skipped_steps.h"

namespace systask::scheduler {

// How a run ends.
struct Ending {
  RunState state;
  std::string detail;
};

// What few runs have.
struct RunExtras {
  std::optional<Parameters> parameters;  // in place of the task's
  RunGiven given;                        // by who asked for it, to be kept with the claim
  std::vector<Completion> done;
  std::string asked_by;                // to stop
  std::optional<Ending> last_failure;  // what its latest attempt came to
  BackfillId backfill;
  std::optional<Micros> overdue_after;  // under way for longer, it is reported; once asked for
  bool overdue_told = false;
};

// One run from its claim to its outcome. Shared by the engine and the lane's job; every
// field but `spec`, `stop` and `extras->parameters` is used under the engine's lock only.
struct Run {
  enum class Stage : std::uint8_t {
    kNew,    // to be claimed, or claimed and waiting for the task's other runs or predecessors
    kLine,   // waits for its exclusive names
    kLane,   // with its lane
    kBody,   // under way
    kRetry,  // waits for its next attempt
  };
  enum class StopReason : std::uint8_t { kNone, kTimeout, kCancel, kReplaced, kServiceStops };

  std::shared_ptr<const TaskSpec> spec;
  RunRow row;
  std::stop_source stop{std::nostopstate};  // has a state while it is under way
  std::unique_ptr<RunExtras> extras;        // may be empty: see more()
  MonotonicPoint queued_at{};               // in its lane; nothing before the lane has it
  MonotonicPoint begun_at{};
  MonotonicPoint asked_at{};
  MonotonicPoint retry_at{};
  MonotonicPoint ended_at{};
  TimePoint start_before = kNever;  // by not_after
  int retries = 0;                  // made since this service began
  int failed_before = 0;  // attempts that earlier services made, and that count for its retry
  Stage stage = Stage::kNew;
  StopReason stopping = StopReason::kNone;
  bool claimed = false;   // durable in the ledger, or by an event and in need of no claim
  bool finished = false;  // its outcome has been decided

  RunExtras& more() {
    if (!extras) extras = std::make_unique<RunExtras>();
    return *extras;
  }
};
using RunPtr = std::shared_ptr<Run>;

// A task's runs and what it missed: only tasks that have any.
struct Busy {
  std::vector<RunPtr> running;   // hold the task: to be claimed, in line, in a lane, under way
  std::vector<RunPtr> waiting;   // for those to end, in order
  std::vector<RunPtr> retrying;  // wait for their next attempt
  RunPtr held;                   // waits for its predecessors
  // The latest row of missed occurrences, while nothing has run since: it may be extended.
  std::unique_ptr<RunRow> missed;

  [[nodiscard]] bool idle() const {
    return running.empty() && waiting.empty() && retrying.empty() && !held && !missed;
  }
};

// A registered task. Small: a service may have a hundred thousand.
struct Entry {
  std::shared_ptr<const TaskSpec> spec;
  TimePoint watermark{};
  TimePoint next_due = kNever;
  KeptRun last;
  std::unique_ptr<Busy> busy;   // may be empty: see runs() and State::busy_of()
  std::int32_t begun_date = 0;  // latest business date for which a run began
  std::int32_t ended_date = 0;  // or ended, however
  std::int32_t done_date = 0;   // or is_done()
  bool has_holds = false;       // some pause or window concerns it

  [[nodiscard]] const Busy& runs() const {
    static const Busy kIdle;
    return busy ? *busy : kIdle;
  }
  // Somebody skipped it for a date that has come.
  void note_skipped(int business_date) {
    done_date = std::max(done_date, business_date);
    ended_date = std::max(ended_date, business_date);
  }
  Busy& make_busy() {
    if (!busy) busy = std::make_unique<Busy>();
    return *busy;
  }
  void rest() {
    if (busy && busy->idle()) busy.reset();
  }
  [[nodiscard]] Busyness busyness() const;
  // Some run of it is to begin, under way, or waits.
  [[nodiscard]] bool is_under_way() const {
    const Busy& now = runs();
    return !now.running.empty() || !now.waiting.empty() || !now.retrying.empty() || now.held;
  }
};

// The tasks, by id and by name. Entries stay where they are until the next replace().
class TaskTable {
 public:
  void replace(std::vector<Entry> entries);
  Entry* find(TaskId id);
  Entry* find(std::string_view name);
  std::vector<Entry>& all() { return entries_; }

 private:
  std::vector<TaskId> ids_;             // of the entries: a search of its own touches little memory
  std::vector<Entry> entries_;          // in order of id
  std::vector<std::uint32_t> by_name_;  // indices, in order of name
};

// What is to be done once the lock is left.
struct Steps {
  std::vector<RunPtr> post;                    // to their lanes
  std::vector<std::pair<RunPtr, Ending>> end;  // they have an outcome, and did not run
  std::vector<RunPtr> ask;                     // to stop
  std::vector<RunAttempt> attempts;            // to be recorded
  std::vector<Failures::News> failures;        // to be told
};

// When a task succeeded last; or, where that is not known, from when on it is watched.
struct Success {
  MonotonicPoint at{};
  bool known = false;
};

// A task without a schedule that starts because those it comes after are done.
struct Follower {
  TaskId task;
  TimePoint nominal;
  int business_date;
};

// A rhythm whose occurrences come again, until its next one: no sooner than `from`.
struct GoesOn {
  TimePoint last;  // when its last one was, by the wall clock as it goes now
  TimePoint from;
  TimePoint dealt_with;  // up to here its occurrences have an outcome, of an earlier pass
};

struct State {
  TaskTable tasks;
  std::unordered_map<std::string, std::vector<TaskId>> dependents;  // by name: who comes after
  std::vector<RunPtr> bodies;                     // under way; as many as there are threads
  std::multimap<MonotonicPoint, RunPtr> retries;  // by when they are due
  std::map<RunId, RunPtr> line;                   // wait for their exclusive names
  std::map<RunId, RunPtr> beside;                 // of backfills, in a lane: they hold no task
  ExclusiveNames exclusive;
  Holds holds;
  SkippedSteps skipped;
  std::vector<std::unique_ptr<Backfill>> backfills;  // under way
  std::deque<KeptBackfill> past_backfills;           // the latest, in order of their ends
  std::map<TaskId, Success> successes;               // of tasks that have an alarm about it
  Failures failures;
  std::map<TaskId, MonotonicPoint> delays;  // when a pause between runs is over
  ClockStep step;                           // the latest
  std::map<TaskId, GoesOn> goes_on;
  // Of times that come again: those that are not to run again. Only while a tick takes them.
  std::map<TaskId, std::vector<TimePoint>> dealt_with;
  DueQueue queue;
  std::vector<Follower> followers;  // to be started
  bool stopped = false;

  // Whether a task is done for that business date: it succeeded, or somebody skipped it.
  [[nodiscard]] bool is_done(const Entry& entry, int business_date) const;
  [[nodiscard]] bool is_well_enough(const Predecessor& before, const Entry& entry,
                                    int business_date) const;
  // Whether what the task comes after has ended well enough for that business date.
  bool may_start(const TaskSpec& spec, int business_date);
  // What of the task is due names a time of the calendar that has come before: whether it ran then
  // has to be asked first.
  [[nodiscard]] bool may_have_run(const Entry& entry) const {
    return step.pass > 0 && entry.next_due <= step.until + entry.spec->timetable.jitter() &&
           !entry.spec->timetable.is_rhythm();
  }
  // The pause between runs of a `delay` ends then.
  void set_delay(Entry& entry, MonotonicPoint over, const ClockReading& now);
  // What keeps this run from starting now.
  [[nodiscard]] const Hold* against(const Run& run, TimePoint now) const;

  // Moves on what waits for a task's runs to end, or for its predecessors.
  void advance(Entry& entry, TimePoint now, Steps& steps);
  void to_lane(const RunPtr& run, Steps& steps);
  // A claimed run that holds its task goes to its lane, or into the line for its names.
  void start(const RunPtr& run, Steps& steps);
  // The run is no longer its task's business, wherever it stood; what it was in the way of
  // moves on.
  void release(const RunPtr& run, TimePoint now, Steps& steps);
  // Gives back its exclusive names only.
  void leave_line(const RunPtr& run, Steps& steps);
  // Retries that wait end as they stand: the next occurrence has come.
  void give_up_retries(Entry& entry, const std::string& why, Steps& steps);
  // An open run of that id, wherever it stands.
  RunPtr find_run(RunId id);
  // Those that have not begun, wherever they stand; a backfill's in its lane apart.
  std::vector<RunPtr> not_begun();
  // Tells every entry which holds concern it.
  void mark_holds();
};

}  // namespace systask::scheduler
