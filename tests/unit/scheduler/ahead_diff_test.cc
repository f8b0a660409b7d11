// What another list of tasks changes.
#include <gmock/gmock.h>

#include "scheduler/ahead/policy_text.h"
#include "scheduler/ahead/task_diff.h"

namespace systask::scheduler {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

const TimePoint kDay = from_rfc3339("2026-05-22T00:00:00Z").value();
const DiffSpan kSpan{kDay - 1us, kDay + 24h - 1us};

TaskSpec task(std::int64_t id, const std::string& name, const std::string& at) {
  TaskSpec spec{.id = TaskId{id}, .name = name};
  spec.timetable = parse_at_schedule(at, Zone::utc()).value();
  spec.schedule_text = "at " + at;
  return spec;
}

TaskSpec each(std::int64_t id, const std::string& name, const std::string& every) {
  TaskSpec spec{.id = TaskId{id}, .name = name};
  spec.timetable = parse_every_schedule(every).value();
  spec.schedule_text = "every " + every;
  return spec;
}

std::vector<TaskChange> diff(const std::vector<TaskSpec>& before,
                             const std::vector<TaskSpec>& after) {
  return diff_tasks({before}, {after}, kSpan);
}

TEST(TaskDiff, TheSameTasksDifferInNothing) {
  EXPECT_TRUE(
      diff({task(1, "a", "08:00"), each(2, "b", "1s")}, {each(2, "b", "1s"), task(1, "a", "08:00")})
          .empty());
}

TEST(TaskDiff, AsManyAtOtherTimesAreMoved) {
  const auto changes = diff({task(1, "a", "08:00")}, {task(1, "a", "08:30")});
  ASSERT_EQ(changes.size(), 1U);
  ASSERT_EQ(changes[0].moved.size(), 1U);
  EXPECT_EQ(changes[0].moved[0].before, kDay + 8h);
  EXPECT_EQ(changes[0].moved[0].after, kDay + 8h + 30min);
  EXPECT_TRUE(changes[0].appear.empty());
  EXPECT_TRUE(changes[0].vanish.empty());
}

TEST(TaskDiff, MoreOrFewerAppearOrVanish) {
  std::vector<TaskSpec> twice{each(1, "a", "12h")};
  const auto fewer = diff(twice, {task(1, "a", "12:00")});
  ASSERT_EQ(fewer.size(), 1U);
  EXPECT_THAT(fewer[0].vanish, ElementsAre(kDay));
  EXPECT_TRUE(fewer[0].appear.empty());
  const auto more = diff({task(1, "a", "12:00")}, twice);
  EXPECT_THAT(more[0].appear, ElementsAre(kDay));
}

TEST(TaskDiff, TasksAreTheSameByTheirIds) {
  const auto changes = diff({task(1, "a", "08:00"), task(2, "b", "08:00")},
                            {task(1, "renamed", "08:00"), task(3, "b", "08:00")});
  ASSERT_EQ(changes.size(), 3U);
  EXPECT_EQ(changes[0].kind, TaskChange::Kind::kChanged);
  EXPECT_EQ(changes[0].policies.at(0).key, "name");
  EXPECT_TRUE(changes[0].same_occurrences());
  EXPECT_EQ(changes[1].kind, TaskChange::Kind::kRemoved);
  EXPECT_THAT(changes[1].vanish, ElementsAre(kDay + 8h));
  EXPECT_EQ(changes[2].kind, TaskChange::Kind::kAdded);
  EXPECT_THAT(changes[2].appear, ElementsAre(kDay + 8h));
}

TEST(TaskDiff, ManyOccurrencesAreCounted) {
  const auto changes = diff({each(1, "a", "1s")}, {each(1, "a", "2s")});
  ASSERT_EQ(changes.size(), 1U);
  EXPECT_FALSE(changes[0].listed);
  EXPECT_EQ(changes[0].count_before, 86'400);
  EXPECT_EQ(changes[0].count_after, 43'200);
  EXPECT_TRUE(changes[0].vanish.empty());
}

TEST(TaskDiff, ADisabledTaskHasNoOccurrences) {
  TaskSpec off = task(1, "a", "08:00");
  off.enabled = false;
  const auto changes = diff({task(1, "a", "08:00")}, {off});
  ASSERT_EQ(changes.size(), 1U);
  EXPECT_THAT(changes[0].vanish, ElementsAre(kDay + 8h));
}

TEST(TaskDiff, PoliciesAreNamedAsInTheConfiguration) {
  const TaskSpec before = task(1, "a", "08:00");
  const std::vector<std::pair<std::string, std::function<void(TaskSpec&)>>> edits{
      {"timeout", [](TaskSpec& spec) { spec.timeout = 5min; }},
      {"priority", [](TaskSpec& spec) { spec.priority = 2; }},
      {"overlap", [](TaskSpec& spec) { spec.overlap = Overlap::kQueueAll; }},
      {"coalesce", [](TaskSpec& spec) { spec.coalesce = Coalesce::kAll; }},
      {"late", [](TaskSpec& spec) { spec.late.within = 1h; }},
      {"on_lost", [](TaskSpec& spec) { spec.on_lost = OnLost::kRerun; }},
      {"group", [](TaskSpec& spec) { spec.group = "g"; }},
      {"after", [](TaskSpec& spec) { spec.after = {{"b"}}; }},
      {"parameters", [](TaskSpec& spec) { spec.parameters["keep"] = "7"; }},
      {"retry", [](TaskSpec& spec) {
         auto special = std::make_shared<SpecialPolicies>();
         special->retry.times = 3;
         spec.special_policies = special;
       }}};
  for (const auto& [key, edit] : edits) {
    TaskSpec after = before;
    edit(after);
    const auto changes = diff({before}, {after});
    ASSERT_EQ(changes.size(), 1U) << key;
    ASSERT_EQ(changes[0].policies.size(), 1U) << key;
    EXPECT_EQ(changes[0].policies[0].key, key);
    EXPECT_NE(changes[0].policies[0].before, changes[0].policies[0].after) << key;
  }
}

}  // namespace
}  // namespace systask::scheduler
