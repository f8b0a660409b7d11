#include <gmock/gmock.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "db/database.h"
#include "db/sql_tasks.h"
#include "service/cli/check.h"
#include "service/cli/next.h"
#include "tests/support/scratch_folder.h"

namespace systask::service {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

const TimePoint kCheckedAt = from_rfc3339("2026-05-22T09:30:00+08:00").value();

TEST(NextBatch, AnswersEachLineByOne) {
  std::istringstream in{
      "0 30 9 ? * MON-FRI\tAsia/Shanghai\t2026-05-22T09:30:00+08:00\t2\n"
      "*/5 * * * *\tUTC\t2026-05-22T00:00:00Z\t1\r\n"
      "0 0 0 30 2 ?\tUTC\t2026-05-22T00:00:00Z\t3\n"
      "0 0 0 1 1 ? 2027\tUTC\t2026-05-22T00:00:00Z\t3\n"
      "0 0 0 1 1 ? 2020\tUTC\t2026-05-22T00:00:00Z\t3\n"
      "\n"};
  std::ostringstream out;
  answer_batch(in, out, {});
  EXPECT_EQ(out.str(),
            "2026-05-25T09:30:00+08:00 2026-05-26T09:30:00+08:00\n"
            "2026-05-22T00:05:00Z\n"
            "never\n"
            "2027-01-01T00:00:00Z\n"
            "never\n"
            "error: expected expr, zone, from and count, separated by tabs; found 1 "
            "columns\n");
}

TEST(NextBatch, SaysWhichColumnIsWrong) {
  const std::vector<std::pair<std::string, std::string>> wrong{
      {"61 * * * * ?\tUTC\t2026-05-22T00:00:00Z\t1", "error: '61' is not allowed"},
      {"* * * * * ?\tMars\t2026-05-22T00:00:00Z\t1", "error: there is no time zone 'Mars'"},
      {"* * * * * ?\tUTC\ttoday\t1", "error: 'today' is no time"},
      {"* * * * * ?\tUTC\t2026-05-22T00:00:00Z\t0", "error: '0' is no count"},
      {"* * * * * ?\tUTC\t2026-05-22T00:00:00Z\t1\tmore", "error: there is no time zone"}};
  for (const auto& [line, expected] : wrong)
    EXPECT_THAT(answer_line(line, {}), StartsWith(expected)) << line;
}

TEST(NextBatch, FollowsTheClockChangeItIsTold) {
  const std::string line = "0 30 2 * * ?\tAmerica/New_York\t2026-03-08T00:00:00-05:00\t1";
  EXPECT_EQ(answer_line(line, {}), "2026-03-08T03:00:00-04:00");
  EXPECT_EQ(answer_line(line, {.gap = scheduler::Gap::kShift}), "2026-03-08T03:30:00-04:00");
  EXPECT_EQ(answer_line(line, {.gap = scheduler::Gap::kSkip}), "2026-03-09T02:30:00-04:00");
}

TEST(NextBatch, TakesTabsBetweenTheFieldsAndSpreadsByTheSeed) {
  EXPECT_EQ(answer_line("0\t0  8 * * ?\tUTC\t2026-05-22T00:00:00Z\t1", {}), "2026-05-22T08:00:00Z");
  const std::string line = "H H * * *\tUTC\t2026-05-22T00:00:00Z\t1";
  EXPECT_EQ(answer_line(line, {}, "nightly-report"), "2026-05-22T18:07:00Z");
  EXPECT_NE(answer_line(line, {}), answer_line(line, {}, "nightly-report"));
}

struct Answer {
  int status;
  std::string out;
  std::string err;
};

Answer ask(NextQuestion question) {
  std::ostringstream out;
  std::ostringstream err;
  question.from = from_rfc3339("2026-05-22T00:00:00+08:00").value();
  const int status = answer_next(question, out, err);
  return {status, out.str(), err.str()};
}

TEST(Next, ListsEveryTaskOrTheTimesOfOne) {
  const Answer all = ask({});
  EXPECT_EQ(all.status, 0) << all.err;
  EXPECT_THAT(all.out, HasSubstr("archive-day               2026-05-22T08:00:00+08:00\n"));
  const Answer one = ask({.task = "90002", .count = 2});
  EXPECT_EQ(one.out, "2026-05-22T08:00:00+08:00\n2026-05-25T08:00:00+08:00\n");
  const Answer none = ask({.task = "archive-dya"});
  EXPECT_EQ(none.status, 1);
  EXPECT_THAT(none.err, HasSubstr("has no task 'archive-dya'"));
}

TEST(Next, SaysWhatKeepsAnOccurrenceFromRunning) {
  const auto at = [](const char* time) { return from_rfc3339(time).value(); };
  NextQuestion question{.task = "90002", .count = 2};
  question.holds["archive-day"] = {{at("2026-05-22T08:00:00+08:00"),
                                    at("2026-05-25T08:00:00+08:00"), "held by bob: quarter's end"}};
  EXPECT_EQ(ask(question).out,
            "2026-05-22T08:00:00+08:00  does not run: held by bob: quarter's end\n"
            "2026-05-25T08:00:00+08:00\n");
  question.json = true;
  EXPECT_THAT(ask(question).out, HasSubstr(R"("runs":false,"why":"held by bob: quarter's end"},)"));
  const ScratchFolder folder;
  question = {.config = folder.file("t.yaml"), .task = "b"};
  std::ofstream{question.config} << "tasks:\n  - {id: 1, name: a, run: {exec: [/bin/true]}}\n"
                                    "  - {id: 2, name: b, after: [a], run: {exec: [/bin/true]}}\n";
  question.holds["b"] = {
      {at("2026-05-21T08:00:00+08:00"), scheduler::kNever, "paused by bob: ticket 7"}};
  EXPECT_EQ(ask(question).out, "after a  does not run: paused by bob: ticket 7\n");
}

TEST(Next, LooksBack) {
  EXPECT_EQ(ask({.task = "90002", .back = 2}).out,
            "2026-05-20T08:00:00+08:00\n2026-05-21T08:00:00+08:00\n");
  EXPECT_EQ(ask({.cron = "0 0 8 * * ?", .zone = "Asia/Shanghai", .count = 1, .back = 1}).out,
            "2026-05-21T08:00:00+08:00\n2026-05-22T08:00:00+08:00\n");
  EXPECT_EQ(ask({.cron = "0 0 8 1 1 ? 2030", .back = 1}).out, "never\n");
}

TEST(Next, AnswersOneExpression) {
  const Answer times = ask({.cron = "0 0 8 * * ?", .zone = "Asia/Tokyo", .count = 1});
  EXPECT_EQ(times.out, "2026-05-22T08:00:00+09:00\n");
  EXPECT_EQ(ask({.cron = "0 0 0 31 4 ?"}).out, "never\n");
  EXPECT_EQ(ask({.cron = "0 0 8 * *  nonsense"}).status, 1);
  EXPECT_EQ(ask({.cron = "0 0 8 * * ?", .zone = "Mars"}).status, 1);
}

TEST(Next, WarnsOfWeekdaysInNumbersAndAnswersAllTheSame) {
  std::ostringstream out;
  std::ostringstream err;
  NextQuestion question;
  question.cron = "0 0 9 ? * 1-5";
  question.count = 1;
  question.from = kCheckedAt;  // a Friday
  EXPECT_EQ(answer_next(question, out, err), 0);
  EXPECT_EQ(out.str(), "2026-05-24T09:00:00Z\n");
  EXPECT_THAT(err.str(), HasSubstr("so that 1-5 is SUN-THU; write SUN-THU, or MON-FRI"));
  EXPECT_EQ(answer_line("0 0 9 ? * 1-5\tUTC\t2026-05-22T00:00:00Z\t1", {}), "2026-05-24T09:00:00Z");
}

// The console blocks of docs/schedules.md: a command after "$ systask", and what it prints.
TEST(Next, SaysWhatThePageAboutSchedulesSays) {
  std::ifstream page{"docs/schedules.md"};
  std::string command;
  std::string expected;
  int commands = 0;
  const auto run = [&] {
    if (command.empty()) return;
    CLI::App app;
    int status = -1;
    add_next(app, status);
    ::testing::internal::CaptureStdout();
    app.parse(command);
    EXPECT_EQ(::testing::internal::GetCapturedStdout(), expected) << command;
    EXPECT_EQ(status, 0) << command;
    ++commands;
    command.clear();
  };
  bool inside = false;
  for (std::string line; std::getline(page, line);) {
    if (line == "```console" || line == "```") {
      run();
      inside = line == "```console";
    } else if (inside && line.starts_with("$ systask ")) {
      run();
      command = line.substr(std::string_view{"$ systask "}.size());
      expected.clear();
    } else if (inside) {
      expected += line + "\n";
    }
  }
  EXPECT_EQ(commands, 8);
}

// Its block of YAML: each task at its times on the Thursday and Friday asked about, in its zone.
TEST(Next, TheTasksOfThePageAreDueWhenItSays) {
  const ScratchFolder folder;
  std::ifstream page{"docs/schedules.md"};
  std::ofstream file{folder.file("tasks.yaml")};
  bool inside = false;
  for (std::string line; std::getline(page, line);) {
    if (inside && line == "```") break;
    // What they run is left out on the page.
    const bool task = inside && line.starts_with("  - {id:");
    if (task) line.insert(line.find('}'), ", run: {exec: [/bin/true]}");
    if (inside) file << line << '\n';
    inside = inside || line == "```yaml";
  }
  file.close();
  const auto asked = [&](const char* task) {
    const Answer answer = ask({.config = folder.file("tasks.yaml"), .task = task, .count = 2});
    EXPECT_EQ(answer.status, 0) << answer.err;
    return answer.out;
  };
  EXPECT_EQ(asked("each-second"), "2026-05-22T00:00:01+08:00\n2026-05-22T00:00:02+08:00\n");
  EXPECT_EQ(asked("after-itself"), "30s after its last run\n");
  EXPECT_EQ(asked("opening"), "2026-05-22T09:25:00+08:00\n2026-05-22T14:57:30+08:00\n");
  EXPECT_EQ(asked("migration"), "2099-05-22T09:25:00+08:00\n");
  for (const char* const weekdays : {"weekdays", "weekdays-too"})
    EXPECT_EQ(asked(weekdays), "2026-05-22T09:00:00+08:00\n2026-05-25T09:00:00+08:00\n");
  EXPECT_EQ(asked("midnight"), "2026-05-22T12:00:00+08:00\n2026-05-23T12:00:00+08:00\n");
  EXPECT_EQ(asked("second-friday"), "2026-05-22T17:00:00+08:00\n2026-06-05T17:00:00+08:00\n");
}

TEST(Check, TellsARightFileFromAWrongOne) {
  std::ostringstream out;
  std::ostringstream err;
  EXPECT_EQ(check({.file = "tasks.yaml", .now = kCheckedAt}, out, err), 0);
  EXPECT_THAT(out.str(), StartsWith("tasks.yaml: 24 tasks, 24 of them enabled, in 2 lanes"));
  EXPECT_EQ(err.str(), "");
  EXPECT_EQ(check({.file = "CMakeLists.txt", .now = kCheckedAt}, out, err), 2);
  EXPECT_THAT(err.str(), HasSubstr("nothing starts with this file"));
}

// What is allowed but probably not meant stops nothing, unless one is strict.
TEST(Check, WarnsAndRefusesOnlyWhereItIsStrict) {
  const ScratchFolder folder;
  const std::string file = folder.file("t.yaml");
  std::ofstream{file} << "tasks:\n  - {id: 1, name: a, run: {exec: [/bin/true]}, timeout: 1s,\n"
                         "     cron: \"0 0 9 1 * MON\"}\n";
  const std::string warning = file + ":3:12: tasks.a.cron: '0 0 9 1 * MON' restricts day of month";
  for (const bool strict : {false, true}) {
    std::ostringstream out;
    std::ostringstream err;
    EXPECT_EQ(check({.file = file, .strict = strict, .now = kCheckedAt}, out, err), strict ? 2 : 0);
    EXPECT_THAT(err.str(), HasSubstr(warning));
    EXPECT_THAT(err.str(), HasSubstr("is not meant (a warning)\n"));
    EXPECT_THAT(out.str(), HasSubstr(strict ? "" : "; 1 warning\n"));
    EXPECT_EQ(out.str().empty(), strict);
    EXPECT_THAT(err.str(), HasSubstr(strict ? "1 warning, and with --strict a warning is a" : ""));
  }
}

// What is over when the file is checked: "task: warning", or nothing.
TEST(Check, WarnsOfWhatLiesInThePast) {
  const std::vector<std::pair<std::string, std::string>> cases{
      {"once: 2026-05-22T09:29:59+08:00",
       "tasks.a.once: found '2026-05-22T09:29:59+08:00': its last occurrence, "
       "2026-05-22T01:29:59Z, lies in the past: the task is not due again; name a later time"},
      {"once: 2026-05-22T09:30:00+08:00", "2026-05-22T01:30:00Z, lies in the past"},
      {"once: 2026-05-22T09:30:01+08:00", ""},
      {"once: [2025-01-01T00:00, 2026-01-01T00:00, 2099-01-01T00:00]",
       "found 'a list': 2 of its 3 times, up to 2025-12-31T16:00:00Z, lie in the past; take them"},
      {"cron: \"0 0 9 1 1 ? 2025\"",
       "tasks.a.cron: found '0 0 9 1 1 ? 2025': its last occurrence, 2025-01-01T01:00:00Z, lies"},
      {"cron: \"0 0 9 1 1 ? 2026\"", "2026-01-01T01:00:00Z, lies in the past"},
      {"cron: \"0 0 9 1 1 ? 2025-2027\"", ""},
      {"cron: \"0 0 9 1 1 ? *\"", ""}};
  const ScratchFolder folder;
  const std::string file = folder.file("t.yaml");
  for (const auto& [schedule, warning] : cases) {
    std::ofstream{file} << "tasks:\n  - {id: 1, name: a, run: {exec: [/bin/true]}, timeout: 1s, "
                        << schedule << "}\n";
    std::ostringstream out;
    std::ostringstream err;
    EXPECT_EQ(check({.file = file, .now = kCheckedAt}, out, err), 0) << schedule;
    EXPECT_EQ(err.str().empty(), warning.empty()) << err.str();
    EXPECT_THAT(err.str(), HasSubstr(warning));
  }
}

// The SQL of a task, and what is wrong with it; nothing: it can be prepared.
TEST(Check, PreparesTheSqlOfTasks) {
  const ScratchFolder folder;
  const std::string file = folder.file("t.yaml");
  const std::vector<std::pair<std::string, std::string>> cases{
      {"select count(*) from tstp_systemtask", ""},
      {"{statement: \"delete from tstp_systemtask where 0 and :keep > 1\"}",
       "statement 1: it would change tstp_systemtask"},
      {"{statement: \"delete from tstp_systemtask where 0 and :keep > 1\","
       " allow: {write: tstp_systemtask}}",
       ""},
      {"{statement: select 1, allow: {write: [algojr_tgone]}}",
       "`allow` names the table algojr_tgone, and there is none"},
      {"\"create table mine (a); insert into mine (a) values (1); drop table mine\"", ""},
      {"select amont from tstp_systemtask",
       file + ":2:71: tasks.a.run.sql: statement 1: no such column: amont\n"},
      {"\"select 1; select * from gone\"", "statement 2: no such table: gone"},
      {"\"selec 1\"", "statement 1: near"},
      {"\"select :kept\"", "statement 1 has the parameter :kept, and nothing is given for it"},
      {"\"begin\"", "may not begin or end transactions"},
      {"\"-- nothing\"", "there is no statement in it"},
      {"{statement: \"create table mine (a)\", read_only: true}", "statement 1 writes"},
      {"{statement: select b from theirs, database: \"sqlite3://other.db\"}", "no such column: b"},
      {"{statement: select a from theirs, database: \"sqlite3://other.db\"}", ""},
      {"{statement: select a from tstp_systemtask, database: \"sqlite3://other.db\"}",
       "no such column: a"},
      {"select a from theirs", "no such table: theirs"}};
  {
    const auto other = db::Database::open("sqlite3://" + folder.file("other.db"));
    ASSERT_TRUE(other) << other.error().message;
    const SystemClock clock;
    db::SqlTasks sql{**other, clock};
    sql.run({.text = "create table theirs (a)", .longest = std::chrono::seconds{5}}, {});
  }
  for (const auto& [sql, fault] : cases) {
    std::ofstream{file}
        << "service: {database: \"sqlite3://own.db\"}\ntasks: [{id: 1, name: a, every: "
           "1h, parameters: {keep: 1}, run: {sql: "
        << sql << "}}]\n";
    std::ostringstream out;
    std::ostringstream err;
    EXPECT_EQ(check({.file = file, .now = kCheckedAt}, out, err), fault.empty() ? 0 : 2) << sql;
    EXPECT_THAT(err.str(), HasSubstr(fault)) << sql;
    EXPECT_EQ(err.str().empty(), fault.empty()) << err.str();
  }
  EXPECT_FALSE(std::filesystem::exists(folder.file("own.db")));  // looking makes nothing
  std::ofstream{file} << "tasks: [{id: 1, name: a, every: 1h, run: {sql: {statement: select 1, "
                         "database: \"sqlite3://gone.db\"}}}]\n";
  std::ostringstream out;
  std::ostringstream err;
  EXPECT_EQ(check({.file = file, .now = kCheckedAt}, out, err), 0);
  EXPECT_THAT(err.str(), HasSubstr("gone.db: the SQL is not checked (a warning)"));
}

// Programs of tasks and of alarms, by path and by name.
TEST(Check, WarnsOfProgramsThatAreNotThere) {
  const ScratchFolder folder;
  const std::string file = folder.file("t.yaml");
  std::ofstream{file} << "tasks:\n"
                         "  - {id: 1, name: a, timeout: 1s, every: 1h, run: {exec: [sh]}}\n"
                         "  - {id: 2, name: b, timeout: 1s, every: 1h, run: {exec: [no-such-sh]}}\n"
                         "  - {id: 3, name: c, timeout: 1s, every: 1h, run: {exec: [./none]}}\n"
                         "  - {id: 4, name: d, timeout: 1s, every: 1h, run: {exec: [sh]},\n"
                         "     alarms: {not_run_for: 2h, notify: {exec: [/no/such/mailer]}}}\n";
  std::ostringstream out;
  std::ostringstream err;
  EXPECT_EQ(check({.file = file, .now = kCheckedAt}, out, err), 0);
  EXPECT_THAT(err.str(), HasSubstr(":3:59: tasks.b.run.exec: found 'no-such-sh': there is no such "
                                   "program in PATH; install it"));
  EXPECT_THAT(err.str(), HasSubstr("/none': there is no such program on this machine"));
  EXPECT_THAT(err.str(), HasSubstr("found '/no/such/mailer'"));
  EXPECT_THAT(out.str(), HasSubstr("; 3 warnings"));
}

TEST(CheckAndNext, AreCommandsWithTheirExitStatus) {
  CLI::App app;
  int status = -1;
  add_check(app, status);
  add_next(app, status);
  ::testing::internal::CaptureStdout();
  app.parse("check tasks.yaml");
  EXPECT_EQ(status, 0);
  app.parse("next --cron \"0 0 8 * * ?\" --zone UTC --from 2026-05-22T00:00:00Z --count 1");
  EXPECT_EQ(status, 0);
  EXPECT_THAT(::testing::internal::GetCapturedStdout(), HasSubstr("\n2026-05-22T08:00:00Z\n"));
  EXPECT_THROW(app.parse("next --batch --back 2"), CLI::ParseError);
}

}  // namespace
}  // namespace systask::service
