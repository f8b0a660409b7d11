// Pauses, windows, cancelling, steps and "why" over HTTP: each change is in the audit log with
// its reason and the state before and after.
#include <gmock/gmock.h>

#include "tests/unit/service/api_world.h"

namespace systask::service {
namespace {

using testing::HasSubstr;

TEST_F(ApiTest, EveryChangeNeedsAReason) {
  for (const char* path : {"/api/tasks/a/pause", "/api/tasks/a/resume", "/api/tasks/a/hold",
                           "/api/tasks/a/cancel", "/api/tasks/a/skip", "/api/tasks/a/backfill",
                           "/api/groups/g/pause", "/api/groups/g/continue", "/api/groups/g/run",
                           "/api/groups/g/backfill", "/api/lanes/1/pause", "/api/lanes/1/resize",
                           "/api/holds/1/lift", "/api/runs/1/cancel", "/api/backfills/1/cancel"}) {
    const auto answer = ask("POST", path, "{}");
    EXPECT_EQ(answer.status, 400) << path;
    EXPECT_THAT(answer.body, HasSubstr("'reason' is missing")) << path;
  }
  EXPECT_TRUE(audited.empty());
}

TEST_F(ApiTest, AWindowIsMadeShownAuditedAndLifted) {
  const auto answer = ask("POST", "/api/tasks/a/hold",
                          R"({"from":"10:00","to":"11:00","reason":"disk","actor":"me"})");
  ASSERT_EQ(answer.status, 200) << answer.body;
  const auto holds = get("/api/holds").as_array();
  ASSERT_EQ(holds.size(), 1U);
  EXPECT_EQ(holds[0].at("on"), "task");
  EXPECT_EQ(holds[0].at("from"), "2026-05-22T10:00:00+08:00");
  EXPECT_EQ(holds[0].at("to"), "2026-05-22T11:00:00+08:00");
  ASSERT_EQ(audited.size(), 1U);
  EXPECT_EQ(audited[0].action, "task hold");
  EXPECT_EQ(audited[0].reason, "disk");
  EXPECT_THAT(audited[0].before, HasSubstr(R"("windows":[])"));
  EXPECT_THAT(audited[0].after, HasSubstr(R"("reason":"disk")"));

  const auto why = get("/api/tasks/a/why", {{"at", "02:30"}});
  EXPECT_EQ(why.at("kind"), "ahead");
  EXPECT_EQ(why.at("expected"), "skipped_window");
  EXPECT_THAT(std::string{why.at("answer").as_string()}, HasSubstr("will not run"));

  const std::string id = std::to_string(holds[0].at("hold").as_int64());
  EXPECT_EQ(ask("POST", "/api/holds/" + id + "/lift", R"({"reason":"done"})").status, 200);
  EXPECT_TRUE(get("/api/holds").as_array().empty());
  EXPECT_EQ(ask("POST", "/api/holds/" + id + "/lift", R"({"reason":"done"})").status, 404);
  EXPECT_EQ(ask("POST", "/api/tasks/a/hold", R"({"to":"01:00","reason":"x"})").status, 400);
  EXPECT_EQ(ask("POST", "/api/tasks/a/hold", R"({"to":"noon","reason":"x"})").status, 400);
}

TEST_F(ApiTest, ALaneIsPausedAndWhatIsUnknownIsSaid) {
  EXPECT_EQ(ask("POST", "/api/lanes/1/pause", R"({"reason":"slow"})").status, 200);
  const auto paused = get("/api/lanes").as_array();
  EXPECT_THAT(std::string{paused.at(0).at("held").as_string()}, HasSubstr("slow"));
  EXPECT_EQ(audited.back().object, "lane 1");
  EXPECT_EQ(ask("POST", "/api/lanes/1/resume", R"({"reason":"well"})").status, 200);
  EXPECT_TRUE(get("/api/lanes").at(0).at("held").is_null());
  EXPECT_EQ(ask("POST", "/api/lanes/9/pause", R"({"reason":"x"})").status, 404);
  EXPECT_EQ(ask("POST", "/api/lanes/9/resize", R"({"reason":"x","threads":2})").status, 404);
  EXPECT_EQ(ask("POST", "/api/groups/none/pause", R"({"reason":"x"})").status, 404);
  EXPECT_EQ(ask("POST", "/api/groups/none/continue", R"({"reason":"x"})").status, 404);
  EXPECT_EQ(audited.size(), 2U);
}

TEST_F(ApiTest, WhatWaitsInItsLaneIsCancelled) {
  const auto running = ask_later("POST", "/api/tasks/a/run");
  const auto answer = ask("POST", "/api/tasks/a/cancel", R"({"reason":"wrong"})");
  ASSERT_EQ(answer.status, 200) << answer.body;
  lanes.run_all();
  ASSERT_TRUE(running->has_value());
  EXPECT_EQ(member(**running, "outcome"), "cancelled");
  EXPECT_EQ(ask("POST", "/api/tasks/a/cancel", R"({"reason":"wrong"})").status, 409);
  EXPECT_EQ(audited.back().action, "task cancel");
}

TEST_F(ApiTest, WhyTellsWhatTheLedgerKnowsAndWhatLiesAround) {
  clock.advance(std::chrono::minutes{1});
  engine.tick(clock.now());
  lanes.run_all();
  const auto ran = get("/api/tasks/a/why", {{"at", "2026-05-22T01:31:00Z"}});
  EXPECT_EQ(ran.at("kind"), "recorded");
  EXPECT_EQ(ran.at("run").at("outcome"), "succeeded");
  EXPECT_THAT(std::string{ran.at("answer").as_string()}, HasSubstr("ran and succeeded"));

  const auto between = get("/api/tasks/a/why", {{"at", "2026-05-22T01:31:30Z"}});
  EXPECT_EQ(between.at("kind"), "no-occurrence");
  // In the service's zone, whatever the task's.
  EXPECT_EQ(between.at("previous"), "2026-05-22T09:31:00+08:00");
  EXPECT_EQ(between.at("next"), "2026-05-22T09:32:00+08:00");
  EXPECT_THAT(std::string{get("/api/tasks/b/why", {{"at", "now"}}).at("answer").as_string()},
              HasSubstr("disabled"));
  EXPECT_EQ(ask("GET", "/api/tasks/a/why").status, 400);
  EXPECT_EQ(ask("GET", "/api/tasks/nobody/why", {}, {{"at", "now"}}).status, 404);
}

TEST_F(ApiTest, AStepIsSkippedForADate) {
  const auto answer =
      ask("POST", "/api/tasks/a/skip", R"({"reason":"by hand","business_date":"2026-05-21"})");
  ASSERT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(audited.back().action, "task skip");
  EXPECT_THAT(audited.back().after, HasSubstr("20260521"));
  EXPECT_EQ(ask("POST", "/api/tasks/a/skip", R"({"reason":"x","business_date":"May"})").status,
            400);
}

}  // namespace
}  // namespace systask::service
