// The simulator: what the tasks of a configuration would do in a span of time. The real
// scheduler and the real C++ tasks, over a copy of the database, on a virtual clock; no site, no
// order system and no socket. Tasks with `run:` do not run: they only take their time.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "scheduler/ahead/virtual_lanes.h"
#include "scheduler/run.h"
#include "service/config/config.h"

namespace systask::service {

struct SimulatorOptions {
  TimePoint from;  // occurrences from here on,
  TimePoint to;    // and before here
  std::uint64_t seed = 0;
  bool every_run = false;  // else tasks with many occurrences are summed up only
  // Called before time moves on; it may wait, and throw to break off. May be empty.
  std::function<void(TimePoint)> pace = {};
};

// Runs and missed occurrences of one task.
struct TaskUse {
  scheduler::TaskId id;
  std::string task;
  int lane = 0;
  bool listed = true;   // its runs are in the list
  bool sampled = true;  // durations are those of the ledger; else the usual ones
  bool body_runs = true;
  std::map<scheduler::RunState, std::int64_t> outcomes;
  std::int64_t began = 0;
  Micros most_late{0};  // from the planned start to the real one
  scheduler::Timetable timetable = {};
  Micros busy{0};
  std::int64_t unfinished = 0;
};

struct SimulatorReport {
  std::vector<scheduler::RunRow> runs;  // of listed tasks, in order of nominal time and task
  std::vector<TaskUse> tasks;           // in order of id
  std::vector<scheduler::VirtualLanes::Use> lanes;
};

// Takes the calendars of the configuration for itself: they get the sessions of the copy.
// Refused: what Database::open() refuses, and BAD_TASKS. Throws where the copy cannot be made.
[[nodiscard]] Result<SimulatorReport> simulate(const Config& config, SimulatorOptions options);

}  // namespace systask::service
