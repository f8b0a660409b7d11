// The TaskStore keeps what must survive a restart about each task (tstp_systemtask): its
// definition, so that people and other programs can read it; how far its schedule has
// been dealt with; and pauses made at run time.
//
// Calls may come from any thread; durable when they return. Watermarks are moved by
// RunLedger::claim, in the same transaction as the claims they belong to.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "scheduler/task.h"

namespace systask::scheduler {

struct Pause {
  std::string reason;
  std::string actor;
  TimePoint since{};

  friend bool operator==(const Pause&, const Pause&) = default;
};

// The definition as text, for people; the file it came from is what counts.
struct TaskDefinition {
  TaskId id;
  std::string name;
  std::string function;  // name of the body
  int priority = 1;
  std::string schedule;    // TaskSpec::schedule_text
  std::string parameters;  // "key=value" lines
  bool enabled = true;

  friend bool operator==(const TaskDefinition&, const TaskDefinition&) = default;
};

struct StoredTask {
  TaskDefinition definition;
  TimePoint watermark{};  // occurrences up to here have been dealt with
  TimePoint next_due{};
  std::optional<Pause> pause;

  friend bool operator==(const StoredTask&, const StoredTask&) = default;
};

// What is kept of a known task that is given anew: see TaskStore::replace_all().
[[nodiscard]] inline StoredTask renewed(const StoredTask& known, StoredTask given) {
  given.pause = known.pause;
  if (known.definition.schedule == given.definition.schedule &&
      known.definition.enabled == given.definition.enabled) {
    given.watermark = known.watermark;
    given.next_due = known.next_due;
  }
  return given;
}

class TaskStore {
 public:
  virtual ~TaskStore() = default;

  // In order of id; only tasks of the latest replace_all().
  virtual std::vector<StoredTask> load() = 0;
  // These are the tasks now: new ones are added, known ones take the new definition, and
  // those that are not among them no longer exist. A known task keeps its pause, and,
  // where schedule and enabled are as before, its watermark too; what is given for these
  // counts only otherwise. What a task was until `at`, where it changes or goes, is kept for the
  // RunHistory. One transaction.
  virtual void replace_all(std::span<const StoredTask> tasks, TimePoint at) = 0;
  // An unknown task is ignored.
  virtual void set_pause(TaskId task, const std::optional<Pause>& pause) = 0;
};

}  // namespace systask::scheduler
