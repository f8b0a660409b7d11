// The engine's memory of tasks and of the runs under way. Not part of the interface:
// only the engine's own files include it. All of it lives inside one lock (Impl::state_).
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "scheduler/engine/due_queue.h"
#include "scheduler/engine/engine.h"

namespace systask::scheduler {

// One run from its claim to its outcome. Shared by the engine and the lane's job; every
// field but `spec`, `parameters` and `stop` is used under the engine's lock only.
struct Run {
  std::shared_ptr<const TaskSpec> spec;
  RunRow row;
  std::optional<Parameters> parameters;  // in place of the task's
  std::stop_source stop;
  std::vector<Completion> done;

  bool claimed = false;   // durable in the ledger, or by an event and in need of no claim
  bool finished = false;  // its outcome has been decided
  enum class Asked { kNo, kTimeout, kCancel } asked = Asked::kNo;
  std::string asked_by;
  MonotonicPoint begun_at{};
  MonotonicPoint asked_at{};
};
using RunPtr = std::shared_ptr<Run>;

struct Entry {
  std::shared_ptr<const TaskSpec> spec;
  TimePoint watermark{};
  TimePoint next_due = kNever;
  std::optional<Pause> pause;

  RunPtr current;  // claimed and posted, or about to be
  RunPtr again;    // starts when `current` ends
  RunPtr held;     // starts when what it comes after has succeeded

  // The latest row of missed occurrences, while nothing has run since: it may be extended.
  std::optional<RunRow> missed;
  std::optional<RunRow> last;
  int last_date = 0;            // business date of its latest run
  int last_succeeded_date = 0;  // and of its latest success
};

// A task without a schedule that starts because those it comes after have succeeded.
struct Follower {
  TaskId task;
  TimePoint nominal;
  int business_date;
};

struct State {
  std::map<TaskId, Entry> entries;
  std::unordered_map<std::string, TaskId> by_name;
  std::unordered_map<std::string, std::vector<TaskId>> dependents;  // by name: who comes after
  std::map<RunId, RunPtr> running;                                  // bodies that have begun
  DueQueue queue;
  std::vector<Follower> followers;  // to be started
  bool stopped = false;

  Entry* find(TaskId id) {
    const auto found = entries.find(id);
    return found == entries.end() ? nullptr : &found->second;
  }
  Entry* find(std::string_view name) {
    const auto found = by_name.find(std::string{name});
    return found == by_name.end() ? nullptr : find(found->second);
  }
  // Whether all that the task comes after has succeeded for that business date.
  bool may_start(const TaskSpec& spec, int business_date) {
    for (const std::string& name : spec.after) {
      const Entry* before = find(name);
      if (before != nullptr && before->last_succeeded_date != business_date) return false;
    }
    return true;
  }
  // Moves on what waits for a task's run to end, or for its predecessors; the answer, if
  // any, is to be posted to its lane.
  RunPtr advance(Entry& entry) {
    if (entry.current || stopped) return nullptr;
    if (entry.again) {
      if (entry.again->claimed) entry.current = std::move(entry.again);
    } else if (entry.held && entry.held->claimed && !entry.pause &&
               may_start(*entry.spec, entry.held->row.business_date)) {
      entry.current = std::move(entry.held);
    }
    return entry.current;
  }
  // The run is no longer the task's business, wherever it stood.
  void release(Entry& entry, const RunPtr& run) {
    for (RunPtr* place : {&entry.current, &entry.again, &entry.held})
      if (*place == run) place->reset();
  }
};

}  // namespace systask::scheduler
