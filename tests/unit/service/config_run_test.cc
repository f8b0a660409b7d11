// The key `run`: what is read of each kind, and every mistake in it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "service/config/config.h"
#include "tests/support/scratch_folder.h"

namespace systask::service {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

ConfigResult read_run_of(const std::string& run, const std::string& directory = "") {
  return read_config(
      "tasks:\n  - {id: 1, name: t, timeout: 1m, parameters: {n: 5}, run: " + run + "}\n",
      directory + "tasks.yaml", {});
}

TEST(RunConfig, ReadsEachKindShortAndLong) {
  const auto exec = read_run_of("{exec: [sh, -c, 'echo {n} {run_id}']}");
  ASSERT_FALSE(exec.has_error()) << to_text(exec.error());
  EXPECT_EQ(exec->tasks.at(0).body, "exec");
  EXPECT_EQ(exec->tasks.at(0).own_body, nullptr);  // the composition root makes it
  const auto& program = std::get<tasks::Exec>(exec->works.at("t"));
  EXPECT_EQ(program.arguments.at(2).text(), "echo {n} {run_id}");
  EXPECT_EQ(program.output_bytes, 65'536U);

  const auto full = read_run_of(
      "{exec: {arguments: [bin/a], environment: {A: '{task}'}, directory: d, output_bytes: 10,"
      " expect: [0, 24]}}",
      "/etc/systask/");
  const auto& long_one = std::get<tasks::Exec>(full->works.at("t"));
  EXPECT_EQ(long_one.arguments.at(0).text(), "/etc/systask/bin/a");
  EXPECT_EQ(long_one.directory, "/etc/systask/d");
  EXPECT_EQ(long_one.environment.at("A").text(), "{task}");
  EXPECT_EQ(long_one.expected, (std::set<int>{0, 24}));
  EXPECT_THAT(full->warnings.at(0).says, HasSubstr("there is no such program"));

  const auto sql = read_run_of(
      "{sql: {statement: select 1, database: 'sqlite3://a.db',"
      " read_only: true, longest: 2s}}");
  const auto& statement = std::get<tasks::Sql>(sql->works.at("t"));
  EXPECT_EQ(statement, (tasks::Sql{"select 1", "a.db", true, 2s}));
  EXPECT_EQ(std::get<tasks::Sql>(read_run_of("{sql: select 1}")->works.at("t")).longest, 250ms);

  const auto writes =
      read_run_of("{sql: {statement: select 1, allow: {write: [tstp_b, Algojr_a]}}}");
  EXPECT_EQ(std::get<tasks::Sql>(writes->works.at("t")).may_write,
            (std::vector<std::string>{"algojr_a", "tstp_b"}));
  const auto reads = read_run_of("{sql: {statement: select 1, allow: read}}");
  EXPECT_TRUE(std::get<tasks::Sql>(reads->works.at("t")).may_write.empty());

  const auto http = read_run_of(
      "{http: {method: PUT, url: 'http://a/{n}', headers: {X: '{n}'},"
      " body: b, expect: [200, 300-399], timeout: 3s}}");
  const auto& request = std::get<tasks::Http>(http->works.at("t"));
  EXPECT_EQ(request.method, "PUT");
  EXPECT_EQ(request.url.text(), "http://a/{n}");
  EXPECT_EQ(request.timeout, 3s);
  EXPECT_EQ(request.expected, (std::vector<tasks::StatusRange>{{200, 200}, {300, 399}}));

  const auto publish = read_run_of(R"({publish: {topic: "a.{n}", body: '{"x":{"y":{n}}}'}})");
  EXPECT_EQ(std::get<tasks::Publish>(publish->works.at("t")).topic.text(), "a.{n}");
}

TEST(RunConfig, ReadsAFileOfSql) {
  const ScratchFolder folder;
  std::ofstream{folder.file("a.sql")} << "delete from a;\ndelete from b;\n";
  const auto config = read_run_of("{sql: {file: a.sql}}", folder.file(""));
  ASSERT_FALSE(config.has_error()) << to_text(config.error());
  EXPECT_EQ(std::get<tasks::Sql>(config->works.at("t")).text, "delete from a;\ndelete from b;\n");
}

TEST(RunConfig, AnswersEveryMistake) {
  const std::vector<std::pair<std::string, std::string>> cases{
      {"{exec: ls -l}", "tasks.t.run.exec: found 'ls -l', expected a program and its arguments"},
      {"{exec: []}", "tasks.t.run.exec: found 'a list', expected a program"},
      {"{exec: [a, '{nominl}']}", "{nominl} is no placeholder; there are {attempt}"},
      {"{exec: [a, [b]]}", "found 'a list'"},
      {"{exec: {environment: {'A=': b}}}", "tasks.t.run.exec.environment.A="},
      {"{exec: {arguments: [a], expect: [256]}}", "found '256', expected exit statuses"},
      {"{exec: {argv: [a]}}", "tasks.t.run.exec.argv"},
      {"{exec: [a], sql: b}", "tasks.t.run.sql: found 'b', expected one of exec, sql, http"},
      {"{}", "tasks.t.run: found 'a map', expected one of exec"},
      {"ls", "tasks.t.run: found 'ls', expected a map with keys exec"},
      {"{sql: ''}", "expected a statement"},
      {"{sql: {statement: a, file: b}}", "expected either a statement or a file"},
      {"{sql: {file: nothing.sql}}", "found 'nothing.sql', expected a file of SQL"},
      {"{sql: {statement: a, database: b.db}}", "expected sqlite3://PATH"},
      {"{sql: {statement: a, longest: 1m}}", "expected a duration from 1ms to 5s"},
      {"{sql: {statement: a, allow: write}}", "found 'write', expected read, or {write: [TABLE]}"},
      {"{sql: {statement: a, allow: {write: mine}}}", "found 'mine', expected read, or"},
      {"{sql: {statement: a, allow: {write: systask_schema}}}", "found 'systask_schema'"},
      {"{sql: {statement: a, allow: {writ: algojr_a}}}", "tasks.t.run.sql.allow.writ"},
      {"{sql: {statement: a, allow: {write: algojr_a}, read_only: true}}",
       "expected read, since the task is read_only"},
      {"{http: 'https://a/'}", "wants TLS, which is not built in"},
      {"{http: {method: GET}}", "tasks.t.run.http.url: found 'nothing'"},
      {"{http: {url: 'http://a', method: get}}", "found 'get', expected GET, HEAD"},
      {"{http: {url: 'http://a', expect: 20}}", "found '20', expected statuses"},
      {"{http: {url: 'http://a', expect: 300-200}}", "found '300-200', expected statuses"},
      {"{http: {url: 'http://a', headers: {Content-length: 1}}}", "no header of the connection"},
      {"{publish: {topic: a b, body: '1'}}", "found 'a b', expected a topic"},
      {"{publish: {topic: a, body: '{nominal}'}}", "expected a body in JSON"},
      {"{publish: {topic: asset.algo.realdeal, body: '1'}}", "outside asset.algo.*"},
      {"{publish: {topic: a}}", "tasks.t.run.publish.body: found 'nothing'"}};
  for (const auto& [run, answer] : cases) {
    const auto config = read_run_of(run);
    ASSERT_TRUE(config.has_error()) << run;
    EXPECT_THAT(to_text(config.error()), HasSubstr(answer)) << run;
    EXPECT_GE(config.error().all.at(0).place.column, 60) << run;
  }
}

TEST(RunConfig, WarnsOfAProgramWithoutTimeout) {
  const auto config = read_config("tasks: [{id: 1, name: t, run: {exec: [a]}}]", "t.yaml", {});
  ASSERT_FALSE(config.has_error());
  EXPECT_THAT(config->warnings.at(0).says, HasSubstr("give the task a timeout"));
}

// The examples of docs/operations.md are read as they stand.
TEST(RunConfig, TakesTheExamplesOfThePage) {
  std::ostringstream page;
  page << std::ifstream{"docs/operations.md"}.rdbuf();
  const std::string text = page.str();
  const std::size_t section = text.find("## Tasks without C++");
  ASSERT_NE(section, std::string::npos);
  const std::size_t begin = text.find("```yaml\n", section) + 8;
  const std::string example = text.substr(begin, text.find("```", begin) - begin);
  const auto config = read_config(example, "tasks.yaml", {});
  ASSERT_FALSE(config.has_error()) << to_text(config.error());
  EXPECT_EQ(config->works.size(), 6U);
}

}  // namespace
}  // namespace systask::service
