// StepSkips keeps, over a restart, which tasks somebody skipped for which business date: nothing
// of them starts for it by schedule or after others, and what comes after them goes on.
//
// Calls may come from any thread; durable when they return, and one that throws has changed
// nothing. Two implementations pass one suite: memory and SQL.
#pragma once

#include <string>
#include <vector>

#include "scheduler/task.h"

namespace systask::scheduler {

struct StepSkip {
  TaskId task;
  int business_date = 0;  // YYYYMMDD
  std::string actor;
  std::string reason;
  TimePoint made_at{};

  friend bool operator==(const StepSkip&, const StepSkip&) = default;
};

class StepSkips {
 public:
  virtual ~StepSkips() = default;

  // In order of task and date.
  virtual std::vector<StepSkip> load() = 0;
  // In place of one of the same task and date.
  virtual void add(const StepSkip& skip) = 0;
  // Drops those of earlier dates.
  virtual void forget(int before_date) = 0;
};

}  // namespace systask::scheduler
