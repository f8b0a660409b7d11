#include "service/config/config.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

#include "scheduler/when/schedule.h"
#include "tasks/parameters.h"
#include "tasks/tasks.h"

namespace systask::service {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

const std::vector<std::string> kBodies{"one", "two", "three"};

// The mistakes of a text, one line each; empty where it has none.
std::string mistakes_of(const std::string& text) {
  const ConfigResult config = read_config(text, "t.yaml", kBodies);
  return config ? "" : to_text(config.error());
}

// The mistakes of one task, given as a flow map.
std::string mistakes_of_task(const std::string& task) {
  return mistakes_of("tasks:\n  - " + task + "\n");
}

TEST(Config, TheShippedOneIsRight) {
  const ConfigResult config = load_config("tasks.yaml", tasks::task_names());
  ASSERT_TRUE(config) << to_text(config.error());
  EXPECT_EQ(config->tasks.size(), tasks::task_names().size());
  EXPECT_TRUE(config->warnings.empty());
  EXPECT_EQ(config->lanes.at(1).threads, 8);
}

TEST(Config, HasDefaultsForAllButTheTasks) {
  const ConfigResult config =
      read_config("tasks: [{id: 1, name: one, every: 1s}]", "t.yaml", kBodies);
  ASSERT_TRUE(config) << to_text(config.error());
  EXPECT_EQ(config->service.database, "sqlite3://systask.db");
  EXPECT_EQ(config->service.listen_host, "127.0.0.1");
  EXPECT_EQ(config->service.listen_port, 8787);
  EXPECT_EQ(config->service.platform.site_timeout, 1s);
  EXPECT_THAT(config->service.markets, ElementsAre(1, 2));
  EXPECT_EQ(config->lanes.size(), 2U);
  EXPECT_EQ(config->tasks[0].zone, "Asia/Shanghai");
  EXPECT_EQ(config->tasks[0].schedule_text, "every 1s Asia/Shanghai");
}

TEST(Config, PathsAreFromItsDirectory) {
  const std::string text =
      "service: {database: \"sqlite3://data/x.db\", secrets: /etc/s}\n"
      "tasks: []\n";
  const ConfigResult config = read_config(text, "/srv/systask/tasks.yaml", kBodies);
  ASSERT_TRUE(config) << to_text(config.error());
  EXPECT_EQ(config->service.database, "sqlite3:///srv/systask/data/x.db");
  EXPECT_EQ(config->service.secrets, "/etc/s");
  EXPECT_EQ(config->service.backup_directory, "/srv/systask/backup");
}

TEST(Config, TakesEveryKeyOfATask) {
  const ConfigResult config = read_config(
      "tasks:\n"
      "  - {id: 1, name: one, every: 250ms}\n"
      "  - id: 2\n"
      "    name: nightly\n"
      "    body: two\n"
      "    priority: 2\n"
      "    at: [\"09:25\", \"14:57:30\"]\n"
      "    time_zone: Europe/Berlin\n"
      "    enabled: false\n"
      "    parameters: {keep: 3, of: \"a, b\"}\n"
      "    overlap: run-once-more\n"
      "    late: {within: 12h, otherwise: run}\n"
      "    after: [one]\n"
      "    on_lost: rerun\n"
      "    timeout: 5m\n"
      "    timeout_grace: 1s\n"
      "    group: night\n"
      "    dst: {gap: shift, overlap: both}\n"
      "  - {id: 3, name: three, after: nightly}\n",
      "t.yaml", kBodies);
  ASSERT_TRUE(config) << to_text(config.error());
  const scheduler::TaskSpec& task = config->tasks[1];
  EXPECT_EQ(task.id.value(), 2);
  EXPECT_EQ(task.body, "two");
  EXPECT_EQ(task.schedule_text, "at 09:25,14:57:30 Europe/Berlin dst shift both");
  EXPECT_EQ(
      scheduler::next_due(task.timetable.schedule(), from_rfc3339("2026-05-22T00:00:00Z").value()),
      from_rfc3339("2026-05-22T09:25:00+02:00"));
  EXPECT_FALSE(task.enabled);
  EXPECT_EQ(task.parameters, (scheduler::Parameters{{"keep", "3"}, {"of", "a, b"}}));
  EXPECT_EQ(task.overlap, scheduler::Overlap::kRunOnceMore);
  EXPECT_EQ(task.late, (scheduler::LatePolicy{12h, scheduler::LatePolicy::Otherwise::kRun}));
  EXPECT_EQ(task.on_lost, scheduler::OnLost::kRerun);
  EXPECT_EQ(task.timeout, 5min);
  EXPECT_EQ(task.timeout_grace, 1s);
  EXPECT_EQ(task.group, "night");
  EXPECT_THAT(task.after, ElementsAre(scheduler::Predecessor{"one"}));
  EXPECT_THAT(config->tasks[2].after, ElementsAre(scheduler::Predecessor{"nightly"}));
}

TEST(Config, AnswersAllMistakesAtOnceInOrderOfPlace) {
  EXPECT_EQ(mistakes_of("service: {listen: nowhere}\n"
                        "lanes: {1: {threads: 0}}\n"
                        "tasks:\n"
                        "  - {id: 1, name: one, evry: 1s, every: 2x}\n"
                        "  - {id: 1, name: two, cron: \"61 * * * * ?\"}\n"
                        "  - {id: 3, name: three, every: 1s, after: [four]}\n"),
            "t.yaml:1:19: service.listen: found 'nowhere', expected HOST:PORT, such as "
            "127.0.0.1:8787 (port 0: any free one)\n"
            "t.yaml:2:22: lanes.1.threads: found '0', expected a whole number from 1 to 256\n"
            "t.yaml:4:24: tasks.one.evry: found 'evry', expected a known key: did you mean "
            "'every'?\n"
            "t.yaml:4:41: tasks.one.every: found '2x': '2x' is not a duration: expected whole "
            "numbers with units w, d, h, m, s, ms or us, largest first, such as 250ms, 1s, 5m or "
            "1h30m\n"
            "t.yaml:5:10: tasks.two.id: found '1', expected an id of its own: line 4 has this one\n"
            "t.yaml:5:30: tasks.two.cron: found '61 * * * * ?': '61' is not allowed in the second "
            "field of '61 * * * * ?': expected 0-59, and * , - / H, with "
            "steps of 1-59\n"
            "t.yaml:6:45: tasks.three.after: found 'four', expected the name of a task in this "
            "file\n");
}

TEST(Config, RefusesEachWrongValueOfATask) {
  const std::vector<std::pair<std::string, std::string>> wrong{
      {"{name: one, every: 1s}", "t.yaml:2:5: tasks.one.id: found 'nothing'"},
      {"{id: 1, every: 1s}", "tasks[0].name: found 'nothing'"},
      {"{id: -1, name: one, every: 1s}", "2:10: tasks.one.id: found '-1'"},
      {"{id: 1, name: one}", "tasks.one.every: found 'nothing', expected a schedule"},
      {"{id: 1, name: one, every: 1s, at: \"9:00\"}",
       "one of every, delay, at, once and cron only"},
      {"{id: 1, name: one, at: \"25:00\"}", "tasks.one.at: found '25:00'"},
      {"{id: 1, name: on, every: 1s}", "did you mean 'one'?"},
      {"{id: 1, name: x, body: tow, every: 1s}", "tasks.x.body: found 'tow'"},
      {"{id: 1, name: one, every: 1s, priority: 3}", "a whole number from 1 to 2"},
      {"{id: 1, name: one, every: 1s, time_zone: Asia/Atlantis}", "no time zone 'Asia/Atlantis'"},
      {"{id: 1, name: one, every: 1s, enabled: maybe}", "expected true or false"},
      {"{id: 1, name: one, every: 1s, overlap: queue}",
       "expected skip, queue-one (or run-once-more), queue-all"},
      {"{id: 1, name: one, every: 1s, late: {within: soon}}", "one.late.within: found 'soon'"},
      {"{id: 1, name: one, every: 1s, late: 5s}", "expected a map with keys within, otherwise"},
      {"{id: 1, name: one, every: 1s, timeout: 0s}", "one.timeout: found '0s'"},
      {"{id: 1, name: one, every: 1s, parameters: [1]}", "expected a map of parameters"},
      {"{id: 1, name: one, every: 1s, parameters: {a: [1]}}", "one.parameters.a: found 'a list'"},
      {"{id: 1, name: one, every: 1s, every: 2s}", "expected each key once"},
      {"{id: 1, name: one, every: 1s, after: [one]}", "no circle"},
      {"{id: 1, name: one, every: 1s, calendar: xshg}", "expected the name of a calendar"},
      {"{id: 1, name: job, every: 1s, timeout: 1m, run: {exec: {}}}", "tasks.job.run"},
      {"{id: 1, name: one, cron: \"0 0 0 30 2 ?\"}", "tasks.one.cron: found '0 0 0 30 2 ?'"},
      {"{id: 1, name: one, cron: \"0 0 8 * * ?\", dst: {gap: jump}}", "one.dst.gap: found 'jump'"},
      {"just text", "tasks[0]: found 'just text', expected a map"}};
  for (const auto& [task, expected] : wrong) {
    EXPECT_THAT(mistakes_of_task(task), HasSubstr(expected)) << task;
    EXPECT_EQ(std::ranges::count(mistakes_of_task(task), '\n'), 1) << mistakes_of_task(task);
  }
}

TEST(Config, RefusesEachWrongValueOfTheService) {
  const std::vector<std::pair<std::string, std::string>> wrong{
      {"{database: systask.db}", "expected sqlite3://PATH"},
      {"{listen: \"0.0.0.0:8787\"}", "a token_file beside it"},
      {"{listen: \"127.evil.example:8787\"}", "a token_file beside it"},
      {"{file_mode: 0777}", "the mode of new files in octal"},
      {"{environment: [\"A=b\"]}", "names of this service's variables"},
      {"{allowed_hosts: [\"desk:8787\"]}", "without scheme and port"},
      {"{allowed_hosts: \"http://desk\"}", "without scheme and port"},
      {"{listen: \"127.0.0.1:99999\"}", "expected HOST:PORT"},
      {"{time_zone: Mars}", "no time zone 'Mars'"},
      {"{heartbeat: 1ms}", "a duration from 10ms to 1m"},
      {"{site_timeout: 300ms}", "two heartbeats at least"},
      {"{day_exec_time_range: 0930-1130}", "'0930-1130' is no trading session"},
      {"{markets: [1, 1]}", "market numbers"},
      {"{log_level: loud}", "debug or info or warn or error"},
      {"{secrets: [a]}", "found 'a list', expected the path of a file"}};
  for (const auto& [service, expected] : wrong)
    EXPECT_THAT(mistakes_of("tasks: []\nservice: " + service + "\n"), HasSubstr(expected));
  EXPECT_EQ(mistakes_of("tasks: []\nservice: {listen: \"0.0.0.0:80\", token_file: t}\n"), "");
  EXPECT_EQ(mistakes_of("tasks: []\nservice: {listen: \"[::1]:80\"}\n"), "");
}

TEST(Config, NamesACircleAndEveryTaskInIt) {
  EXPECT_THAT(mistakes_of("tasks:\n"
                          "  - {id: 1, name: one, after: [three]}\n"
                          "  - {id: 2, name: two, after: [one]}\n"
                          "  - {id: 3, name: three, after: [two]}\n"),
              HasSubstr("t.yaml:3:32: tasks.two.after: found 'one', expected no circle, in which "
                        "none could ever start: one after three after two after one\n"));
}

TEST(Config, ReadsOnAfterSyntaxErrors) {
  const std::string found = mistakes_of(
      "service: {log_level: loud}\n"
      "tasks:\n"
      "  - {id: 1, name: one, every: 1s\n"
      "  - {id: 2, name: two, evry: 1s, every: 1s}\n"
      "  - {id: 3, name: three, every: @1s}\n"
      "  - {id: 4, name: one, after: [gone], every: 0s}\n");
  EXPECT_THAT(found, HasSubstr("t.yaml:1:22: service.log_level"));
  EXPECT_THAT(found, HasSubstr("tasks.two.evry"));
  EXPECT_THAT(found, HasSubstr("t.yaml:5:33: yaml: found '- {id: 3, name: three, every: @1s}'"));
  EXPECT_THAT(found, HasSubstr("t.yaml:3:33: yaml: found '- {id: 1, name: one, every: 1s'"));
  EXPECT_THAT(found, HasSubstr("tasks.one.after: found 'gone'"));
  EXPECT_THAT(found, HasSubstr("t.yaml:6:46: tasks.one.every: found '0s'"));
  EXPECT_EQ(std::ranges::count(found, '\n'), 6) << found;
}

TEST(Config, ABrokenTaskIsNotCalledUnknown) {
  const std::string after =
      "  - {id: 2, name: two, every: 1s, after: [one]}\n"
      "  - {id: 3, name: three, every: 1s, after: [gone]}\n";
  const std::string found = mistakes_of("tasks:\n  - {id: 1, name: one, every: @1s}\n" + after);
  EXPECT_THAT(found, HasSubstr("tasks.three.after: found 'gone'"));
  EXPECT_EQ(std::ranges::count(found, '\n'), 2) << found;
}

TEST(Config, KeepsWhatStandsBeforeAnErrorItCannotMend) {
  const std::string found = mistakes_of("service: {log_level: loud}\ntasks: [{id: 1, name: \"one");
  EXPECT_THAT(found, HasSubstr("service.log_level"));
  EXPECT_THAT(found, HasSubstr(": yaml: found"));
}

TEST(Config, RefusesWhatIsNoConfigurationAtAll) {
  EXPECT_THAT(mistakes_of(""), HasSubstr("t.yaml: found 'an empty file'"));
  EXPECT_THAT(mistakes_of("[]"), HasSubstr("expected a map with keys service, lanes, tasks"));
  EXPECT_THAT(mistakes_of("service: {}\n"), HasSubstr("tasks: found 'nothing'"));
  EXPECT_THAT(mistakes_of("tasks: &a []\nlanes: *a\n"), HasSubstr("an alias"));
  EXPECT_THAT(mistakes_of("tasks: []\n---\ntasks: []\n"), HasSubstr("a second document"));
  EXPECT_THAT(mistakes_of("tasks: []\ncalendars: {x: 1}\n"), HasSubstr("expected a calendar"));
  const ConfigResult missing = load_config("/nonexistent/tasks.yaml", kBodies);
  ASSERT_FALSE(missing);
  EXPECT_THAT(to_text(missing.error()), HasSubstr("No such file"));
  EXPECT_THROW((void)load_config("/", kBodies).value(), std::runtime_error);
}

TEST(Config, WarnsOfTwoRestrictedDayFields) {
  const ConfigResult config =
      read_config("tasks: [{id: 1, name: one, cron: \"0 0 8 1 * MON\"}]", "t.yaml", kBodies);
  ASSERT_TRUE(config);
  ASSERT_EQ(config->warnings.size(), 1U);
  EXPECT_THAT(config->warnings[0].says, HasSubstr("either of them"));
  EXPECT_EQ(config->warnings[0].place, (Place{1, 34}));
}

// The text of a task's schedule, what comes next in its zone, and the warnings about it.
struct EveryCase {
  std::string task;
  std::string schedule_text;
  std::string next;  // after 2026-05-22T09:10Z, a Friday
  std::string warning = "";
};

TEST(Config, SaysWhatAnIntervalCountsFrom) {
  const std::vector<EveryCase> cases{
      {"every: 24h, time_zone: America/New_York", "every 24h America/New_York",
       "2026-05-23T00:00:00-04:00"},
      {"every: 1h, time_zone: Asia/Kolkata", "every 1h Asia/Kolkata", "2026-05-22T15:00:00+05:30"},
      {"every: 1h, time_zone: Asia/Kolkata, dst: {overlap: first}",
       "every 1h Asia/Kolkata dst transition first", "2026-05-22T15:00:00+05:30"},
      {"every: 2w, from: 2026-01-02T17:00, time_zone: America/New_York",
       "every 2w from 2026-01-02T17:00 America/New_York", "2026-05-22T17:00:00-04:00"},
      {"every: 7m", "every 7m", "2026-05-22T17:15:00+08:00"},
      {"every: 7m, time_zone: America/New_York", "every 7m", "2026-05-22T05:15:00-04:00",
       "tasks.one.time_zone: found 'America/New_York': 7m neither divides a day nor is whole days, "
       "so it counts real time from 1970-01-01T00:00:00Z: the zone is for display only; leave it "
       "out"},
      {"every: 7m, dst: {gap: skip}", "every 7m", "2026-05-22T17:15:00+08:00",
       "tasks.one.dst: found 'a map': 7m neither divides a day"},
      {"every: 7m, time_zone: America/New_York, not_after: \"09:00\"", "every 7m",
       "2026-05-22T05:15:00-04:00"},
      {"every: 2w", "every 2w Asia/Shanghai", "2026-06-04T00:00:00+08:00",
       "tasks.one.every: found '2w': it counts weeks from Thursday 1970-01-01 on, and is due at "
       "00:00 in Asia/Shanghai on Thursdays; write from: with a first date"},
      {"every: 2d", "every 2d Asia/Shanghai", "2026-05-23T00:00:00+08:00", "it counts days from"},
      {"delay: 1h, time_zone: America/New_York", "delay 1h", "never",
       "tasks.one.time_zone: found 'America/New_York': a delay counts from the end"}};
  for (const EveryCase& one : cases) {
    const ConfigResult config =
        read_config("tasks: [{id: 1, name: one, " + one.task + "}]", "t.yaml", kBodies);
    ASSERT_TRUE(config) << to_text(config.error());
    const scheduler::TaskSpec& spec = config->tasks[0];
    EXPECT_EQ(spec.schedule_text, one.schedule_text);
    const TimePoint next =
        spec.timetable.next(from_rfc3339("2026-05-22T09:10:00Z").value()).nominal;
    EXPECT_EQ(next == scheduler::kNever ? "never" : Zone::find(spec.zone)->to_rfc3339(next),
              one.next)
        << one.task;
    EXPECT_EQ(config->warnings.size(), one.warning.empty() ? 0U : 1U) << one.task;
    if (!config->warnings.empty()) {
      EXPECT_THAT(to_text("t.yaml", config->warnings[0]), HasSubstr(one.warning));
    }
  }
}

TEST(Config, CountsFromADateOnlyWhereThereIsAnInterval) {
  EXPECT_THAT(mistakes_of_task("{id: 1, name: one, at: \"09:00\", from: 2026-01-02}"),
              HasSubstr("tasks.one.from: found '2026-01-02', expected every beside it"));
  EXPECT_THAT(mistakes_of_task("{id: 1, name: one, every: 2w, from: soon}"),
              HasSubstr("tasks.one.from: found 'soon': 'soon' is no date"));
  EXPECT_EQ(mistakes_of("calendars: {bank: {week: {MON-FRI: open}, from: 2026-01-01, to: "
                        "2026-12-31}}\ntasks: [{id: 1, name: one, every: 2w, from: 2026-01-02, "
                        "calendar: bank, roll: previous}]"),
            "");
  EXPECT_THAT(mistakes_of("calendars: {bank: {week: {MON-FRI: open}, from: 2026-01-01, to: "
                          "2026-12-31}}\ntasks: [{id: 1, name: one, every: 2h, calendar: bank, "
                          "roll: previous}]"),
              HasSubstr("every with whole days"));
}

TEST(Config, WarnsOfWeekdaysInNumbers) {
  const ConfigResult config = read_config(
      "tasks:\n  - {id: 1, name: one, cron: \"0 0 9 ? * 1-5\"}\n"
      "  - {id: 2, name: two, cron: \"0 9 * * 1-5\"}\n",
      "t.yaml", kBodies);
  ASSERT_TRUE(config) << to_text(config.error());
  ASSERT_EQ(config->warnings.size(), 1U);
  EXPECT_EQ(to_text("t.yaml", config->warnings[0]),
            "t.yaml:2:30: tasks.one.cron: found '0 0 9 ? * 1-5': in cron of six or seven fields, "
            "Quartz, weekday 1 is Sunday, so that 1-5 is SUN-THU; write SUN-THU, or MON-FRI if "
            "that is meant");
}

// A C++ task with parameters, and its mistake; none: it is right.
TEST(Config, HoldsParametersAgainstWhatTheTaskDeclares) {
  const std::vector<std::pair<std::string, std::string>> cases{
      {"name: prune-runs, parameters: {keep: 7d}", ""},
      {"name: prune-runs, parameters: {keep: 59m}",
       "t.yaml:2:61: tasks.prune-runs.parameters.keep: found '59m', expected a duration such as "
       "250ms, 10s or 1h30m, at least 1h"},
      {"name: prune-runs, parameters: {keep: seven}", "found 'seven', expected a duration"},
      {"name: prune-runs, parameters: {keep_days: 7}",
       "t.yaml:2:55: tasks.prune-runs.parameters.keep_days: found 'keep_days', expected only keep"},
      {"name: backup-database, parameters: {keep: 1}", ""},
      {"name: backup-database, parameters: {keep: 0}", "expected a whole number from 1 to 10000"},
      {"name: backup-database, parameters: {keep: 10000}", ""},
      {"name: backup-database, parameters: {keep: 10001}", "a whole number from 1 to 10000"},
      {"name: backup-database, parameters: {keep: 7x}", "found '7x', expected a whole number"},
      {"name: backup-database, parameters: {kep: 7}", "expected only keep: did you mean 'keep'?"},
      {"name: archive-day, parameters: {keep: 7}", "found 'keep', expected no parameters"},
      {"name: verify-database, parameters: {check: full}", ""},
      {"name: verify-database, parameters: {check: fast}", "expected quick or full"},
      {"name: mine, body: prune-runs, parameters: {keep: 1s}", "tasks.mine.parameters.keep"},
      {"name: prune-runs, run: {exec: [/bin/true, \"{any}\"]}, parameters: {any: 1}", ""}};
  for (const auto& [task, mistake] : cases) {
    const ConfigResult config = read_config("tasks:\n  - {id: 1, every: 1s, " + task + "}\n",
                                            "t.yaml", tasks::task_names());
    if (mistake.empty())
      EXPECT_TRUE(config) << to_text(config.error());
    else
      EXPECT_THAT(config ? "" : to_text(config.error()), HasSubstr(mistake)) << task;
  }
}

// What Given reads, the table declares: a body that reads another parameter would die.
TEST(Config, EveryCppTaskDeclaresItsParameters) {
  for (const std::string& name : tasks::task_names())
    EXPECT_TRUE(tasks::parameters_of(name)) << name;
  EXPECT_FALSE(tasks::parameters_of("no-such-task"));
}

}  // namespace
}  // namespace systask::service
