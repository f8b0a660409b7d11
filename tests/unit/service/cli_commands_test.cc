// The commands against a server that answers what the test says, over a real socket.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "tests/support/scratch_folder.h"
#include "tests/unit/service/cli_world.h"

namespace systask::service {
namespace {

namespace json = boost::json;
using testing::HasSubstr;

TEST_F(CliTest, ListsPrintATable) {
  service.answers(200, R"([{"id":5180509,"name":"recover-plans","state":"idle"}])");
  const auto outcome = run_connected({"tasks"});
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("5180509  recover-plans"));
  EXPECT_EQ(service.last().method, "GET");
  EXPECT_EQ(service.last().path, "/api/tasks");
}

TEST_F(CliTest, EachNounAsksForItsOwnRows) {
  service.answers(200, "[]");
  for (const char* noun : {"tasks", "groups", "lanes", "holds", "alarms", "backfills", "plans",
                           "sites", "orders", "cache", "quarantine", "recoveries", "audit"}) {
    const auto outcome = run_connected({noun});
    EXPECT_EQ(outcome.status, 0) << noun << outcome.err;
    EXPECT_EQ(outcome.out, "(nothing to show)\n") << noun;
    EXPECT_EQ(service.last().path, std::string{"/api/"} + noun);
  }
  run_connected({"orders", "--plan", "31", "--limit", "7"});
  EXPECT_EQ(service.last().query,
            (std::map<std::string, std::string>{{"plan", "31"}, {"limit", "7"}}));
}

TEST_F(CliTest, RecoveriesAreShownInMilliseconds) {
  service.answers(200, R"([{"plan":31,"attempt":1,"noticed_at":"2026-05-22T09:30:00+08:00",
    "from_site":"A","to_site":"B","phase":"recovered","why":"connection closed",
    "outcome":"recovered","replayed":7,"notice_us":204000,"choose_us":310,"rebuild_us":1000,
    "claim_us":2000,"replay_us":3000,"finish_us":4000,"all_us":214310}])");
  const auto rows = run_connected({"recoveries", "--plan", "31", "--open", "--limit", "5"});
  EXPECT_EQ(rows.status, 0) << rows.err;
  EXPECT_THAT(rows.out, HasSubstr("204.0"));
  EXPECT_THAT(rows.out, HasSubstr("214.3"));
  EXPECT_EQ(service.last().query,
            (std::map<std::string, std::string>{{"plan", "31"}, {"open", "true"}, {"limit", "5"}}));
  service.answers(200, R"({"recovered":2,"failed":1,"open":0,"phases":[{"phase":"all","count":2,
    "p50_us":214310,"p90_us":300000,"p99_us":300000,"max_us":300000}]})");
  const auto times = run_connected({"recoveries", "--times", "--since", "09:00"});
  EXPECT_THAT(times.out, HasSubstr("2 recovered, 1 attempts failed, 0 under way"));
  EXPECT_THAT(times.out, HasSubstr("214.3"));
  EXPECT_EQ(service.last().path, "/api/recoveries/times");
  EXPECT_EQ(service.last().query["since"], "09:00");
}

TEST_F(CliTest, WideShowsAllColumnsAndUtcTheTimesInUtc) {
  service.answers(200, R"([{"name":"A","state":"live","session":7,
                            "logged_in_at":"2026-05-22T09:30:00+08:00"}])");
  EXPECT_THAT(run_connected({"sites"}).out, testing::Not(HasSubstr("session")));
  const auto wide = run_connected({"sites", "-o", "wide", "--utc"});
  EXPECT_EQ(wide.status, 0) << wide.err;
  EXPECT_THAT(wide.out, HasSubstr("session"));
  EXPECT_THAT(wide.out, HasSubstr("2026-05-22T01:30:00Z"));
  EXPECT_THAT(run_connected({"sites", "-o", "json"}).out, testing::StartsWith("[{\"name\""));
  EXPECT_EQ(run_connected({"sites", "-o", "yaml"}).status, 2);
}

TEST_F(CliTest, PlansAndOrdersShowStatesWithTheirNames) {
  service.answers(200, R"([{"plan":31,"status":"2","status_name":"running"}])");
  EXPECT_THAT(run_connected({"plans"}).out, HasSubstr("running (2)"));
  service.answers(200, R"([{"order":1,"state":"6","state_name":"partly filled","side":1,
                            "side_name":"buy"}])");
  const auto orders = run_connected({"orders"});
  EXPECT_THAT(orders.out, HasSubstr("partly filled (6)"));
  EXPECT_THAT(orders.out, HasSubstr("buy (1)"));
}

TEST_F(CliTest, JsonIsPrintedAsItCame) {
  service.answers(200, R"([{"plan":31,"name":"方案"}])");
  EXPECT_EQ(run_connected({"plans", "--json"}).out, "[{\"plan\":31,\"name\":\"方案\"}]\n");
}

TEST_F(CliTest, OnePlanAndTheStatusAreShownInFull) {
  service.answers(200, R"({"plan":31,"status":"2","details":[{"market_no":1}]})");
  EXPECT_THAT(run_connected({"plans", "31"}).out, HasSubstr("plan:    31\nstatus:  2\n"));
  EXPECT_EQ(service.last().path, "/api/plans/31");
  service.answers(200, R"({"version":"0.1.0","intake":{"applied":7}})");
  EXPECT_THAT(run_connected({"status"}).out, HasSubstr("intake:   applied=7\n"));
}

constexpr const char* kTroubled = R"({"version":"0.1.0","ready":false,
  "not_ready":"the last tick failed: database is locked","failing":1,"late":2,"stopped":1,
  "troubles":[
  {"state":"failing","on":"task","name":"report","run":118,"since":"2026-05-22T16:00:03+08:00",
   "says":"run 118 failed: \u001b[31mno such column","next":"systask runs 118"},
  {"state":"stopped","on":"lane","name":"2","run":null,"since":"2026-05-22T16:00:00+08:00",
   "until":"tomorrow","says":"paused by bob: broken feed",
   "next":"systask lane resume 2 --reason WHY"}],"queue":0})";

TEST_F(CliTest, StatusBeginsWithWhatIsWrongAndWhatToDoNext) {
  service.answers(200, kTroubled);
  const auto outcome = run_connected({"status"});
  EXPECT_EQ(outcome.status, 0);
  EXPECT_THAT(outcome.out,
              testing::StartsWith("NOT READY the last tick failed: database is locked\n"));
  EXPECT_THAT(outcome.out, HasSubstr("failing  task report: run 118 failed: ?[31mno such column\n"
                                     "         since 2026-05-22T16:00:03+08:00; next: systask "
                                     "runs 118\n"
                                     "stopped  lane 2: paused by bob: broken feed\n"
                                     "         since 2026-05-22T16:00:00+08:00, until tomorrow; "
                                     "next: systask lane resume 2 --reason WHY\n"
                                     "         and 2 more: systask runs --outcome failed\n"
                                     "1 failing, 2 late, 1 stopped\n"));
  EXPECT_THAT(outcome.out, HasSubstr("queue:    0\n"));
  EXPECT_THAT(outcome.out, testing::Not(HasSubstr("troubles")));
}

TEST_F(CliTest, StatusForAMonitorSaysItByItsExitStatus) {
  service.answers(200, kTroubled);
  auto outcome = run_connected({"status", "--check"});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(outcome.out, testing::Not(HasSubstr("queue")));
  outcome = run_connected({"status", "--check", "--json"});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_EQ(json::parse(outcome.out).at("failing"), 1);
  service.answers(200, R"({"ready":true,"failing":0,"late":0,"stopped":0,"troubles":[]})");
  outcome = run_connected({"status", "--check"});
  EXPECT_EQ(outcome.status, 0);
  EXPECT_EQ(outcome.out, "all is well: nothing is failing, late or stopped\n");
  service.answers(200, R"({"ready":true,"failing":0,"late":0,"stopped":1,"troubles":[]})");
  EXPECT_EQ(run_connected({"status", "--check"}).status, 1);
  service.answers(200, R"({"ready":false,"failing":0,"late":0,"stopped":0,"troubles":[]})");
  EXPECT_EQ(run_connected({"status", "--check"}).status, 1);
  service.answers(503, R"({"detail":"no"})");
  EXPECT_EQ(run_connected({"status", "--check"}).status, 2);
  std::string closed;
  {
    const ScriptedService gone;
    closed = gone.address();
  }
  outcome = run({"status", "--check", "--connect", closed});
  EXPECT_EQ(outcome.status, 2);
  EXPECT_THAT(outcome.err, HasSubstr("no service answers at " + closed));
}

TEST_F(CliTest, APlanIsCreated) {
  service.answers(201, R"({"plan":31,"site":"A"})");
  const auto outcome =
      run_connected({"plan", "create", "--strategy", "twap", "--security", "600570", "--market",
                     "1", "--side", "sell", "--quantity", "10000", "--parameter",
                     "window_seconds=60", "--parameter", "slices=6", "--name", "X", "--no-wait"});
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("plan 31 was created and given to site A"));
  EXPECT_EQ(service.last().method, "POST");
  EXPECT_EQ(service.last().path, "/api/plans");
  const auto body = last_body().as_object();
  EXPECT_EQ(body.at("name"), "X");
  EXPECT_EQ(body.at("parameters"), (json::value{{"slices", "6"}, {"window_seconds", "60"}}));
  EXPECT_EQ(body.at("details"), json::parse(R"([{"market_no":1,"stock_code":"600570",
      "entrust_direction":2,"quantity":10000}])"));
}

TEST_F(CliTest, APlanThatFailsAtOnceIsToldWithItsReason) {
  const std::vector<std::string> create{"plan",       "create", "--strategy", "twap",
                                        "--security", "600570", "--quantity", "1"};
  service.answers(201, R"({"plan":31,"site":"A","status":"c","reason":"no price"})");
  auto outcome = run_connected(create);
  EXPECT_EQ(outcome.status, 1);
  EXPECT_EQ(outcome.out, "");
  EXPECT_EQ(outcome.err,
            "systask plan create: plan 31 was created and failed on site A: no price; look at it "
            "with `systask plans 31`\n");
  EXPECT_EQ(service.last().path, "/api/plans/31");
  auto with = [&](const char* option) {
    std::vector<std::string> words = create;
    words.emplace_back(option);
    return run_connected(words);
  };
  outcome = with("--json");
  EXPECT_EQ(outcome.status, 1);
  EXPECT_EQ(json::parse(outcome.out).at("reason"), "no price");
  outcome = with("--no-wait");
  EXPECT_EQ(outcome.status, 0);
  EXPECT_EQ(service.last().path, "/api/plans");
  EXPECT_THAT(outcome.out, HasSubstr("plan 31 was created and given to site A;"));
  service.answers(201, R"({"plan":31,"site":"A","status":"2","reason":null})");
  EXPECT_THAT(run_connected(create).out, HasSubstr("plan 31 was created and runs on site A;"));
}

TEST_F(CliTest, DetailsRepeatAndANameIsMadeUp) {
  service.answers(201, R"({"plan":31,"site":"A"})");
  const auto outcome =
      run_connected({"plan", "create", "--strategy", "follow", "--detail", "1:600570:buy:100",
                     "--detail", "2:000001:sell:0", "--no-wait"});
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_EQ(last_body().at("details").as_array().size(), 2U);
  EXPECT_EQ(last_body().at("details").at(1).at("market_no"), 2);
  EXPECT_EQ(last_body().at("name"), "follow 600570");
}

TEST_F(CliTest, PlansAreChanged) {
  service.answers(202, R"({"plan":31,"seq":119})");
  for (const char* verb : {"pause", "resume", "cancel"}) {
    EXPECT_THAT(run_connected({"plan", verb, "31"}).out, HasSubstr("number 119")) << verb;
    EXPECT_EQ(service.last().path, std::string{"/api/plans/31/"} + verb);
  }
  EXPECT_FALSE(last_body().as_object().contains("reason"));
  run_connected({"plan", "cancel", "31", "--reason", "the desk asked for it"});
  EXPECT_EQ(last_body().at("reason"), "the desk asked for it");
  EXPECT_EQ(run_connected({"plan", "modify", "31", "--parameter", "slices=12"}).status, 0);
  EXPECT_EQ(last_body().at("parameters"), (json::value{{"slices", "12"}}));
}

TEST_F(CliTest, AStandaloneRunIsTheHooks) {
  EXPECT_EQ(run({"run", "a", "--standalone"}).status, 2);
  StandaloneRun seen;
  standalone = [&seen](const StandaloneRun& given) {
    seen = given;
    return 7;
  };
  EXPECT_EQ(run({"run", "a", "--standalone", "--config", "x.yaml", "--parameter", "k=v"}).status,
            7);
  EXPECT_EQ(seen.task, "a");
  EXPECT_EQ(seen.config, "x.yaml");
  EXPECT_EQ(seen.parameters.at("k"), "v");
}

TEST_F(CliTest, TasksArePausedWithAReason) {
  service.answers(200, "{}");
  EXPECT_EQ(run_connected({"task", "pause", "a", "--reason", "flaky"}).out, "task a was paused\n");
  EXPECT_EQ(service.last().path, "/api/tasks/a/pause");
  EXPECT_EQ(last_body().at("reason"), "flaky");
  EXPECT_EQ(run_connected({"task", "resume", "a", "--reason", "mended"}).out,
            "task a was resumed\n");
  EXPECT_EQ(run_connected({"task", "pause", "a"}).status, 2);
}

TEST_F(CliTest, AnOperatorDecidesAboutAQuarantinedMessage) {
  service.answers(200, R"({"outcome":"applied","plan":31,"number":118,"released":true})");
  const auto on = [this](std::vector<std::string> words) {
    words.insert(words.end(), {"--connect", service.address()});
    return run(words);
  };
  EXPECT_EQ(on({"quarantine", "apply", "7", "--reason", "right"}).out,
            "message 7 was applied, of plan 31; the plan goes on\n");
  EXPECT_EQ(service.last().path, "/api/quarantine/7/apply");
  EXPECT_EQ(last_body().at("reason"), "right");
  on({"quarantine", "edit", "7", "--reason", "r", "--body", R"({"deal_amount":9})"});
  EXPECT_EQ(last_body().at("body").at("deal_amount"), 9);
  EXPECT_EQ(on({"quarantine", "edit", "7", "--reason", "r", "--body", "9"}).status, 1);
  EXPECT_EQ(on({"quarantine", "skip", "7"}).status, 2) << "without a reason";
  on({"quarantine", "release", "31", "--reason", "r"});
  EXPECT_EQ(service.last().path, "/api/plans/31/release");
  service.answers(200, R"({"no":7,"reason":"too much"})");
  EXPECT_THAT(on({"quarantine", "show", "7"}).out, HasSubstr("too much"));
  service.answers(200, "[]");
  EXPECT_EQ(on({"quarantine", "list", "--limit", "3"}).out, "(nothing to show)\n");
  EXPECT_EQ(service.last().query["limit"], "3");
  service.answers_at("/api/plans", R"([{"plan":31,"quarantine_reason":"digests differ"}])");
  const auto held = on({"quarantine"}).out;
  EXPECT_THAT(held, HasSubstr("quarantine release PLAN"));
  EXPECT_THAT(held, HasSubstr("digests differ"));
  EXPECT_EQ(on({"quarantine", "--json"}).out, "[]\n") << "messages only";
  EXPECT_THAT(on({"plans", "--quarantined"}).out, HasSubstr("digests differ"));
  EXPECT_EQ(service.last().query["quarantined"], "true");
}

TEST_F(CliTest, APlanIsExplainedAndMoved) {
  service.answers(200, R"({"plan":31,"site":"A","state":"running",)"
                       R"("sites":[{"site":"B","answer":"full, with 500 plans"}]})");
  const auto explained = run_connected({"plans", "--explain", "31"});
  EXPECT_THAT(explained.out, HasSubstr("plan 31: running"));
  EXPECT_THAT(explained.out, HasSubstr("full, with 500 plans"));
  EXPECT_EQ(service.last().path, "/api/plans/31/explain");
  service.answers(202, R"({"plan":31})");
  EXPECT_THAT(run({"site", "move", "31", "--to", "B", "--connect", service.address()}).out,
              HasSubstr("plan 31 moves to site B"));
  EXPECT_EQ(service.last().path, "/api/plans/31/move");
  EXPECT_EQ(last_body().at("to"), "B");
}

TEST_F(CliTest, EachChangeHasItsRoute) {
  service.answers(200, R"({"hold":3,"threads":4,"steps":2,"cancelled":[7],"backfill":1})");
  const std::vector<std::pair<std::vector<std::string>, std::string>> changes{
      {{"task", "hold", "a", "--to", "12:00"}, "/api/tasks/a/hold"},
      {{"task", "cancel", "a"}, "/api/tasks/a/cancel"},
      {{"task", "skip", "a", "--business-date", "20260522"}, "/api/tasks/a/skip"},
      {{"task", "backfill", "a", "--from", "2026-05-18"}, "/api/tasks/a/backfill"},
      {{"group", "pause", "g"}, "/api/groups/g/pause"},
      {{"group", "continue", "g"}, "/api/groups/g/continue"},
      {{"group", "run", "g"}, "/api/groups/g/run"},
      {{"lane", "resize", "2", "--threads", "4"}, "/api/lanes/2/resize"},
      {{"lane", "resume", "2"}, "/api/lanes/2/resume"},
      {{"hold", "lift", "3"}, "/api/holds/3/lift"},
      {{"backfill", "cancel", "1"}, "/api/backfills/1/cancel"},
      {{"cancel", "17"}, "/api/runs/17/cancel"}};
  for (auto [words, path] : changes) {
    EXPECT_EQ(run_connected(words).status, 2) << path << ": without a reason";
    words.insert(words.end(), {"--reason", "x"});
    const auto outcome = run_connected(words);
    EXPECT_EQ(outcome.status, 0) << path << outcome.err;
    EXPECT_EQ(service.last().path, path);
    EXPECT_EQ(last_body().at("reason"), "x");
  }
}

TEST_F(CliTest, GroupsShowEachStepAndHowToGoOn) {
  service.answers(200, R"([{"group":"day","held":null,"steps":[
    {"task":"a","state":"failed","says":"failed at 08:00 (run 7): no disk","to_do":"mend it"},
    {"task":"b","state":"waits","says":"waits for 'a', which failed","to_do":"mend it"}]},
    {"group":"night","held":"paused by bob: why","steps":[
    {"task":"c","state":"paused","says":"paused by bob: why","to_do":""}]}])");
  const auto all = run_connected({"groups"});
  EXPECT_EQ(all.status, 0) << all.err;
  EXPECT_THAT(all.out, HasSubstr("waits for 'a', which failed"));
  EXPECT_THAT(all.out, HasSubstr("group day: mend it\ngroup night: paused by bob: why\n"));
  const auto one = run_connected({"groups", "night"});
  EXPECT_EQ(one.out.find("no disk"), std::string::npos) << one.out;
  EXPECT_EQ(run_connected({"groups", "none"}).status, 1);
}

TEST_F(CliTest, ABackfillIsWaitedForAndItsStateIsTheExitStatus) {
  const auto answer = [&](const char* state) {
    service.answers(200, fmt::format(R"({{"backfill":3,"on":"task","name":"a","state":"{}",
      "runs":2,"succeeded":1,"actor":"bob","reason":"x","outcomes":[{{"business_date":20260518,
      "outcome":"failed","done":1,"steps":1,"run":7,"task":"a","detail":"no disk"}}]}})",
                                     state));
  };
  const std::vector<std::string> words{"task",     "backfill", "a", "--from",
                                       "20260518", "--reason", "x", "--wait"};
  answer("failed");
  const auto failed = run_connected(words);
  EXPECT_EQ(failed.status, 1);
  EXPECT_THAT(failed.out, HasSubstr("1 of 2 runs succeeded"));
  EXPECT_THAT(failed.out, HasSubstr("no disk"));
  EXPECT_EQ(service.last().path, "/api/backfills/3");
  EXPECT_EQ(service.last().query["wait"], "true");
  answer("succeeded");
  EXPECT_EQ(run_connected(words).status, 0);
  EXPECT_EQ(run_connected({"group", "run", "g", "--reason", "x", "--wait"}).status, 0);
  EXPECT_THAT(run_connected({"backfills", "3"}).out, HasSubstr("20260518"));
}

TEST_F(CliTest, ARunIsMadeOnceMore) {
  service.answers(200, R"({"run":18,"task":"a","business_date":20260522,"state":"ended",
    "outcome":"succeeded","detail":"done"})");
  const auto good = run_connected({"rerun", "17", "--reason", "the feed is back"});
  EXPECT_EQ(good.status, 0) << good.err;
  EXPECT_THAT(good.out, HasSubstr("a: succeeded: done (run 18)"));
  EXPECT_EQ(service.last().path, "/api/runs/17/rerun");
  EXPECT_EQ(last_body().at("reason"), "the feed is back");
  EXPECT_EQ(last_body().at("wait_ms"), 1'000);
  service.answers(200, R"({"run":18,"task":"a","business_date":20260522,"state":"ended",
    "outcome":"failed","detail":"no disk","output":[]})");
  EXPECT_EQ(run_connected({"rerun", "17"}).status, 1);
  service.answers(202, R"({"run":19,"task":"a","state":"waits","outcome":"waits",
    "detail":"for lane 2, which is paused"})");
  EXPECT_EQ(run_connected({"rerun", "17", "--timeout", "0.05"}).status, 3);
  EXPECT_EQ(run_connected({"rerun", "17", "--no-wait"}).status, 0);
  EXPECT_EQ(last_body().at("wait_ms"), 0);
}

TEST_F(CliTest, WhyPrintsTheAnswerAndItsRow) {
  service.answers(200, R"({"answer":"a ran.","run":{"run":7,"outcome":"failed"},"attempts":[]})");
  const auto outcome = run_connected({"why", "a", "--at", "yesterday 08:30"});
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("a ran."));
  EXPECT_THAT(outcome.out, HasSubstr("failed"));
  EXPECT_EQ(service.last().path, "/api/tasks/a/why");
  EXPECT_EQ(service.last().query["at"], "yesterday 08:30");
}

TEST_F(CliTest, ASiteIsDrainedWithAndWithoutTheCommandThatIsASite) {
  service.answers(202, R"({"site":"A","draining":true})");
  const std::vector<std::string> words{"site",      "drain",          "A", "--reason", "new disk",
                                       "--connect", service.address()};
  EXPECT_THAT(run(words).out, HasSubstr("site A gets no new plans"));
  EXPECT_EQ(service.last().path, "/api/sites/A/drain");

  const auto run_beside = [this](const std::vector<std::string>& line, std::string& ran) {
    CLI::App app{"systask"};
    int status = 0;
    std::string name;
    auto* const site = app.add_subcommand("site", "a site");
    site->add_option("--name", name)->required();
    site->callback([&] { ran = name; });
    return run(line, app, status);
  };
  std::string ran;
  EXPECT_EQ(run_beside(words, ran).status, 0);
  EXPECT_EQ(ran, "");
  EXPECT_EQ(run_beside({"site", "--name", "A"}, ran).status, 0);
  EXPECT_EQ(ran, "A");
  EXPECT_EQ(run_beside({"site"}, ran).status, 2);
}

TEST_F(CliTest, RefusalsAreSentencesOnStandardError) {
  service.answers(409, R"({"status":409,"code":"NO_SITE",
                           "detail":"no strategy site available: site A is full"})");
  const auto outcome = run_connected(
      {"plan", "create", "--strategy", "twap", "--security", "600570", "--quantity", "1"});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_EQ(outcome.out, "");
  EXPECT_EQ(outcome.err, "systask plan create: no strategy site available: site A is full\n");
}

TEST_F(CliTest, NobodyThereSaysWhatToDo) {
  std::string closed;
  {
    const ScriptedService gone;
    closed = gone.address();
  }
  const auto outcome = run({"status", "--connect", closed});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(outcome.err, HasSubstr("no service answers at " + closed +
                                     ": start one with `systask serve`, or name another with "
                                     "--connect"));
  EXPECT_THAT(run({"status", "--connect", "nonsense"}).err, HasSubstr("give HOST:PORT"));
  service.answers(200, "<html>");
  EXPECT_THAT(run_connected({"status"}).err, HasSubstr("no systask service"));
}

TEST_F(CliTest, TheTokenComesFromAFile) {
  const ScratchFolder folder;
  const std::string path = folder.file("token");
  std::ofstream{path} << "secret\nmore\n";
  service.answers(200, "[]");
  EXPECT_EQ(run_connected({"plans", "--token-file", path}).status, 0);
  EXPECT_EQ(service.last().bearer, "secret");
  std::filesystem::remove(path);
  EXPECT_THAT(run_connected({"plans", "--token-file", path}).err,
              HasSubstr("no token can be read"));
  service.answers(401, R"({"detail":"this service asks for a token"})");
  const auto refused = run_connected({"plans"});
  EXPECT_EQ(refused.status, 1);
  EXPECT_THAT(refused.err, HasSubstr("--token-file"));
}

TEST_F(CliTest, TheServiceMayBeNamedByTheEnvironment) {
  service.answers(200, "[]");
  ::setenv("SYSTASK_CONNECT", service.address().c_str(), 1);
  const auto outcome = run({"sites"});
  ::unsetenv("SYSTASK_CONNECT");
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_EQ(service.last().path, "/api/sites");
}

TEST_F(CliTest, AWrongCommandLineIs2AndHelpIs0) {
  const std::vector<std::vector<std::string>> wrong{
      {"plan"},
      {"plan", "create"},
      {"plan", "create", "--strategy", "twap"},
      {"plan", "create", "--strategy", "twap", "--detail", "1:600570:hold:1"},
      {"plan", "create", "--strategy", "twap", "--quantity", "1"},
      {"plan", "create", "--strategy", "twap", "--security", "x", "--parameter", "slices"},
      {"plan", "pause", "x"},
      {"plan", "modify", "31"},
      {"run"},
      {"orders", "--limit", "0"},
      {"tasks", "--nonsense"}};
  for (const auto& words : wrong) {
    const auto outcome = run(words);
    EXPECT_EQ(outcome.status, 2) << testing::PrintToString(words) << outcome.out;
    EXPECT_NE(outcome.err, "") << testing::PrintToString(words);
  }
  for (const char* command :
       {"tasks", "runs", "groups", "lanes", "holds", "alarms", "backfills", "plans", "sites",
        "orders", "cache", "quarantine", "recoveries", "audit", "status", "run"}) {
    const auto outcome = run({command, "--help"});
    EXPECT_EQ(outcome.status, 0) << command;
    EXPECT_THAT(outcome.out, HasSubstr("Examples:")) << command;
  }
  EXPECT_THAT(run({"plan", "create", "--help"}).out, HasSubstr("--detail 1:600570:buy:100"));
}

}  // namespace
}  // namespace systask::service
