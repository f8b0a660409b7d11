#include <fmt/format.h>

#include "tests/support/engine_world.h"

namespace systask::scheduler {
namespace {

std::vector<WorldSchedule> intervals() {
  std::vector<WorldSchedule> all;
  for (const char* const period : {"1s", "5s", "30s", "1m", "7m", "1h"})
    all.push_back({fmt::format("every {}", period), parse_every_schedule(period).value()});
  return all;
}

}  // namespace

std::vector<TaskSpec> EngineWorld::make_tasks() {
  if (options_.schedules.empty()) options_.schedules = intervals();
  std::vector<TaskSpec> specs;
  for (int id = 1; id <= options_.tasks; ++id)
    specs.push_back(make_task(id));
  return specs;
}

TaskSpec EngineWorld::make_task(int id) {
  TaskSpec spec{.id = TaskId{id}, .name = fmt::format("task-{}", id), .body = "work"};
  const int last = static_cast<int>(options_.schedules.size()) - 1;
  const WorldSchedule& schedule = options_.schedules[static_cast<std::size_t>(up_to(last))];
  spec.timetable = schedule.timetable;
  spec.schedule_text = schedule.text;
  spec.on_lost = static_cast<OnLost>(up_to(1));
  spec.group = fmt::format("group-{}", up_to(2));
  // Only on tasks with lower ids, so that there is no circle.
  if (id > 3 && up_to(3) == 0)
    spec.after.push_back(
        {fmt::format("task-{}", 1 + up_to(id - 2)), static_cast<Predecessor::On>(up_to(1))});
  SpecialPolicies special;
  if (up_to(2) == 0) special.retry = {.times = 1 + up_to(2), .backoff = steps(1 + up_to(20))};
  if (up_to(3) == 0) special.exclusive.push_back(fmt::format("name-{}", up_to(1)));
  if (up_to(5) == 0)
    special.not_after = TimeOfDay{std::chrono::minutes{up_to(24 * 60 - 1)}, Zone::utc()};
  spec.special_policies = std::make_shared<const SpecialPolicies>(std::move(special));
  choose_policies(spec);
  return spec;
}

// Those that a reload may change without a task's occurrences becoming others, or running more
// often.
void EngineWorld::choose_policies(TaskSpec& spec) {
  spec.priority = 1 + up_to(1);
  spec.overlap = static_cast<Overlap>(up_to(4));
  spec.at_once = static_cast<std::uint16_t>(1 + up_to(2));
  spec.coalesce = static_cast<Coalesce>(up_to(3));
  spec.coalesce_cap = static_cast<std::uint16_t>(1 + up_to(20));
  spec.late = {steps(up_to(120)), static_cast<LatePolicy::Otherwise>(up_to(1))};
  spec.timeout = up_to(2) == 0 ? steps(1 + up_to(20)) : Micros{0};
  spec.timeout_grace = steps(up_to(5));
}

}  // namespace systask::scheduler
