// Steps of groups, backfills and runs made once more, over HTTP.
#include <gmock/gmock.h>

#include "tests/unit/service/api_world.h"

namespace systask::service {
namespace {

using testing::HasSubstr;

class ApiSteps : public ApiTest {
 protected:
  // a of the group `day` has no schedule; b comes after it.
  ApiSteps() {
    scheduler::TaskSpec a{.id = scheduler::TaskId{1}, .name = "a"};
    a.group = "day";
    scheduler::TaskSpec b{.id = scheduler::TaskId{2}, .name = "b"};
    b.group = "day";
    b.after.push_back({"a"});
    EXPECT_TRUE(engine.reload({a, b}));
  }
  std::string why(const std::string& task) {
    return std::string{
        get("/api/tasks/" + task + "/why", {{"at", "now"}}).at("answer").as_string()};
  }
};

TEST_F(ApiSteps, AChainWhoseFirstStepFailedSaysSoAndHowToGoOn) {
  body = []() -> std::string { throw std::runtime_error("no disk"); };
  const auto failed = ask_later("POST", "/api/tasks/a/run");
  lanes.run_all();
  EXPECT_EQ(member(failed->value(), "outcome"), "failed");
  const auto steps = get("/api/groups").at(0).at("steps").as_array();
  ASSERT_EQ(steps.size(), 2U);
  EXPECT_EQ(steps[0].at("state"), "failed");
  EXPECT_EQ(steps[1].at("state"), "waits");
  EXPECT_THAT(std::string{steps[1].at("says").as_string()},
              HasSubstr("waits for 'a', which failed"));
  EXPECT_THAT(std::string{steps[1].at("to_do").as_string()},
              HasSubstr("systask group continue day"));
  EXPECT_EQ(get("/api/tasks").at(1).at("state"), "waits");
  for (const char* task : {"a", "b"}) {
    EXPECT_THAT(why(task), HasSubstr("no disk")) << task;
    EXPECT_THAT(why(task), HasSubstr("systask group continue day")) << task;
  }
  EXPECT_EQ(ask("POST", "/api/tasks/b/pause", R"({"reason":"wait for the disk"})").status, 200);
  EXPECT_THAT(why("b"), HasSubstr("The task is paused by"));
  EXPECT_THAT(why("b"), HasSubstr("wait for the disk"));
  EXPECT_EQ(ask("POST", "/api/tasks/a/skip", R"({"reason":"by hand"})").status, 200);
  EXPECT_THAT(why("a"), HasSubstr("skipped by"));
}

TEST_F(ApiSteps, AGroupThatIsRunAgainSaysWhichStepFailed) {
  scheduler::TaskSpec a{.id = scheduler::TaskId{1}, .name = "a", .group = "day"};
  a.timetable = scheduler::parse_every_schedule("1h").value();
  scheduler::TaskSpec b = a;
  b.id = scheduler::TaskId{2};
  b.name = "b";
  b.after.push_back({"a"});
  ASSERT_TRUE(engine.reload({a, b}));
  body = []() -> std::string { throw std::runtime_error("no disk"); };
  EXPECT_EQ(ask("POST", "/api/groups/day/run", R"({"reason":"once more"})").status, 200);
  lanes.run_all();
  const auto steps = get("/api/groups").at(0).at("steps").as_array();
  EXPECT_EQ(steps[0].at("state"), "failed");
  EXPECT_EQ(steps[1].at("state"), "held");
  EXPECT_THAT(std::string{steps[1].at("says").as_string()},
              HasSubstr("'a', which it comes after, was not done in this backfill"));
  EXPECT_EQ(steps[1].at("to_do"), steps[0].at("to_do")) << "there is one step to mend";
  EXPECT_THAT(why("b"), HasSubstr("Today it is held at "));
  EXPECT_THAT(why("b"), HasSubstr("'a', which it comes after"));
}

TEST_F(ApiSteps, ATaskWhoseRunWaitsForAThreadWaits) {
  const auto run = ask_later("POST", "/api/tasks/a/run");
  EXPECT_EQ(get("/api/tasks/a").at("state"), "waits");
  std::string seen;
  body = [&] {
    if (seen.empty()) seen = std::string{get("/api/tasks/a").at("state").as_string()};
    return "done";
  };
  lanes.run_all();
  EXPECT_EQ(seen, "running");
}

TEST_F(ApiSteps, ARunIsMadeOnceMore) {
  body = []() -> std::string { throw std::runtime_error("no disk"); };
  const auto failed = ask_later("POST", "/api/tasks/a/run");
  lanes.run_all();
  const auto run = boost::json::parse(failed->value().body).at("run").as_int64();
  const std::string path = "/api/runs/" + std::to_string(run) + "/rerun";
  body = [] { return "done"; };
  const auto again = ask_later("POST", path, R"({"reason":"the disk is back","actor":"me"})");
  EXPECT_FALSE(again->has_value());  // the outcome answers
  lanes.run_all();
  ASSERT_TRUE(again->has_value());
  EXPECT_EQ((*again)->status, 200) << (*again)->body;
  EXPECT_EQ(member(**again, "outcome"), "succeeded");
  EXPECT_EQ(member(**again, "trigger"), "rerun");
  EXPECT_EQ(member(**again, "task"), "a");
  EXPECT_EQ(member(**again, "nominal"), member(failed->value(), "nominal"));
  EXPECT_EQ(audited.back().action, "run rerun");
  EXPECT_EQ(audited.back().object, "run " + std::to_string(run));
  EXPECT_EQ(audited.back().reason, "the disk is back");
  EXPECT_THAT(audited.back().before, HasSubstr("failed"));
  EXPECT_EQ(ask("POST", "/api/runs/99/rerun", "{}").status, 404);
  EXPECT_EQ(ask("POST", "/api/runs/none/rerun", "{}").status, 400);
}

TEST_F(ApiSteps, ABackfillIsWaitedFor) {
  scheduler::TaskSpec a{.id = scheduler::TaskId{1}, .name = "a"};
  a.timetable = scheduler::parse_at_schedule("01:00", Zone::utc()).value();
  ASSERT_TRUE(engine.reload({a}));
  const auto begun =
      ask("POST", "/api/tasks/a/backfill", R"({"from":"2026-05-22","reason":"prices were wrong"})");
  ASSERT_EQ(begun.status, 200) << begun.body;
  const auto waits = ask_later("GET", "/api/backfills/1", {}, {{"wait", "true"}});
  EXPECT_FALSE(waits->has_value());
  EXPECT_EQ(get("/api/backfills/1").at("state"), "running");
  lanes.run_all();
  ASSERT_TRUE(waits->has_value());
  const auto whole = boost::json::parse((*waits)->body);
  EXPECT_EQ(whole.at("state"), "succeeded");
  EXPECT_EQ(whole.at("outcomes").at(0).at("business_date"), 20260522);
  EXPECT_EQ(whole.at("outcomes").at(0).at("outcome"), "succeeded");
  EXPECT_EQ(get("/api/backfills").at(0).at("state"), "succeeded");
  EXPECT_EQ(ask("GET", "/api/backfills/9").status, 404);
  EXPECT_EQ(ask("POST", "/api/backfills/9/cancel", R"({"reason":"x"})").status, 404);
  EXPECT_EQ(ask("POST", "/api/backfills/1/cancel", R"({"reason":"x"})").status, 404);  // over
  EXPECT_EQ(ask("POST", "/api/tasks/a/backfill",
                R"({"from":"2026-05-22","to":"2026-05-24","reason":"x"})")
                .status,
            400);
}

}  // namespace
}  // namespace systask::service
