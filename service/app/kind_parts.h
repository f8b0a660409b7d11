// Joins the kinds of tasks that come with their configuration (tasks/kinds) with what they
// work with: SQL, HTTP and the message centre.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "scheduler/task.h"
#include "service/config/config.h"
#include "tasks/kinds/kinds.h"

namespace systask::db {
class SqlTasks;
}

namespace systask::service {

class MessageCentre;

// Both must outlive the lanes.
[[nodiscard]] tasks::KindParts kind_parts(db::SqlTasks& sql, MessageCentre& centre,
                                          std::vector<std::string> passed_on = {});

// The tasks of a configuration, those with `run:` (in `works`, by name) with their bodies.
[[nodiscard]] std::vector<scheduler::TaskSpec> with_bodies(
    std::vector<scheduler::TaskSpec> specs, const std::map<std::string, tasks::Work>& works,
    const tasks::KindParts& parts);

}  // namespace systask::service
