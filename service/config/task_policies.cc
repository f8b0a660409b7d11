// What becomes of a task's occurrences that are late, overlap, fail or are lost.
#include "service/config/task_parts.h"

#include <fmt/format.h>

#include <algorithm>

namespace systask::service {
namespace {

using namespace std::chrono_literals;
using scheduler::TaskSpec;

class PolicyReader {
 public:
  PolicyReader(Fields& fields, const TaskSurroundings& around, TaskComplaints complaints,
               TaskSpec& spec)
      : fields_(fields), around_(around), complaints_(complaints), spec_(spec) {}

  void read() {
    read_priority();
    fields_.flag("enabled", spec_.enabled);
    fields_.parameters("parameters", spec_.parameters);
    fields_.choice(
        "overlap",
        {{"skip", scheduler::Overlap::kSkip}, {"run-once-more", scheduler::Overlap::kRunOnceMore}},
        spec_.overlap);
    fields_.choice("on_lost",
                   {{"rerun", scheduler::OnLost::kRerun}, {"record", scheduler::OnLost::kRecord}},
                   spec_.on_lost);
    fields_.duration("timeout", Micros{1ms}, Micros{48h}, spec_.timeout);
    fields_.duration("timeout_grace", Micros{0ms}, Micros{1h}, spec_.timeout_grace);
    fields_.text("group", "the name of a group", spec_.group);
    fields_.texts("after", "the name of a task, or a list of names", spec_.after);
    if (const auto late = fields_.find("late")) read_late(*late);
  }

 private:
  void read_priority() {
    int lowest = 1;
    for (const auto& [priority, lane] : around_.lanes)
      lowest = std::max(lowest, priority);
    fields_.integer("priority", 1, lowest, spec_.priority);
    if (around_.lanes.contains(spec_.priority)) return;
    std::string lanes;
    for (const auto& [priority, lane] : around_.lanes)
      lanes += fmt::format("{}{}", lanes.empty() ? "" : ", ", priority);
    fields_.complain("priority", std::to_string(spec_.priority),
                     fmt::format("a priority that has a lane ({})", lanes));
  }

  void read_late(YamlNode map) {
    Fields late{map, fields_.name_of("late"), {"within", "otherwise"}, complaints_.mistakes};
    late.duration("within", Micros{0ms}, Micros{24h * 366}, spec_.late.within);
    late.choice("otherwise",
                {{"skip", scheduler::LatePolicy::Otherwise::kSkip},
                 {"run", scheduler::LatePolicy::Otherwise::kRun}},
                spec_.late.otherwise);
  }

  Fields& fields_;
  const TaskSurroundings& around_;
  TaskComplaints complaints_;
  TaskSpec& spec_;
};

}  // namespace

void read_policies(Fields& fields, const TaskSurroundings& around, TaskComplaints complaints,
                   TaskSpec& spec) {
  PolicyReader{fields, around, complaints, spec}.read();
}

}  // namespace systask::service
