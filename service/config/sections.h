// The readers of the configuration's three parts: each fills in what is right, and
// complains about what is not.
#pragma once

#include <string>
#include <vector>

#include "service/config/config.h"
#include "service/config/yaml.h"

namespace systask::service {

void read_service(YamlNode map, ServiceConfig& into, Complaints& complaints);
// Complains about markets of the service whose calendars are not there.
void check_market_calendars(YamlNode service, const Calendars& calendars, Complaints& complaints);
// Makes the paths of the file, which are from its own directory, right for the process.
void resolve_paths(const std::string& directory, ServiceConfig& config);

void read_lanes(YamlNode map, std::map<int, LaneConfig>& into, Complaints& complaints);

// What a task may refer to.
struct TaskSurroundings {
  const std::string& zone;  // of the service: the default of tasks
  const std::map<int, LaneConfig>& lanes;
  const std::vector<std::string>& bodies;
  std::string_view left_out;   // text of the file that was not understood: it may hold tasks
  std::string_view directory;  // of the file: its paths are from there
  std::map<std::string, tasks::Work>& works;  // what tasks with `run:` do is put there
  const Calendars& calendars;
  // By their texts: tasks that are due alike share one.
  std::map<std::string, std::shared_ptr<const scheduler::Schedule>>& schedules;
  std::vector<DatedSchedule>& dated;  // those of tasks are put there
  std::map<std::string, Place>& sql_places;
};

struct TaskComplaints {
  Complaints& mistakes;
  Complaints& warnings;
};

void read_tasks(YamlNode list, const TaskSurroundings& around,
                std::vector<scheduler::TaskSpec>& into, TaskComplaints complaints);

// One task of the list, the `index`-th from 0.
[[nodiscard]] scheduler::TaskSpec read_task(YamlNode map, std::size_t index,
                                            const TaskSurroundings& around,
                                            TaskComplaints complaints);

}  // namespace systask::service
