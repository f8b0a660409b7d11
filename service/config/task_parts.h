// The readers of a task's parts, each a file of its own: what it runs, when it is due, and what
// becomes of occurrences that do not simply run and succeed. Each fills in what is right in
// `spec`, and complains about what is not.
#pragma once

#include "scheduler/task.h"
#include "service/config/fields.h"
#include "service/config/sections.h"

namespace systask::service {

// The key `run`: exec, sql, http and publish. Needs the parameters in `spec`.
void read_run(Fields& fields, const TaskSurroundings& around, TaskComplaints complaints,
              scheduler::TaskSpec& spec);
// The parameters of a C++ task, against what its body declares. After the policies, which has them
// read.
void check_parameters(const Fields& fields, const scheduler::TaskSpec& spec, Complaints& mistakes);
// every, cron, at and so on, with their zone and calendar.
void read_schedule(Fields& fields, const TaskSurroundings& around, TaskComplaints complaints,
                   scheduler::TaskSpec& spec);
// Priority, lateness, overlap, timeout, what it comes after.
void read_policies(Fields& fields, const TaskSurroundings& around, TaskComplaints complaints,
                   scheduler::TaskSpec& spec);
// Of those: lateness, not_after and alarms. After the schedule, whose zone they are in.
// "09:25" or "09:25:30", as a time since midnight.
[[nodiscard]] std::optional<std::chrono::seconds> wall_time_of(std::string_view text);
void read_times(Fields& fields, TaskComplaints complaints, scheduler::TaskSpec& spec,
                scheduler::SpecialPolicies& special);

}  // namespace systask::service
