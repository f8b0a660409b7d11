// What a service keeps of the tasks with `run:`: one body, and one text, for all that do the same.
#include <gtest/gtest.h>

#include "service/app/kind_parts.h"
#include "service/config/config.h"
#include "service/config/work_text.h"

namespace systask::service {
namespace {

class WorksTest : public testing::Test {
 protected:
  static Config config_of(const std::vector<std::string>& runs) {
    std::string text = "tasks:\n";
    for (std::size_t i = 0; i < runs.size(); ++i)
      text += "  - {id: " + std::to_string(i + 1) + ", name: t" + std::to_string(i + 1) +
              ", every: 1m, timeout: 1s, run: " + runs[i] + "}\n";
    return read_config(text, "tasks.yaml", {}).value();
  }
};

TEST_F(WorksTest, ThatAreAlikeShareABody) {
  Config config = config_of(
      {R"({exec: [echo, "a b"]})", R"({exec: [echo, a, b]})", R"({exec: [echo, "a b"]})"});
  const auto specs = with_bodies(config.tasks, config.works, tasks::KindParts{});
  ASSERT_TRUE(specs[0].own_body && specs[1].own_body && specs[2].own_body);
  ASSERT_EQ(work_text(config.works.at("t1")), work_text(config.works.at("t2")))
      << "the texts do not tell them apart, which is what this test needs";
  EXPECT_NE(specs[0].own_body, specs[1].own_body);
  const Config alike = config_of({R"({sql: "select 1"})", R"({sql: "select 1"})"});
  const auto twins = with_bodies(alike.tasks, alike.works, tasks::KindParts{});
  EXPECT_EQ(twins[0].own_body, twins[1].own_body);
}

TEST_F(WorksTest, AreRememberedAsTexts) {
  const Config config = config_of({R"({sql: "select 1"})", R"({sql: "select 2"})"});
  WorkTexts texts{config.tasks, config.works};
  const WorkTexts moved = std::move(texts);
  EXPECT_EQ(moved.of(scheduler::TaskId{1}), work_text(config.works.at("t1")));
  EXPECT_EQ(moved.of(scheduler::TaskId{2}), work_text(config.works.at("t2")));
  EXPECT_EQ(moved.of(scheduler::TaskId{3}), "");
}

// Tasks that are due alike share their schedule; those with an H in it are not alike.
TEST_F(WorksTest, ShareTheirSchedules) {
  const std::string text =
      "tasks:\n"
      "  - {id: 1, name: a, cron: \"0 0 8 * * ?\", body: work}\n"
      "  - {id: 2, name: b, cron: \"0 0 8 * * ?\", body: work}\n"
      "  - {id: 3, name: c, cron: \"0 0 8 * * ?\", time_zone: UTC, body: work}\n"
      "  - {id: 4, name: d, cron: \"H H 8 * * ?\", body: work}\n"
      "  - {id: 5, name: e, cron: \"H H 8 * * ?\", body: work}\n";
  const Config config = read_config(text, "tasks.yaml", {"work"}).value();
  const auto schedule = [&](std::size_t i) { return &config.tasks[i].timetable.schedule(); };
  EXPECT_EQ(schedule(0), schedule(1));
  EXPECT_NE(schedule(0), schedule(2));
  EXPECT_NE(schedule(3), schedule(4));
}

}  // namespace
}  // namespace systask::service
