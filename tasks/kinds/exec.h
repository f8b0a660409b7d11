// The kind exec: a task that runs a program (child.h). Never a shell, unless the program
// named is one. Plain description; the body made of it is called on a lane's thread.
#pragma once

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "scheduler/run.h"
#include "tasks/kinds/placeholders.h"

namespace systask::tasks {

struct Exec {
  std::vector<Template> arguments;              // the program first
  std::map<std::string, Template> environment;  // over what is passed on, and SYSTASK_RUN_ID,
                                                // _TASK, _NOMINAL, _BUSINESS_DATE, _ATTEMPT
  std::string directory;                        // empty: the one of the service
  std::size_t output_bytes = std::size_t{64} * 1024;
  std::set<int> expected{0};  // exit statuses that are a success

  friend bool operator==(const Exec&, const Exec&) = default;
};

// Succeeds with an expected exit status. The outcome says the status, how long the output
// was and its ends; the whole that was kept of it goes to the log, and is what the run printed. A
// stop is SIGTERM and, after half of the task's timeout_grace (at most 5 s), SIGKILL; then it
// throws RunStopped.
// `passed_on`: see ChildSpec.
[[nodiscard]] scheduler::Body exec_body(Exec exec, std::vector<std::string> passed_on = {});

}  // namespace systask::tasks
