// What a running service says that no configuration tells: that its clock was set, and what keeps
// tasks from running. `systask next` works without a service; where there is one, it says these.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/clock.h"

namespace systask::service {

// A pause, or a window in which nothing starts, of a task, its lane or its group.
struct TaskHold {
  TimePoint from;
  TimePoint to;     // kNever: a pause
  std::string why;  // "paused by bob: broken feed"
};

struct ServiceNotes {
  std::vector<std::string> lines;                      // for people, a sentence each
  std::map<std::string, std::vector<TaskHold>> holds;  // by the task's name
};

// Whom to ask; what is empty is that of the configuration.
struct ServiceQuestion {
  std::string config;      // file
  std::string connect;     // HOST:PORT
  std::string token_file;  // none where nothing is asked for
};

// Nothing where no service answers at once; a sentence where one will not say.
[[nodiscard]] ServiceNotes ask_service(const ServiceQuestion& question);

}  // namespace systask::service
