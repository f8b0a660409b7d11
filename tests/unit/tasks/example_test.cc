// The task of docs/writing-a-task.md, as the page shows it: its file is compiled into this
// program, and its one line is included here, as tasks/table.cc would have it.
#include <gtest/gtest.h>

#include "tasks/parameters.h"
#include "tests/unit/tasks/world.h"

namespace systask::tasks {

#define TASK(name, make)                        \
  scheduler::Body make(const TaskParts& parts); \
  ParameterRules make##_parameters();
#include "page/example_line.inc"  // NOLINT: made from the page
#undef TASK

namespace {

using namespace std::chrono_literals;

// A world whose registry has the task of the page as well.
struct ExampleWorld : World {
  ExampleWorld() {
#define TASK(name, make) registry.add(name, make(parts));
#include "page/example_line.inc"  // NOLINT: made from the page
#undef TASK
  }
};

TEST(Example, OfThePageRunsUnderItsName) {
  ExampleWorld world;  // midnight in UTC
  EXPECT_EQ(world.run("watch-lunch"), "12h to lunch");
  EXPECT_EQ(world.run("watch-lunch", {{"at_hour", "13"}}), "13h to lunch");
  ::testing::internal::CaptureStderr();
  world.clock.advance(11h + 55min);
  EXPECT_EQ(world.run("watch-lunch"), "5m to lunch");
  EXPECT_NE(::testing::internal::GetCapturedStderr().find("lunch is near"), std::string::npos);
  world.clock.advance(1h);
  EXPECT_EQ(world.run("watch-lunch"), "lunch is over");
  EXPECT_TRUE(world.failure("watch-lunch", {{"at_hour", "9"}}));
  EXPECT_TRUE(world.failure("watch-lunch", {{"hour", "12"}}));
}

TEST(Example, OfThePageDeclaresItsParameters) {
  const ParameterRules rules = watch_lunch_parameters();
  ASSERT_EQ(rules.size(), 2U);
  EXPECT_EQ(expected_instead(rules[0], "9"), "a whole number from 11 to 14");
  EXPECT_EQ(expected_instead(rules[0], "11"), std::nullopt);
  EXPECT_EQ(expected_instead(rules[1], "59s"),
            "a duration such as 250ms, 10s or 1h30m, at least 1m");
  EXPECT_EQ(expected_names(rules), "only at_hour, near");
}

}  // namespace
}  // namespace systask::tasks
