// What the engine answers about tasks, backfills and single occurrences: plain values.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scheduler/clock_step.h"
#include "scheduler/engine/failures.h"
#include "scheduler/engine/step_state.h"
#include "scheduler/hold.h"
#include "scheduler/ports/backfill_store.h"
#include "scheduler/ports/run_attempts.h"
#include "scheduler/ports/task_store.h"
#include "scheduler/run.h"

namespace systask::scheduler {

// A task as it stands: for the API and the CLI.
struct TaskStatus {
  std::shared_ptr<const TaskSpec> spec;
  TimePoint watermark{};
  TimePoint next_due = kNever;
  std::optional<Pause> pause;  // its own; `holds` has all that concern it
  std::vector<Hold> holds;
  bool running = false;  // a run holds it: to begin, under way, or ending
  std::optional<TimePoint> running_since;
  std::optional<RunId> running_id;  // the first of them
  std::size_t runs = 0;             // how many
  std::size_t waiting = 0;          // runs that wait for those to end
  std::optional<RunId> held_id;     // waits for what it comes after
  std::optional<RunId> retry_id;    // waits for its next attempt
  std::optional<TimePoint> retry_at;
  bool once_more = false;          // something waits for the running one to end
  std::optional<RunRow> last;      // its latest outcome, skipped ones included
  std::optional<Failure> failure;  // it fails: since when, and with what
  // How it stands for today's business date: of steps of groups, and of what comes after others.
  std::optional<StepState> today;
};

// A run without an outcome: it runs, or waits. `row` is what the ledger will know of it.
struct OpenRun {
  RunRow row;
  std::string task;  // its name
  bool runs = false;
  std::optional<TimePoint> since;  // it runs
  // For what it waits, or empty: "lane 2, which is paused by bob (disk)". Where `until` is there,
  // the text ends so that a time can follow it.
  std::string waits_for;
  std::optional<TimePoint> until;
};

struct BackfillStatus {
  KeptBackfill backfill;
  bool under_way = false;

  // Steps of all its dates.
  [[nodiscard]] std::size_t runs() const { return sum(&BackfillDate::steps); }
  [[nodiscard]] std::size_t done() const { return sum(&BackfillDate::ended); }  // have an outcome
  [[nodiscard]] std::size_t succeeded() const { return sum(&BackfillDate::succeeded); }
  // "running", "succeeded", "failed", "cancelled", or "interrupted" by the end of its service.
  [[nodiscard]] std::string_view state() const {
    if (under_way) return "running";
    if (!backfill.cancelled_by.empty()) return "cancelled";
    if (done() < runs()) return "interrupted";
    return succeeded() == runs() ? "succeeded" : "failed";
  }

 private:
  [[nodiscard]] std::size_t sum(std::size_t BackfillDate::*count) const {
    std::size_t all = 0;
    for (const BackfillDate& date : backfill.dates)
      all += date.*count;
    return all;
  }
};

// "succeeded", the state of the first run that failed, "partly" or "not run"; of one under way
// "running" and "to come".
[[nodiscard]] inline std::string_view outcome_of(const BackfillDate& date, bool under_way) {
  if (date.failure) return name_of(date.failure->state);
  if (date.succeeded == date.steps) return name_of(RunState::kSucceeded);
  if (under_way) return date.ended > 0 ? "running" : "to come";
  return date.ended > 0 ? "partly" : "not run";
}

// Told once that it is over, or that the service stops.
using BackfillDone = std::function<void(const BackfillStatus&)>;

// Runs of a lane that have waited for a thread of it for long, by the monotonic clock.
struct LaneWait {
  int priority = 0;
  std::size_t runs = 0;
  RunId first;  // which has waited longest, and its task
  std::string task;
  Micros longest{};
};

// Something that an operator should look at. `on` is what it is about; of a lane's or a group's
// trouble there may be no run.
struct Trouble {
  enum class Kind : std::uint8_t {
    kFails,      // its latest run failed
    kRetries,    // an attempt of it failed, and there will be another
    kTakesLong,  // a run is under way for far longer than usual
    kWaitsFor,   // waits for a task that fails
    kWaitsLane,  // runs wait for a thread of the lane
    kMissed,     // its latest occurrence was found too late, and skipped
    kAlarm,      // an alarm of another kind is raised
    kPaused,     // until somebody resumes it
    kInWindow,   // nothing starts until the end of a window
  };
  Kind kind = Kind::kFails;
  Target on;
  std::optional<RunId> run;
  TimePoint since{};
  std::string says;          // what is so, without the name of `on`, and these times
  TimePoint until = kNever;  // the next attempt, or the end of the window
};

// The field's three words for them.
enum class Concern : std::uint8_t { kFailing, kLate, kStopped };
[[nodiscard]] Concern concern_of(Trouble::Kind kind);
[[nodiscard]] std::string_view name_of(Concern concern);  // "failing", "late", "stopped"

// What fails first, then what is late, then what is stopped; all of them are counted.
struct Troubles {
  std::vector<Trouble> list;
  std::size_t failing = 0;
  std::size_t late = 0;
  std::size_t stopped = 0;
};

// Why an occurrence ran, did not run, or what will become of it.
struct Explanation {
  enum class Kind {
    kRecorded,      // `row` is its row in the ledger, or covers it
    kAhead,         // `expected` is what will become of it, as things stand
    kDue,           // it is due, and the next tick deals with it
    kNoOccurrence,  // the task has none at that time: `says` names those around it
    kForgotten,     // it was one, before what the ledger knows
  };
  Kind kind = Kind::kNoOccurrence;
  TimePoint nominal{};
  std::optional<RunRow> row;
  std::vector<RunRow> earlier;       // of earlier passes over that time, the latest first
  std::optional<ClockStep> step;     // that the time has to do with: it came again, or will
  std::vector<RunAttempt> attempts;  // of that run, before its last
  std::optional<RunState> expected;  // of one ahead: succeeded stands for "it will run"
  std::string says;                  // whole sentences, for a person
  std::string held;                  // "paused by bob: broken feed", where that lasts now
  std::optional<StepState> today;    // as in TaskStatus
};

}  // namespace systask::scheduler
