// What another list of tasks would change: in the tasks themselves, and in their occurrences
// in a span of time. A pure function; nothing runs.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "scheduler/task.h"

namespace systask::scheduler {

// One edition of the tasks.
struct TaskEdition {
  std::span<const TaskSpec> tasks;
  // What a task with a body of its own does, as a text; may be empty.
  std::function<std::string(const TaskSpec&)> work = {};
};

// The occurrences with nominal times in (after, until].
struct DiffSpan {
  TimePoint after;
  TimePoint until;
};

// What changes about one task; tasks are the same by their ids.
struct TaskChange {
  enum class Kind { kAdded, kRemoved, kChanged };
  struct Policy {
    std::string key;
    std::string before;  // empty: the default
    std::string after;
  };
  struct Move {
    TimePoint before;
    TimePoint after;
  };
  TaskId id;
  std::string task;  // its name; of a renamed one, the new one
  Kind kind = Kind::kChanged;
  std::string zone;               // of the times, for people
  std::vector<Policy> policies;   // of a changed task
  std::int64_t count_before = 0;  // occurrences in the span
  std::int64_t count_after = 0;
  bool listed = true;             // false: too many to name, and the rest is empty
  bool other_times = false;       // where it is not listed: as many, but not the same
  std::vector<TimePoint> appear;  // in order of time
  std::vector<TimePoint> vanish;
  std::vector<Move> moved;  // as many as before, at other times

  [[nodiscard]] bool same_occurrences() const {
    return appear.empty() && vanish.empty() && moved.empty() && count_before == count_after &&
           !other_times;
  }
};

// A task with more occurrences than this in the span is counted, and they are not named.
inline constexpr std::int64_t kMostListed = 200;

// Only tasks that differ, in order of id. An occurrence that its calendar refuses is none.
[[nodiscard]] std::vector<TaskChange> diff_tasks(const TaskEdition& before,
                                                 const TaskEdition& after, DiffSpan span);

}  // namespace systask::scheduler
