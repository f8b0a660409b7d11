#include <gmock/gmock.h>

#include "tests/unit/service/api_world.h"

namespace systask::service {
namespace {

namespace json = boost::json;
using testing::HasSubstr;

TEST_F(ApiTest, HealthAndReadinessAreOpenToAll) {
  token = "secret";
  EXPECT_EQ(ask("GET", "/healthz").status, 200);
  EXPECT_EQ(ask("GET", "/readyz").status, 200);
  reason = "the state is being loaded";
  const auto response = ask("GET", "/readyz");
  EXPECT_EQ(response.status, 503);
  EXPECT_EQ(member(response, "detail"), "the state is being loaded");
  EXPECT_EQ(ask("GET", "/healthz").status, 200);
}

TEST_F(ApiTest, AWallClockThatWasSetBackIsTold) {
  EXPECT_EQ(ask("GET", "/readyz").body, "{\"ready\":true}\n");
  EXPECT_TRUE(get("/api/status").at("clock").is_null());
  const auto minute = [this] {
    clock.advance(std::chrono::minutes{1});
    engine.tick(clock.now());
    lanes.run_all();
  };
  minute();
  minute();
  clock.set_wall(clock.now() - std::chrono::minutes{2});
  minute();
  const auto ready = get("/readyz");
  EXPECT_EQ(ready.at("ready"), true);
  EXPECT_THAT(std::string{ready.at("clock").as_string()},
              testing::AllOf(HasSubstr("set back by 2m"), HasSubstr("up to 2026-05-22T09:32:00"),
                             HasSubstr("as pass 1")));
  EXPECT_EQ(get("/api/status").at("clock"), ready.at("clock"));
  EXPECT_EQ(get("/api/alarms").at(0).at("alarm"), "clock_set_back");
  EXPECT_EQ(get("/api/alarms").at(0).at("task"), "clock");
  EXPECT_THAT(metrics.text({}), HasSubstr("systask_clock_pass 1\n"));
  // The first minute came twice, the second comes again.
  const auto twice = get("/api/tasks/a/why", {{"at", "2026-05-22T01:31:00Z"}});
  EXPECT_EQ(twice.at("run").at("pass"), 1);
  EXPECT_EQ(twice.at("earlier_passes").at(0).at("pass"), 0);
  EXPECT_EQ(twice.at("clock"), ready.at("clock"));
  EXPECT_THAT(std::string{twice.at("answer").as_string()},
              testing::AllOf(HasSubstr("Before the wall clock was set back, in pass 0, it ran"),
                             HasSubstr("set back by 2m")));
  const auto again = get("/api/tasks/a/why", {{"at", "2026-05-22T01:32:00Z"}});
  EXPECT_EQ(again.at("run").at("pass"), 0);
  EXPECT_THAT(std::string{again.at("answer").as_string()}, HasSubstr("comes again, as pass 1"));
  minute();
  minute();
  EXPECT_EQ(ask("GET", "/readyz").body, "{\"ready\":true}\n");
  EXPECT_EQ(get("/api/alarms").as_array().size(), 0U);
  EXPECT_THAT(metrics.text({}), HasSubstr("systask_clock_pass 0\n"));
}

TEST_F(ApiTest, EverythingElseAsksForTheToken) {
  token = "secret";
  for (const char* path : {"/api/status", "/metrics", "/api/plans", "/nothing"}) {
    bearer = "";
    EXPECT_THAT(ask("GET", path).body, HasSubstr("Authorization: Bearer")) << path;
    bearer = "wrong!";
    EXPECT_EQ(ask("GET", path).status, 401) << path;
  }
  bearer = "secret";
  EXPECT_EQ(ask("GET", "/api/status").status, 200);
}

TEST_F(ApiTest, AViewerLooksAndAnOperatorChanges) {
  token = "viewer wall aaa\noperator desk bbb\n";
  bearer = "aaa";
  EXPECT_EQ(ask("GET", "/api/tasks").status, 200);
  EXPECT_EQ(ask("GET", "/metrics").status, 200);
  for (const char* path : {"/api/plans/31/pause", "/api/tasks/a/run", "/api/nothing"}) {
    const auto refused = ask("POST", path, "{}");
    EXPECT_EQ(refused.status, 403) << path;
    EXPECT_EQ(member(refused, "code"), "FORBIDDEN");
    EXPECT_THAT(member(refused, "detail"), HasSubstr("wall is a viewer's token"));
  }
  EXPECT_TRUE(desk.changes.empty());
  bearer = "bbb";
  EXPECT_EQ(ask("POST", "/api/plans/31/pause", "{}").status, 202);
  EXPECT_EQ(ask("POST", "/api/plans/31/pause", R"({"actor":"ann"})").status, 202);
  ASSERT_EQ(desk.changes.size(), 2U);
  EXPECT_EQ(desk.changes[0].actor, "desk");
  EXPECT_EQ(desk.changes[1].actor, "ann (token of desk)");
}

TEST_F(ApiTest, StatusCountsTheDatabaseAndTheProcess) {
  api();
  clock.advance(std::chrono::seconds{90});
  const auto status = get("/api/status").as_object();
  EXPECT_EQ(status.at("version"), "0.1.0");
  EXPECT_EQ(status.at("business_date"), 20260522);
  EXPECT_EQ(status.at("time"), "2026-05-22T09:31:30+08:00");
  EXPECT_EQ(status.at("uptime_seconds"), 90);
  EXPECT_EQ(status.at("intake"), (json::value{{"applied", 100},
                                              {"cached", 12},
                                              {"passed", 0},
                                              {"parked", 1},
                                              {"quarantined", 0},
                                              {"replayed", 5U},
                                              {"duplicate", 3U},
                                              {"ids_reused", 2U}}));
  EXPECT_EQ(status.at("plans"), (json::value{{"abnormal", 2}, {"running", 7}}));
  EXPECT_EQ(status.at("sites"), (json::value{{"live", 2}, {"lost", 1}}));
  EXPECT_EQ(status.at("cached"), 12);
  EXPECT_EQ(status.at("outbox"), 6);
  EXPECT_EQ(boost::json::serialize(status.at("orders_out")),
            R"({"to":"flow","connected":["flow","spare"],"waiting":4,"longest_ms":2500})");
  EXPECT_EQ(boost::json::serialize(status.at("disputed_sites")),
            R"([{"site":"A","from":"10.0.0.1:5","refused":7,"refused_from":"10.0.0.2:6"}])");
  EXPECT_EQ(status.at("queue").to_number<int>(), 4);
  EXPECT_EQ(status.at("lanes").as_array().size(), 2U);
}

TEST_F(ApiTest, ListsGoToTheTablesWithPlanAndLimit) {
  EXPECT_EQ(get("/api/plans").at(0).at("asked"), "plans");
  EXPECT_EQ(get("/api/sites").at(0).at("asked"), "sites");
  for (const char* noun : {"orders", "cache"}) {
    const std::string path = std::string{"/api/"} + noun;
    EXPECT_EQ(get(path).at(0).at("plan"), -1) << noun;
    const auto row = get(path, {{"plan", "31"}, {"limit", "7"}}).at(0);
    EXPECT_EQ(row.at("asked"), noun);
    EXPECT_EQ(row.at("plan"), 31);
    EXPECT_EQ(row.at("limit").to_number<int>(), 7);
    EXPECT_THAT(ask("GET", path, {}, {{"plan", "x"}}).body, HasSubstr("'plan' is 'x', expected"));
  }
  for (const char* noun : {"quarantine", "recoveries", "audit"}) {
    const std::string path = std::string{"/api/"} + noun;
    EXPECT_EQ(get(path).at(0).at("limit").to_number<int>(), 10'000) << noun;
    EXPECT_EQ(get(path, {{"limit", "2"}}).at(0).at("limit").to_number<int>(), 2) << noun;
    for (const char* wrong : {"0", "-1", "x", "1000001"})
      EXPECT_EQ(ask("GET", path, {}, {{"limit", wrong}}).status, 400) << wrong;
  }
}

TEST_F(ApiTest, RecoveriesCanBeChosen) {
  get("/api/recoveries", {{"plan", "31"}, {"open", "true"}, {"since", "09:00"}});
  EXPECT_EQ(tables.recoveries_wanted.plan, trading::PlanId{31});
  EXPECT_TRUE(tables.recoveries_wanted.open);
  EXPECT_EQ(to_rfc3339(tables.recoveries_wanted.since), "2026-05-22T01:00:00Z");
  EXPECT_EQ(get("/api/recoveries/times").at("open"), 1);
  EXPECT_EQ(ask("GET", "/api/recoveries", {}, {{"open", "maybe"}}).status, 400);
  EXPECT_EQ(ask("GET", "/api/recoveries/times", {}, {{"since", "never"}}).status, 400);
}

TEST_F(ApiTest, ATrailIsOfAPlanThatIsKnown) {
  EXPECT_EQ(get("/api/plans/31/trail").at(0).at("asked"), "trail");
  EXPECT_EQ(ask("GET", "/api/plans/32/trail").status, 404);
}

TEST_F(ApiTest, AnOperatorDecidesAboutAQuarantinedMessage) {
  EXPECT_EQ(get("/api/quarantine/118").at("reason"), "too much");
  EXPECT_EQ(get("/api/quarantine/118").at("body").at("deal_amount"), "9");
  EXPECT_EQ(ask("GET", "/api/quarantine/x").status, 400);
  for (const char* verb : {"apply", "skip", "edit"}) {
    const std::string path = std::string{"/api/quarantine/118/"} + verb;
    EXPECT_EQ(ask("POST", path, "{}").status, 400) << "without a reason " << verb;
    const std::string rest =
        verb == std::string_view{"edit"} ? R"(,"body":{"deal_amount":9}})" : "}";
    const auto done = ask("POST", path, R"({"reason":"right","actor":"ann")" + rest);
    EXPECT_EQ(done.status, 200) << done.body;
    EXPECT_EQ(
        json::parse(done.body),
        (json::value{{"outcome", "applied"}, {"plan", 31}, {"number", 9}, {"released", true}}));
    EXPECT_EQ(desk.decisions.back().message, trading::MessageNo{118});
    EXPECT_EQ(desk.decisions.back().actor, "ann");
  }
  EXPECT_EQ(desk.decisions.size(), 3U);
  EXPECT_EQ(desk.decisions[0].verdict, trading::Decision::Verdict::kApply);
  EXPECT_EQ(desk.decisions[1].verdict, trading::Decision::Verdict::kSkip);
  EXPECT_EQ(desk.decisions[2].body, R"({"deal_amount":9})");
  EXPECT_EQ(ask("POST", "/api/quarantine/118/edit", R"({"reason":"r","body":"no"})").status, 400);
  desk.refusal = Refusal{"IMPOSSIBLE", "its order is not known: edit it, or skip it"};
  EXPECT_EQ(ask("POST", "/api/quarantine/118/apply", R"({"reason":"r"})").status, 409);
  desk.refusal = Refusal{"NO_SUCH_MESSAGE", "no message 118 waits in quarantine"};
  EXPECT_EQ(ask("GET", "/api/quarantine/118").status, 404);
}

TEST_F(ApiTest, APlanIsExplainedMovedAndReleased) {
  EXPECT_EQ(get("/api/plans/31/explain"),
            (json::value{{"plan", 31},
                         {"site", "A"},
                         {"state", "running"},
                         {"sites", json::array{{{"site", "A"}, {"answer", "has it"}},
                                               {{"site", "B"}, {"answer", "full"}}}}}));
  EXPECT_EQ(ask("POST", "/api/plans/31/move", R"({"reason":"r"})").status, 400);
  EXPECT_EQ(ask("POST", "/api/plans/31/move", R"({"to":"B","reason":"r","actor":"ann"})").status,
            202);
  EXPECT_EQ(ask("POST", "/api/plans/31/release", R"({"reason":"r","actor":"ann"})").status, 202);
  EXPECT_EQ(desk.moved, (std::vector<std::vector<std::string>>{{"31", "B", "ann", "r"},
                                                               {"31", "released", "ann", "r"}}));
  desk.refusal = Refusal{"NO_SITE", "site B cannot take plan 31: full"};
  EXPECT_EQ(ask("POST", "/api/plans/31/move", R"({"to":"B"})").status, 409);
}

TEST_F(ApiTest, PlansThatWaitForAnOperatorAreAskedForByTheWord) {
  const auto asked = [&](const char* word) {
    return get("/api/plans", {{"quarantined", word}}).at(0).at("asked");
  };
  EXPECT_EQ(asked("true"), "quarantined");
  EXPECT_EQ(asked("false"), "plans");
  EXPECT_EQ(ask("GET", "/api/plans", {}, {{"quarantined", "yes"}}).status, 400);
}

TEST_F(ApiTest, ABrokenDatabaseIs500AndNoThreadIs503) {
  tables.down = true;
  const auto broken = ask("GET", "/api/plans");
  EXPECT_EQ(broken.status, 500);
  EXPECT_THAT(broken.body, HasSubstr("the disk is gone"));
  full = true;
  EXPECT_EQ(ask("GET", "/api/plans").status, 503);
  EXPECT_EQ(ask("POST", "/api/tasks/a/run").status, 503);
}

TEST_F(ApiTest, APlanIsShownWithItsEpochSiteAndDigest) {
  desk.seen = {.plan_json =
                   R"({"plan":31,"business_date":20260522,"name":"n","strategy":"twap",
                   "tolerance_percent":5,"environment":"prod","status":"2",
                   "parameters":{"slices":"6"},
                   "details":[{"market_no":1,"stock_code":"600570","entrust_direction":1,
                               "quantity":100,"ordered":50,"filled":0,"amount":"0"}]})",
               .abnormal = true,
               .epoch = trading::Epoch{4},
               .site = "A",
               .last = trading::LineNumber{118},
               .skipped = 1,
               .cached = 2,
               .digest = "ab"};
  json::object expected = json::parse(desk.seen.plan_json).as_object();
  for (const auto& [key, value] : json::object{{"status_name", "running"},
                                               {"abnormal", true},
                                               {"epoch", 4},
                                               {"site", "A"},
                                               {"last_number", 118},
                                               {"last", 118},
                                               {"skipped", 1},
                                               {"cached", 2},
                                               {"digest", "ab"},
                                               {"reason", nullptr}})
    expected[key] = value;
  EXPECT_EQ(get("/api/plans/31"), expected);
  EXPECT_EQ(ask("GET", "/api/plans/abc").status, 400);
  desk.refusal = Refusal{"NO_SUCH_PLAN", "there is no plan 31"};
  EXPECT_EQ(ask("GET", "/api/plans/31").status, 404);
}

TEST_F(ApiTest, CreatesAPlanOrSaysWhyNot) {
  const std::string wanted = R"({"name":"n","strategy":"twap","actor":"me","details":[
      {"market_no":1,"stock_code":"600570","entrust_direction":1,"quantity":100}]})";
  const auto made = ask("POST", "/api/plans", wanted);
  EXPECT_EQ(made.status, 201);
  EXPECT_EQ(json::parse(made.body),
            (json::value{{"plan", 31}, {"site", "A"}, {"business_date", 20260522}}));
  ASSERT_EQ(desk.created.size(), 1U);
  EXPECT_EQ(desk.created[0].actor, "me");

  EXPECT_EQ(ask("POST", "/api/plans", "{").status, 400);
  EXPECT_EQ(ask("POST", "/api/plans", "{}").status, 400);
  EXPECT_EQ(desk.created.size(), 1U);

  desk.refusal = Refusal{"NO_SITE", "no strategy site available: site A is full"};
  const auto refused = ask("POST", "/api/plans", wanted);
  EXPECT_EQ(refused.status, 409);
  EXPECT_EQ(member(refused, "code"), "NO_SITE");
  EXPECT_THAT(member(refused, "detail"), HasSubstr("site A is full"));
}

TEST_F(ApiTest, ChangesOfAPlanTakeANumber) {
  const std::pair<const char*, trading::PlanRequest> verbs[] = {
      {"pause", trading::PlanRequest::kPause},
      {"resume", trading::PlanRequest::kResume},
      {"cancel", trading::PlanRequest::kCancel}};
  for (const auto& [verb, request] : verbs) {
    const auto done =
        ask("POST", std::string{"/api/plans/31/"} + verb, R"({"reason":"the desk asked"})");
    EXPECT_EQ(done.status, 202) << verb;
    EXPECT_EQ(json::parse(done.body), (json::value{{"plan", 31}, {"number", 119}, {"seq", 119}}))
        << verb;
    EXPECT_EQ(desk.changes.back().request, request);
    EXPECT_EQ(desk.changes.back().actor, "http 127.0.0.1:5");
    EXPECT_EQ(desk.changes.back().reason, "the desk asked");
  }
  EXPECT_EQ(ask("POST", "/api/plans/31/modify", R"({"parameters":{"slices":"12"}})").status, 202);
  EXPECT_EQ(desk.changes.back().parameters, (trading::Parameters{{"slices", "12"}}));
  EXPECT_THAT(ask("POST", "/api/plans/31/modify", "{}").body, HasSubstr("'parameters'"));
  EXPECT_EQ(ask("POST", "/api/plans/x/pause").status, 400);
  EXPECT_EQ(ask("GET", "/api/plans/31/pause").status, 405);
  desk.refusal = Refusal{"PLAN_NOT_RUNNING", "plan 31 is completed"};
  EXPECT_EQ(ask("POST", "/api/plans/31/pause").status, 409);
}

TEST_F(ApiTest, DrainsASite) {
  EXPECT_EQ(ask("POST", "/api/sites/A/drain", R"({"reason":"new disk","actor":"me"})").status, 202);
  EXPECT_EQ(desk.drained[0], (std::vector<std::string>{"A", "me", "new disk"}));
  desk.refusal = Refusal{"NO_SUCH_SITE", "no site is named X"};
  EXPECT_EQ(ask("POST", "/api/sites/X/drain").status, 404);
}

TEST_F(ApiTest, ARunIsAnsweredOnceItsOutcomeIsDurable) {
  const auto answer =
      ask_later("POST", "/api/tasks/a/run", R"({"actor":"me","parameters":{"keep":"3"}})");
  EXPECT_FALSE(answer->has_value());
  lanes.run_all();
  ASSERT_TRUE(answer->has_value());
  EXPECT_EQ((*answer)->status, 200);
  EXPECT_EQ(member(**answer, "outcome"), "succeeded");
  EXPECT_EQ(member(**answer, "detail"), "done");
  EXPECT_EQ(parameters, (scheduler::Parameters{{"keep", "3"}}));
  ASSERT_EQ(audited.size(), 1U);
  EXPECT_EQ(audited[0].actor, "me");
  EXPECT_EQ(audited[0].action, "task run");
  EXPECT_EQ(audited[0].object, "task a");

  body = []() -> std::string { throw std::runtime_error("no disk"); };
  const auto failed = ask_later("POST", "/api/tasks/a/run");
  lanes.run_all();
  ASSERT_TRUE(failed->has_value());
  EXPECT_EQ(member(**failed, "outcome"), "failed");
  EXPECT_THAT(member(**failed, "detail"), HasSubstr("no disk"));
}

TEST_F(ApiTest, ARunIsAnsweredOnceThoughTheAuditLogIsBroken) {
  audit_down = true;
  const auto answer = ask_later("POST", "/api/tasks/a/run");
  lanes.run_all();
  ASSERT_TRUE(answer->has_value());
  EXPECT_EQ(member(**answer, "outcome"), "succeeded");
  EXPECT_EQ(ask("POST", "/api/tasks/a/pause", R"({"reason":"flaky"})").status, 200);
}

TEST_F(ApiTest, WhatCannotRunIsRefused) {
  EXPECT_EQ(ask("POST", "/api/tasks/nobody/run").status, 404);
  EXPECT_EQ(ask("POST", "/api/tasks/b/run").status, 409);
  EXPECT_EQ(ask("POST", "/api/tasks/a/run", R"({"parameters":7})").status, 400);
  EXPECT_TRUE(audited.empty());
}

TEST_F(ApiTest, TasksAndRunsAreListed) {
  ask_later("POST", "/api/tasks/a/run");
  lanes.run_all();
  const auto tasks = get("/api/tasks").as_array();
  ASSERT_EQ(tasks.size(), 2U);
  EXPECT_EQ(tasks[0].at("name"), "a");
  EXPECT_EQ(tasks[0].at("schedule"), "every 1m");
  EXPECT_EQ(tasks[0].at("state"), "idle");
  EXPECT_EQ(tasks[0].at("next"), "2026-05-22T09:31:00+08:00");
  EXPECT_EQ(tasks[0].at("last_outcome"), "succeeded");
  EXPECT_EQ(tasks[1].at("state"), "disabled");
  EXPECT_TRUE(tasks[1].at("next").is_null());

  const auto page = get("/api/runs", {{"task", "a"}, {"limit", "5"}});
  const json::array& runs = page.at("runs").as_array();
  ASSERT_EQ(runs.size(), 1U);
  EXPECT_EQ(runs[0].at("task"), "a");
  EXPECT_EQ(runs[0].at("outcome"), "succeeded");
  EXPECT_EQ(runs[0].at("trigger"), "manual");
  EXPECT_EQ(runs[0].at("business_date"), 20260522);
  EXPECT_TRUE(get("/api/runs", {{"task", "b"}}).at("runs").as_array().empty());
  EXPECT_EQ(ask("GET", "/api/runs", {}, {{"task", "nobody"}}).status, 404);
}

TEST_F(ApiTest, PausingNeedsAReasonAndIsAudited) {
  EXPECT_THAT(ask("POST", "/api/tasks/a/pause", "{}").body, HasSubstr("'reason' is missing"));
  EXPECT_EQ(ask("POST", "/api/tasks/a/pause", R"({"reason":"flaky","actor":"me"})").status, 200);
  EXPECT_EQ(get("/api/tasks").at(0).at("state"), "paused");
  EXPECT_EQ(get("/api/tasks").at(0).at("paused").at("reason"), "flaky");
  EXPECT_EQ(ask("POST", "/api/tasks/nobody/pause", R"({"reason":"x"})").status, 404);
  ask("POST", "/api/tasks/a/resume", R"({"reason":"mended"})");
  EXPECT_EQ(get("/api/tasks").at(0).at("state"), "idle");
  ASSERT_EQ(audited.size(), 2U);
  EXPECT_EQ(audited[0].action, "task pause");
  EXPECT_EQ(audited[1].action, "task resume");
  EXPECT_EQ(audited[1].reason, "mended");
}

}  // namespace
}  // namespace systask::service
