// What the engine answers about tasks, backfills and single occurrences: plain values.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "scheduler/hold.h"
#include "scheduler/ports/run_attempts.h"
#include "scheduler/ports/task_store.h"
#include "scheduler/run.h"

namespace systask::scheduler {

using BackfillId = Named<std::int64_t, struct BackfillIdTag>;

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
  bool once_more = false;      // something waits for the running one to end
  std::optional<RunRow> last;  // its latest outcome, skipped ones included
};

struct BackfillStatus {
  BackfillId id;
  Target target;
  std::string actor;
  std::string reason;
  std::size_t runs = 0;       // in all
  std::size_t done = 0;       // with an outcome
  std::size_t succeeded = 0;  // of those
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
  std::vector<RunAttempt> attempts;  // of that run, before its last
  std::optional<RunState> expected;  // of one ahead: succeeded stands for "it will run"
  std::string says;                  // whole sentences, for a person
};

}  // namespace systask::scheduler
