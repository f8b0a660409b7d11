// What `systask run` and `systask runs` print, from what the service answers.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <algorithm>

#include "tests/unit/service/cli_world.h"

namespace systask::service {
namespace {

namespace json = boost::json;
using testing::HasSubstr;

TEST_F(CliTest, RunsAreFilteredAndFolded) {
  service.answers(200, R"({"runs":[{"run":118,"task":"nightly-report","outcome":"failed",
    "waited_ms":12,"took_ms":305,"detail":"no disk"}],
    "folded":[{"task":"recover-plans","task_id":5180509,"outcome":"succeeded","count":3600,
    "at_least":false,"first":"2026-05-22T09:00:00+08:00","last":"2026-05-22T09:59:59+08:00"}],
    "folded_left_out":7,"next":"1779412200000000-118"})");
  const auto outcome = run_connected({"runs", "--since", "today", "--outcome", "failed,skipped",
                                      "--trigger", "manual", "--order", "started"});
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("nightly-report"));
  EXPECT_THAT(outcome.out,
              testing::ContainsRegex("recover-plans +3600 +succeeded +2026-05-22T09:00:00"
                                     "\\+08:00 +2026-05-22T09:59:59\\+08:00\n"));
  EXPECT_THAT(outcome.out, HasSubstr("and 7 more frequent tasks, whose runs were not counted"));
  EXPECT_THAT(outcome.out, HasSubstr("--after 1779412200000000-118"));
  EXPECT_EQ(service.last().path, "/api/runs");
  EXPECT_EQ(service.last().query, (std::map<std::string, std::string>{{"since", "today"},
                                                                      {"outcome", "failed,skipped"},
                                                                      {"trigger", "manual"},
                                                                      {"order", "started"},
                                                                      {"limit", "20"},
                                                                      {"fold", "true"}}));
  run_connected({"runs", "--task", "watch-*", "--all", "--after", "5-7", "--until", "09:30"});
  EXPECT_EQ(service.last().query["task"], "watch-*");
  EXPECT_EQ(service.last().query["fold"], "false");
  EXPECT_EQ(service.last().query["after"], "5-7");
  EXPECT_EQ(service.last().query["until"], "09:30");
}

TEST_F(CliTest, OneRunIsShownWithWhatItPrinted) {
  service.answers(200, R"({"run":118,"task":"nightly-report","outcome":"failed","detail":"status 3",
    "actor":"cli bob","reason":"see ticket 9","parameters":{"date":"20260521"},
    "attempts":[{"attempt":1,"outcome":"timed_out","detail":"too long"}],
    "output":[{"attempt":1,"bytes":0,"cut":0,"text":""},
              {"attempt":2,"bytes":90000,"cut":24464,"text":"one\ntwo\n"}]})");
  const auto outcome = run_connected({"runs", "118"});
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_EQ(service.last().path, "/api/runs/118");
  for (const char* const part : {"reason:", "see ticket 9", "date=20260521", "timed_out",
                                 "attempt 2 printed 90000 bytes, 24464 of them cut:\none\ntwo\n"})
    EXPECT_THAT(outcome.out, HasSubstr(part));
}

TEST_F(CliTest, ARunSucceedsOnlyIfItsOutcomeDoes) {
  service.answers(200, R"({"run":17,"state":"ended","outcome":"succeeded",
                           "detail":"12 rows archived"})");
  auto outcome = run_connected({"run", "clear-message-cache", "--parameter", "keep_days=30"});
  EXPECT_EQ(outcome.status, 0);
  EXPECT_EQ(outcome.out, "clear-message-cache: succeeded: 12 rows archived (run 17)\n");
  EXPECT_EQ(service.last().path, "/api/tasks/clear-message-cache/run");
  EXPECT_EQ(last_body().at("parameters"), (json::value{{"keep_days", "30"}}));
  std::string printed;
  for (int line = 1; line <= 30; ++line)
    printed += fmt::format("line {}\\n", line);
  service.answers(200, fmt::format(R"({{"run":18,"state":"ended","outcome":"failed",
      "detail":"no disk","output":[{{"attempt":1,"bytes":9,"cut":0,"text":"{}"}}]}})",
                                   printed));
  outcome = run_connected({"run", "backup-database"});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_EQ(service.last().path, "/api/runs/18");
  EXPECT_THAT(outcome.err, testing::StartsWith("it printed, at its end:\n  line 11\n"));
  EXPECT_THAT(outcome.err, testing::EndsWith("\n  line 30\n"));
  EXPECT_EQ(run_connected({"run", "backup-database", "--json"}).status, 1);
}

// The wait ends, the run does not; and who does not wait is told where the run is.
TEST_F(CliTest, ARunThatWaitsSaysForWhat) {
  service.answers(202, R"j({"run":19,"state":"waits","outcome":"waits",
      "detail":"for lane 2, which is paused by bob (disk)"})j");
  auto outcome = run_connected({"run", "nightly-report", "--timeout", "0.2"});
  EXPECT_EQ(outcome.status, 3);
  EXPECT_THAT(
      outcome.err,
      HasSubstr("nightly-report: run 19 waits for lane 2, which is paused by bob (disk)\n"));
  EXPECT_THAT(outcome.err, HasSubstr("run 19 of nightly-report has not ended after 0.2 s: it waits "
                                     "for lane 2, which is paused by bob (disk). It goes on"));
  EXPECT_THAT(outcome.err, HasSubstr("`systask runs 19`"));

  outcome = run_connected({"run", "nightly-report", "--no-wait"});
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_EQ(last_body().at("wait_ms"), 0);
  EXPECT_THAT(outcome.out, HasSubstr("run 19 waits for lane 2, which is paused by bob (disk); "
                                     "`systask runs 19`"));
  EXPECT_EQ(run_connected({"run", "nightly-report", "--no-wait", "--wait"}).status, 2);
}

TEST(RunOutput, TheEndIsShownAndLinesStay) {
  EXPECT_EQ(output_end(""), "");
  EXPECT_EQ(output_end("\n\n"), "");
  EXPECT_EQ(output_end("one\n\nthree\n"), "it printed:\n  one\n  \n  three\n");
  std::string twenty;
  for (int line = 1; line <= 20; ++line)
    twenty += "line\n";
  EXPECT_TRUE(output_end(twenty).starts_with("it printed:\n  line\n"));
  const std::string end = output_end("first\n" + twenty);
  EXPECT_TRUE(end.starts_with("it printed, at its end:\n  line\n")) << end;
  EXPECT_EQ(std::count(end.begin(), end.end(), '\n'), 21);
}

TEST(RunOutput, ARunThatPrintedNothingSaysSo) {
  const auto run =
      boost::json::parse(R"({"run":7,"task":"a","outcome":"succeeded","attempts":[],"output":[]})");
  EXPECT_NE(run_lines(run.as_object()).find("\nit printed nothing\n"), std::string::npos);
}

}  // namespace
}  // namespace systask::service
