// What a task runs where it is no C++ task: the key `run`.
#include "service/config/task_parts.h"

namespace systask::service {

void read_run(Fields& fields, const TaskSurroundings& /*around*/, TaskComplaints /*complaints*/,
              scheduler::TaskSpec& /*spec*/) {
  if (const auto run = fields.find("run"))
    fields.complain("run", run->described(),
                    "no such key: tasks that run programs, SQL, HTTP or publications come with a "
                    "later version; name a C++ task instead");
}

}  // namespace systask::service
