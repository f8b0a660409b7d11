// The first and the last that the API takes, what a change leaves in the audit log, and whom a
// target concerns.
#include <gmock/gmock.h>

#include "tests/unit/service/api_world.h"

namespace systask::service {
namespace {

namespace json = boost::json;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

using ApiEdges = ApiTest;

TEST_F(ApiEdges, ALimitIsTakenFromOneToTheMost) {
  for (const char* path : {"/api/orders", "/api/quarantine", "/api/recoveries", "/api/audit"}) {
    EXPECT_EQ(get(path, {{"limit", "1"}}).at(0).at("limit").to_number<int>(), 1) << path;
    EXPECT_EQ(get(path, {{"limit", "1000000"}}).at(0).at("limit").to_number<int>(), 1'000'000)
        << path;
    for (const char* wrong : {"0", "1000001", "1x", " 1", "+1", "1.0", "18446744073709551617"})
      EXPECT_EQ(ask("GET", path, {}, {{"limit", wrong}}).status, 400) << path << " " << wrong;
  }
  EXPECT_EQ(ask("GET", "/api/orders", {}, {{"plan", "31x"}}).status, 400);
  for (const char* path :
       {"/api/plans/31x", "/api/plans/31x/explain", "/api/plans/31x/trail", "/api/quarantine/118x"})
    EXPECT_EQ(ask("GET", path).status, 400) << path;
  EXPECT_EQ(ask("POST", "/api/quarantine/118x/skip", R"({"reason":"x"})").status, 400);
}

TEST_F(ApiEdges, RunsAreAskedForByTheFirstAndTheLastNumber) {
  for (const char* limit : {"1", "10000"})
    EXPECT_EQ(ask("GET", "/api/runs", {}, {{"limit", limit}}).status, 200) << limit;
  for (const char* after : {"-5-1", "5-1", "0-0"})
    EXPECT_EQ(ask("GET", "/api/runs", {}, {{"after", after}}).status, 200) << after;
  for (const char* after : {"5", "5-", "-5", "x-1", "5-x"})
    EXPECT_EQ(ask("GET", "/api/runs", {}, {{"after", after}}).status, 400) << after;
  for (const char* wait : {"-1", "x", "1x"})
    EXPECT_EQ(ask("GET", "/api/runs/7", {}, {{"wait_ms", wait}}).status, 400) << wait;
  EXPECT_EQ(ask("GET", "/api/runs/7x").status, 400);
  EXPECT_EQ(ask("GET", "/api/runs/7").status, 404);
}

TEST_F(ApiEdges, OnlyOpenRecoveriesAreAskedForByTheWord) {
  get("/api/recoveries");
  EXPECT_FALSE(tables.recoveries_wanted.open);
  EXPECT_EQ(tables.recoveries_wanted.since, TimePoint::min());
  EXPECT_FALSE(tables.recoveries_wanted.plan);
  get("/api/recoveries", {{"open", "false"}});
  EXPECT_FALSE(tables.recoveries_wanted.open);
}

TEST_F(ApiEdges, WhoSaysTheNameOfItsTokenIsNamedOnce) {
  token = "operator desk bbb\n";
  bearer = "bbb";
  EXPECT_EQ(ask("POST", "/api/plans/31/pause", R"({"actor":"desk"})").status, 202);
  ASSERT_EQ(desk.changes.size(), 1U);
  EXPECT_EQ(desk.changes[0].actor, "desk");
}

TEST_F(ApiEdges, WithoutATokenTheAddressIsTheActor) {
  EXPECT_EQ(ask("POST", "/api/plans/31/pause", "{}").status, 202);
  EXPECT_EQ(ask("POST", "/api/plans/31/pause", R"({"actor":"ann"})").status, 202);
  ASSERT_EQ(desk.changes.size(), 2U);
  EXPECT_EQ(desk.changes[0].actor, "http 127.0.0.1:5");
  EXPECT_EQ(desk.changes[1].actor, "ann");
}

TEST_F(ApiEdges, AnEditBringsAnObject) {
  for (const char* text : {R"({"reason":"r"})", R"({"reason":"r","body":"text"})",
                           R"({"reason":"r","body":[1]})", R"({"reason":"r","body":null})"})
    EXPECT_EQ(ask("POST", "/api/quarantine/118/edit", text).status, 400) << text;
  EXPECT_TRUE(desk.decisions.empty());
  EXPECT_EQ(ask("POST", "/api/quarantine/118/edit", R"({"reason":"r","body":{}})").status, 200);
  EXPECT_EQ(desk.decisions.back().body, "{}");
}

// Each change leaves what it is, on what, why, and how it was before and after.
TEST_F(ApiEdges, EachChangeOfATaskIsAuditedWithItsStates) {
  const auto change = [this](const std::string& path, const std::string& rest = {}) {
    const auto answer = ask("POST", path, R"({"reason":"why","actor":"me")" + rest + "}");
    EXPECT_EQ(answer.status, 200) << path << answer.body;
    EXPECT_FALSE(audited.empty()) << path;
    const trading::AuditEntry entry = audited.empty() ? trading::AuditEntry{} : audited.back();
    EXPECT_EQ(entry.actor, "me") << path;
    EXPECT_EQ(entry.reason, "why") << path;
    EXPECT_THAT(entry.before, Not(IsEmpty())) << path;
    EXPECT_THAT(entry.after, Not(IsEmpty())) << path;
    EXPECT_NE(entry.before, entry.after) << path;
    return entry.action + " of " + entry.object;
  };
  EXPECT_EQ(change("/api/tasks/a/pause"), "task pause of task a");
  EXPECT_THAT(audited.back().before, HasSubstr(R"("state":"idle")"));
  EXPECT_THAT(audited.back().after, HasSubstr(R"("state":"paused")"));
  EXPECT_EQ(change("/api/tasks/a/resume"), "task resume of task a");
  EXPECT_EQ(change("/api/lanes/1/pause"), "lane pause of lane 1");
  EXPECT_EQ(change("/api/lanes/1/resume"), "lane resume of lane 1");
  EXPECT_EQ(change("/api/lanes/1/resize", R"(,"threads":7)"), "lane resize of lane 1");
  EXPECT_THAT(audited.back().after, HasSubstr(R"("threads":7)"));
  EXPECT_EQ(change("/api/tasks/a/hold", R"(,"to":"23:00")"), "task hold of task a");
  EXPECT_EQ(change("/api/tasks/a/skip"), "task skip of task a");
  const std::string hold = std::to_string(get("/api/holds").as_array().at(0).at("hold").as_int64());
  EXPECT_EQ(change("/api/holds/" + hold + "/lift"), "hold lift of task a");
  const auto run = ask_later("POST", "/api/tasks/a/run", R"({"actor":"me"})");
  EXPECT_EQ(change("/api/tasks/a/cancel"), "task cancel of task a");
  lanes.run_all();
  EXPECT_TRUE(run->has_value());
  EXPECT_EQ(audited.size(), 10U);
}

TEST_F(ApiEdges, OneRunIsCancelledAndAudited) {
  const auto run = ask_later("POST", "/api/tasks/a/run", R"({"actor":"me"})");
  const json::value page = get("/api/runs", {{"outcome", "waits,runs"}});
  const std::string number = std::to_string(page.at("runs").at(0).at("run").as_int64());
  const std::string path = "/api/runs/" + number + "/cancel";
  EXPECT_EQ(ask("POST", path, R"({"reason":"why","actor":"me"})").status, 200);
  ASSERT_EQ(audited.size(), 2U);
  EXPECT_EQ(audited[1].action, "run cancel");
  EXPECT_EQ(audited[1].object, "run " + number);
  EXPECT_THAT(audited[1].before, HasSubstr("outcome"));
  lanes.run_all();
  ASSERT_TRUE(run->has_value());
  EXPECT_EQ(member(**run, "outcome"), "cancelled");
  EXPECT_NE(ask("POST", path, R"({"reason":"why"})").status, 200);
  EXPECT_EQ(audited.size(), 2U) << "what was refused is not audited";
}

TEST_F(ApiEdges, WhoWaitsForARunIsAnsweredOnceThoughItsTimeEndsLater) {
  ask_later("POST", "/api/tasks/a/run");
  const json::value page = get("/api/runs", {{"outcome", "waits,runs"}});
  const std::string number = std::to_string(page.at("runs").at(0).at("run").as_int64());
  const auto waits = ask_later("GET", "/api/runs/" + number, {}, {{"wait_ms", "5000"}});
  EXPECT_FALSE(waits->has_value());
  lanes.run_all();
  ASSERT_TRUE(waits->has_value());
  EXPECT_EQ(member(**waits, "outcome"), "succeeded");
  ASSERT_FALSE(timers.empty());
  for (const auto& [delay, work] : timers)
    work();
}

// Another lane's runs are not cancelled with those of a lane.
TEST_F(ApiEdges, ALaneConcernsItsTasksOnly) {
  const auto run = ask_later("POST", "/api/tasks/a/run");
  const std::size_t audits = audited.size();
  const int lane = engine.task("a")->spec->priority;
  const json::value rows = get("/api/lanes");
  for (const json::value& row : rows.as_array())
    if (row.at("lane").to_number<int>() != lane) {
      const std::string path =
          "/api/lanes/" + std::to_string(row.at("lane").to_number<int>()) + "/cancel";
      EXPECT_EQ(ask("POST", path, R"({"reason":"x"})").status, 409) << path;
    }
  EXPECT_EQ(audited.size(), audits);
  const std::string path = "/api/lanes/" + std::to_string(lane) + "/cancel";
  EXPECT_EQ(ask("POST", path, R"({"reason":"x"})").status, 200);
  EXPECT_EQ(audited.back().action, "lane cancel");
  lanes.run_all();
  ASSERT_TRUE(run->has_value());
  EXPECT_EQ(member(**run, "outcome"), "cancelled");
}

TEST_F(ApiEdges, ALaneHasFromOneToAThousandThreads) {
  for (const char* threads : {"1", "1000"})
    EXPECT_EQ(ask("POST", "/api/lanes/1/resize",
                  std::string{R"({"reason":"x","threads":)"} + threads + "}")
                  .status,
              200)
        << threads;
  for (const char* threads : {"0", "1001", "-1"})
    EXPECT_EQ(ask("POST", "/api/lanes/1/resize",
                  std::string{R"({"reason":"x","threads":)"} + threads + "}")
                  .status,
              400)
        << threads;
}

TEST_F(ApiEdges, AHoldIsToldOfItsTargetWhileItHolds) {
  const auto held = [this] {
    std::string told;
    const json::value rows = get("/api/lanes");
    for (const json::value& row : rows.as_array())
      told += row.at("held").is_null() ? '-' : '+';
    return told;
  };
  EXPECT_EQ(ask("POST", "/api/tasks/a/pause", R"({"reason":"x"})").status, 200);
  EXPECT_EQ(held(), "--");
  const std::string window = R"({"reason":"x","from":"10:00","to":"11:00"})";
  EXPECT_EQ(ask("POST", "/api/lanes/1/hold", window).status, 200);
  EXPECT_EQ(held(), "--") << "it has not begun";
  clock.advance(std::chrono::minutes{30});
  EXPECT_EQ(held(), "+-") << "it begins at 10:00";
  clock.advance(std::chrono::minutes{60});
  EXPECT_EQ(held(), "--") << "it is over at 11:00";
}

TEST_F(ApiEdges, AStatusIsGivenThoughTheDatabaseCannotBeRead) {
  tables.uncounted = "the disk is gone";
  const auto status = get("/api/status").as_object();
  EXPECT_EQ(status.at("ready"), false);
  EXPECT_THAT(std::string{status.at("not_ready").as_string()}, HasSubstr("the disk is gone"));
  EXPECT_FALSE(status.contains("plans"));
  EXPECT_EQ(status.at("queue").to_number<int>(), 4);
}

TEST_F(ApiEdges, NobodyToReadIsSaidOfEveryRequestThatReads) {
  full = true;
  for (const char* path : {"/api/tasks", "/api/lanes", "/api/runs", "/api/runs/1", "/api/status",
                           "/api/orders", "/api/audit", "/api/sites", "/metrics"})
    EXPECT_EQ(ask("GET", path).status, 503) << path;
  EXPECT_EQ(ask("GET", "/api/runs/1", {}, {{"wait_ms", "5"}}).status, 503);
  EXPECT_EQ(ask("POST", "/api/tasks/a/run").status, 503);
  EXPECT_EQ(ask("POST", "/api/tasks/a/pause", R"({"reason":"x"})").status, 503);
}

}  // namespace
}  // namespace systask::service
