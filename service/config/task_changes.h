// What another configuration would change about the tasks, for people and programs: `systask
// diff` prints it, and a reload writes it to the log.
#pragma once

#include <boost/json/fwd.hpp>
#include <span>
#include <string>
#include <vector>

#include "scheduler/ahead/task_diff.h"
#include "service/config/work_text.h"

namespace systask::service {

// The tasks of a configuration, and what those with `run:` do.
struct ConfiguredTasks {
  std::span<const scheduler::TaskSpec> tasks;
  const WorkTexts& works;
};

struct TaskChanges {
  scheduler::DiffSpan span;
  std::vector<scheduler::TaskChange> changes;
};

// Of occurrences in [from, from + hours).
[[nodiscard]] TaskChanges task_changes(const ConfiguredTasks& before, const ConfiguredTasks& after,
                                       TimePoint from, int hours);
// Writes them to the log, at most `most` lines; says where to see the rest.
void log_changes(const TaskChanges& changes, std::size_t most);

// One paragraph a task: its first line stands alone, those below it are indented.
[[nodiscard]] std::vector<std::string> change_lines(const scheduler::TaskChange& change);
// "1 task added, 2 removed, 1 changed; occurrences: 3 appear, 2 vanish, 1 moved".
[[nodiscard]] std::string change_summary(const TaskChanges& changes);
[[nodiscard]] boost::json::object change_json(const TaskChanges& changes);

}  // namespace systask::service
