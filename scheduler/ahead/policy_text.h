// A task as its configuration would write it: one text a key, so that two editions of a task
// can be compared, and shown to people.
#pragma once

#include <map>
#include <string>

#include "scheduler/task.h"

namespace systask::scheduler {

// By the key of tasks.yaml ("timeout", "late"); a key at its default has an empty text. What a
// body of its own does is not among them: only its configuration knows.
[[nodiscard]] std::map<std::string, std::string> policy_texts(const TaskSpec& spec);

}  // namespace systask::scheduler
