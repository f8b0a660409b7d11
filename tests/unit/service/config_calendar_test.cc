// Calendars as YAML: the form, its mistakes, the examples of the document, and every session of
// the real exchanges.
#include <gmock/gmock.h>

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "service/app/calendar_watch.h"
#include "service/cli/check.h"
#include "service/cli/sessions.h"
#include "service/config/config.h"
#include "tests/support/scratch_folder.h"

namespace systask::service {
namespace {

using ::testing::HasSubstr;

std::string calendar_mistakes(const std::string& text) {
  const CalendarsResult read = read_calendars(text, "c.yaml");
  return read ? "" : to_text(read.error());
}

void write_file(const std::string& file, const std::string& text) {
  std::filesystem::create_directories(std::filesystem::path{file}.parent_path());
  std::ofstream{file} << text;
}

std::string file_text(const std::string& file) {
  std::ifstream in{file, std::ios::binary};
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

// What `systask sessions` prints, and its status if it is not 0.
std::string sessions_of(const std::string& file, const std::string& name, const std::string& from,
                        const std::string& to) {
  std::ostringstream out;
  std::ostringstream err;
  const int status = answer_sessions({name, from, to, file}, out, err);
  return out.str() + (status == 0 ? "" : fmt::format("{}: {}", status, err.str()));
}

constexpr const char* kHead = "time_zone: Asia/Shanghai\nfrom: 2026-05-01\nto: 2026-05-31\n";

TEST(ConfigCalendar, HasEveryMistakeWithItsPlace) {
  const struct {
    const char* text;
    const char* answer;
  } cases[] = {
      {"week: {MON-FRY: 09:30-16:00}", "c.yaml:4:8: week.MON-FRY: found 'MON-FRY', expected weekd"},
      {"week: {MON-FRI: soon}", "c.yaml:4:17: week.MON-FRI: found 'soon', expected hours"},
      {"week: {MON-FRI: 09:30-11:30, 13:00-15:00}", "c.yaml:4:30: week.13:00-15:00: found"},
      {"week: {MON-FRI: 09:30-16:00, FRI: open}",
       "c.yaml:4:30: week.FRI: found 'FRI', expected each"},
      {"week: {MON-FRI: {day: 09:30-11:30, 13:00-15:00: }}",
       "c.yaml:4:36: week.MON-FRI.13:00-15:00"},
      {"week: 09:30-16:00", "c.yaml:4:7: week: found '09:30-16:00', expected a week such as"},
      {"week: [{MON-FRI: open}, 3]", "c.yaml:4:25: week[1]: found '3', expected a week"},
      {"week: [{from: 2026-05-20, to: 2026-05-10, MON: open}]", "c.yaml:4:8: week[0]: its `to` is"},
      {"week: [{from: 2026-05-20, MON: open}]", "c.yaml:4:7: no week says anything of 2026-05-01"},
      {"weak: {MON-FRI: open}",
       "c.yaml:4:1: weak: found 'weak', expected a known key: did you mean"},
      {"holidays: []", "c.yaml:1:1: week: found 'nothing', expected which weekdays are open"},
      {"week: {MON-FRI: open}\nholidays: [2026-02-30]",
       "c.yaml:5:12: holidays: found '2026-02-30'"},
      {"week: {MON-FRI: open}\nholidays: {may: [05-01]}", "c.yaml:5:12: holidays.may: found 'may'"},
      {"week: {MON-FRI: open}\nholidays: {2026: [05-40]}",
       "c.yaml:5:19: holidays.2026: found '05-40'"},
      {"week: {MON-FRI: open}\ndays: {2026-05-04: shut}",
       "c.yaml:5:20: days.2026-05-04: found 'shut'"},
      {"week: {MON-FRI: 09:30-16:00}\ndays: {2026-05-09: close 12:00}",
       "c.yaml:5:8: its week has no"},
      {"week: {MON-FRI: 09:30-16:00}\ndays: {2026-05-04: closed, 2026-05-05: closed}\nholidays: "
       "[2026-05-04]",
       ""},
      {"week: {MON-FRI: 09:30-16:00}\nholidays: [2026-05-04]\ndays: {2026-05-04: close 12:00}",
       "c.yaml:6:8: found '2026-05-04', expected one entry a date: line 5 says something else"},
      {"week: {MON-FRI: \"-1d 15:00-14:00\", SAT: \"-1d 10:00-12:00\"}",
       "begin before what comes before"},
      {"week: {MON-FRI: open}\nsessions: from-somewhere",
       "c.yaml:5:11: sessions: found 'from-some"},
      {"sessions: from-database", "c.yaml:1:1: markets: found 'nothing', expected whose sessions"},
      {"sessions: from-database\nmarkets: [SH]",
       "c.yaml:5:10: markets: found 'SH', expected market"},
  };
  for (const auto& one : cases) {
    const std::string answer = calendar_mistakes(std::string{kHead} + one.text + "\n");
    if (*one.answer == '\0')
      EXPECT_EQ(answer, "") << one.text;
    else
      EXPECT_THAT(answer, HasSubstr(one.answer)) << one.text;
  }
  EXPECT_THAT(calendar_mistakes("week: {MON-FRI: open}"),
              HasSubstr("c.yaml:1:1: time_zone: found 'nothing'"));
  EXPECT_THAT(calendar_mistakes("time_zone: UTC\nweek: {MON-FRI: open}"),
              HasSubstr("c.yaml:1:1: from: found 'nothing', expected a date"));
  EXPECT_THAT(calendar_mistakes("time_zone: Asia/Shangai\nfrom: x\nto: 2026-01-01\nweek: {}\n"),
              ::testing::AllOf(HasSubstr("c.yaml:1:12: time_zone"), HasSubstr("c.yaml:2:7: from"),
                               HasSubstr("c.yaml:4:7: week")));
  EXPECT_THAT(calendar_mistakes("- 1\n"), HasSubstr("c.yaml:1:1"));
  EXPECT_THAT(calendar_mistakes(""), HasSubstr("an empty file"));
}

// What a calendar covers, by its dates: "first to last", and what it warns of; or its mistake.
struct CoverCase {
  const char* keys;
  const char* covers;
  const char* warning = "";
};

TEST(ConfigCalendar, CoversTheYearsOfItsSingleDatesWhereItSaysNothing) {
  const std::vector<CoverCase> cases{
      {"holidays: [2025-05-01, 2026-01-01]", "2025-01-01 to 2026-12-31"},
      {"holidays: [2026-05-01]", "2026-01-01 to 2026-12-31"},
      {"holidays: [2026-10-01..2026-10-07]", "2026-01-01 to 2026-12-31"},
      {"holidays: [2026-01-01..2026-12-31]", "2026-01-01 to 2026-12-31"},
      {"holidays: [2026-05-01, 2026-12-31..2027-01-03]", "2026-01-01 to 2026-12-31",
       "c:4:24: found '2026-12-31..2027-01-03': without `from` and `to` the calendar speaks of the "
       "years of its single dates, 2026-01-01 to 2026-12-31, and what is due outside is refused; "
       "name the dates"},
      {"holidays: [2025-12-30..2026-01-02, 2026-05-01]", "2026-01-01 to 2026-12-31", "c:4:12:"},
      {"holidays: {2026: [05-01], 2027: [05-01]}\ndays: {2026-12-31..2027-01-01: closed}",
       "2026-01-01 to 2027-12-31"},
      {"days: {2026-12-24: close 13:00}", "2026-01-01 to 2026-12-31"},
      {"to: 2027-03-31\nholidays: [2026-05-01, 2026-12-31..2027-01-03]",
       "2026-01-01 to 2027-03-31"},
      {"from: 2026-03-01\nto: 2027-12-31\nholidays: [2026-12-31..2027-01-03]",
       "2026-03-01 to 2027-12-31"},
      {"holidays: [2026-12-31..2027-01-03]",
       "c:1:1: from: found 'nothing', expected a date: the calendar names no single date"},
      {"holidays: [2026-05-01, 2028-05-01]",
       "c:4:11: holidays: found 'dates of 2026 and of 2028', expected dates of 2027 too"},
  };
  for (const CoverCase& one : cases) {
    const auto read = read_calendars(
        std::string{"name: x\ntime_zone: UTC\nweek: {MON-FRI: 09:00-17:00}\n"} + one.keys, "c");
    if (!read) {
      EXPECT_THAT(to_text(read.error()), HasSubstr(one.covers)) << one.keys;
      continue;
    }
    const auto calendar = read->calendars.at("x").calendar->edition();
    EXPECT_EQ(iso_date(calendar->rules().first) + " to " + iso_date(calendar->rules().last),
              one.covers)
        << one.keys;
    EXPECT_EQ(read->warnings.size(), *one.warning == '\0' ? 0U : 1U) << one.keys;
    if (!read->warnings.empty()) {
      EXPECT_THAT(to_text("c", read->warnings[0]), HasSubstr(one.warning));
    }
  }
}

TEST(ConfigCalendar, RefusesWhatIsDueInAYearItDoesNotCover) {
  const ConfigResult config = read_config(
      "calendars: {x: {time_zone: UTC, week: {MON-FRI: open}, holidays: [2026-05-01, "
      "2026-12-31..2027-01-03]}}\n"
      "tasks: [{id: 1, name: one, at: \"09:00\", calendar: x}]",
      "t.yaml", {"one"});
  ASSERT_TRUE(config) << to_text(config.error());
  const auto due = config->tasks[0].timetable.next(from_rfc3339("2027-05-03T00:00:00Z").value());
  EXPECT_THAT(due.refusal, HasSubstr("it covers 2026-01-01 to 2026-12-31"));
}

TEST(ConfigCalendar, BeginsItsWeekAfterTheWeekendOrWhereItSays) {
  const auto first_of_week = [](const std::string& keys) {
    const ConfigResult config = read_config(
        "calendars: {x: {time_zone: Asia/Jerusalem, from: 2025-01-01, to: 2026-12-31, " + keys +
            "}}\ntasks: [{id: 1, name: one, at: \"09:00\", calendar: x, on: first business-day of "
            "week}]",
        "t.yaml", {"one"});
    if (!config) return to_text(config.error());
    const auto at =
        config->tasks[0].timetable.next(from_rfc3339("2025-05-21T00:00:00Z").value()).nominal;
    return to_rfc3339(at, std::chrono::hours{3}).substr(0, 10);
  };
  EXPECT_EQ(first_of_week("week: {SUN-THU: open}"), "2025-05-25");  // a Sunday
  EXPECT_EQ(first_of_week("week: {MON-FRI: open}"), "2025-05-26");
  EXPECT_EQ(first_of_week("week: {SUN-THU: open}, week_begins: MON"), "2025-05-26");
  EXPECT_EQ(first_of_week("week: {MON-FRI: open}, week_begins: Wednesday"), "2025-05-21");
  EXPECT_THAT(
      first_of_week("week: {MON-FRI: open}, week_begins: MON-FRI"),
      HasSubstr("calendars.x.week_begins: found 'MON-FRI', expected a weekday such as SUN"));
}

TEST(ConfigCalendar, WarnsOfDatesThatItDoesNotCover) {
  const auto read = read_calendars(
      std::string{kHead} + "week: {MON-FRI: open}\nholidays: [2026-05-04, 2062-05-05]", "c.yaml");
  ASSERT_TRUE(read);
  ASSERT_EQ(read->warnings.size(), 1U);
  EXPECT_EQ(read->warnings[0].place, (Place{5, 24}));
}

// ---------------------------------------------------------------- the document

// The YAML blocks of docs/calendars.md: file name -> text.
std::map<std::string, std::string> examples() {
  std::map<std::string, std::string> found;
  std::istringstream document{file_text("docs/calendars.md")};
  std::string* block = nullptr;
  bool inside = false;
  for (std::string line; std::getline(document, line);) {
    if (line == "```yaml") {
      inside = true;
      block = nullptr;
    } else if (line == "```") {
      inside = false;
    } else if (inside) {
      // The first line names the file.
      if (block == nullptr) block = &found[line.substr(2, line.find_first_of(":\r", 2) - 2)];
      *block += line + "\n";
    }
  }
  return found;
}

TEST(ConfigCalendar, EachExampleOfTheDocumentSaysWhatItSays) {
  const ScratchFolder folder;
  const auto all = examples();
  ASSERT_EQ(all.size(), 9U);
  for (const auto& [name, text] : all)
    if (name != "tasks.yaml") {
      write_file(folder.file(name), text);
      EXPECT_EQ(calendar_mistakes(text), "") << name;
    }
  const struct {
    const char* name;
    const char* from;
    const char* to;
    const char* printed;
  } cases[] = {
      {"xlon", "2024-12-24", "2024-12-27",
       "2024-12-24\t2024-12-24T08:00:00Z\t2024-12-24T12:30:00Z\t-\t-\n"
       "2024-12-27\t2024-12-27T08:00:00Z\t2024-12-27T16:30:00Z\t-\t-\n"},
      {"XLON", "2024-03-28", "2024-04-02",
       "2024-03-28\t2024-03-28T08:00:00Z\t2024-03-28T16:30:00Z\t-\t-\n"
       "2024-04-02\t2024-04-02T07:00:00Z\t2024-04-02T15:30:00Z\t-\t-\n"},
      {"cmes", "2024-07-03", "2024-07-05",
       "2024-07-03\t2024-07-02T22:00:00Z\t2024-07-03T17:15:00Z\t-\t-\n"
       "2024-07-04\t2024-07-03T22:00:00Z\t2024-07-04T17:00:00Z\t-\t-\n"
       "2024-07-05\t2024-07-04T22:00:00Z\t2024-07-05T21:00:00Z\t-\t-\n"},
      {"overnight", "2024-07-02", "2024-07-12",
       "2024-07-02\t2024-07-01T18:00:00Z\t2024-07-02T16:00:00Z\t-\t-\n"
       "2024-07-03\t2024-07-02T17:00:00Z\t2024-07-03T12:15:00Z\t-\t-\n"
       "2024-07-05\t2024-07-03T17:00:00Z\t2024-07-04T12:15:00Z\t-\t-\n"
       "2024-07-08\t2024-07-07T17:00:00Z\t2024-07-08T16:00:00Z\t-\t-\n"
       "2024-07-09\t2024-07-08T17:00:00Z\t2024-07-09T18:00:00Z\t-\t-\n"
       "2024-07-10\t2024-07-09T20:00:00Z\t2024-07-10T16:00:00Z\t-\t-\n"
       "2024-07-11\t2024-07-10T17:00:00Z\t2024-07-12T01:00:00Z\t-\t-\n"
       "2024-07-12\t2024-07-12T09:00:00Z\t2024-07-12T16:00:00Z\t-\t-\n"},
      {"crypto", "2024-02-29", "2024-02-29",
       "2024-02-29\t2024-02-29T00:00:00Z\t2024-03-01T00:00:00Z\t-\t-\n"},
      {"xtks", "2024-11-01", "2024-11-05",
       "2024-11-01\t2024-11-01T00:00:00Z\t2024-11-01T06:00:00Z\t2024-11-01T02:30:00Z\t"
       "2024-11-01T03:30:00Z\n"
       "2024-11-05\t2024-11-05T00:00:00Z\t2024-11-05T06:30:00Z\t2024-11-05T02:30:00Z\t"
       "2024-11-05T03:30:00Z\n"},
      {"xsau", "2013-06-26", "2013-06-30",
       "2013-06-26\t2013-06-26T08:00:00Z\t2013-06-26T12:30:00Z\t-\t-\n"
       "2013-06-30\t2013-06-30T08:00:00Z\t2013-06-30T12:30:00Z\t-\t-\n"},
      {"xsau", "2013-08-04", "2013-08-04",
       "2013-08-04\t2013-08-04T08:00:00Z\t2013-08-04T12:30:00Z\t-\t-\n"},
      {"xsau", "2013-08-01", "2013-08-01",
       "2013-08-01\t2013-08-01T08:00:00Z\t2013-08-01T12:00:00Z\t-\t-\n"},
      {"demo", "2025-01-01", "2025-01-04",
       "2025-01-02\t2025-01-02T01:00:00Z\t2025-01-02T06:30:00Z\t2025-01-02T03:00:00Z\t"
       "2025-01-02T04:00:00Z\n"
       "2025-01-03\t2025-01-03T00:00:00Z\t2025-01-03T03:00:00Z\t-\t-\n"
       "2025-01-04\t2025-01-04T00:00:00Z\t2025-01-04T06:30:00Z\t2025-01-04T03:00:00Z\t"
       "2025-01-04T04:00:00Z\n"},
      {"demo", "2025-01-06", "2025-01-08",
       "2025-01-06\t2025-01-06T01:00:00Z\t2025-01-06T07:30:00Z\t2025-01-06T03:00:00Z\t"
       "2025-01-06T04:00:00Z\n"
       "2025-01-07\t2025-01-07T00:00:00Z\t2025-01-07T06:30:00Z\t-\t-\n"
       "2025-01-08\t2025-01-08T01:00:00Z\t2025-01-08T02:00:00Z\t-\t-\n"},
      {"demo", "2025-01-27", "2025-01-30", ""},
      {"demo", "2025-12-30", "2025-12-31", ""},
      {"shfe", "2024-04-03", "2024-04-08",
       "2024-04-03\t2024-04-02T13:00:00Z\t2024-04-02T18:30:00Z\t-\t-\n"
       "2024-04-03\t2024-04-03T01:00:00Z\t2024-04-03T07:00:00Z\t2024-04-03T02:15:00Z,"
       "2024-04-03T03:30:00Z\t2024-04-03T02:30:00Z,2024-04-03T05:30:00Z\n"
       "2024-04-08\t2024-04-08T01:00:00Z\t2024-04-08T07:00:00Z\t2024-04-08T02:15:00Z,"
       "2024-04-08T03:30:00Z\t2024-04-08T02:30:00Z,2024-04-08T05:30:00Z\n"},
  };
  for (const auto& one : cases) {
    std::string file{one.name};
    std::ranges::transform(file, file.begin(), [](char c) { return static_cast<char>(c | 0x20); });
    EXPECT_EQ(sessions_of(folder.file(file + ".yaml"), one.name, one.from, one.to), one.printed)
        << one.name << " " << one.from;
  }
}

std::vector<std::string> example_bodies() {
  return {"before-open",   "after-close",    "around-lunch",   "each-second",
          "business-days", "mid-month",      "first-of-month", "last-of-week",
          "settlement",    "two-days-later", "at-the-desk"};
}

TEST(ConfigCalendar, TheTasksOfTheDocumentAreRight) {
  const std::string text = examples().at("tasks.yaml");
  const ConfigResult config =
      read_config(text, std::filesystem::absolute("tasks.yaml").string(), example_bodies());
  ASSERT_TRUE(config) << to_text(config.error());
  const auto next = [&](std::size_t task, std::string_view from) {
    const auto found = config->tasks[task].timetable.next(from_rfc3339(from).value());
    return to_rfc3339(found.nominal, std::chrono::hours{8}) +
           (found.refusal.empty() ? "" : " refused");
  };
  constexpr std::string_view kFriday = "2026-05-22T16:00:00+08:00";
  EXPECT_EQ(next(0, kFriday), "2026-05-25T09:00:00+08:00");
  EXPECT_EQ(next(1, kFriday), "2026-05-25T15:15:00+08:00");
  EXPECT_EQ(next(2, kFriday), "2026-05-25T11:30:00+08:00");
  EXPECT_EQ(next(3, kFriday), "2026-05-25T09:30:00+08:00");
  EXPECT_EQ(next(4, kFriday), "2026-05-25T08:30:00+08:00");
  EXPECT_EQ(next(5, "2026-08-01T00:00:00Z"), "2026-08-17T09:00:00+08:00");
  EXPECT_EQ(next(6, kFriday), "2026-06-01T09:00:00+08:00");
  EXPECT_EQ(next(7, kFriday), "2026-05-29T16:00:00+08:00");
  EXPECT_EQ(next(8, kFriday), "2026-06-02T09:00:00+08:00");
  EXPECT_EQ(next(9, kFriday), "2026-06-17T09:00:00+08:00");
  EXPECT_EQ(next(10, kFriday), "2026-05-25T00:00:00+08:00 refused");
  EXPECT_EQ(config->tasks[0].schedule_text, "at open-30m calendar xshg");
  EXPECT_EQ(config->tasks[1].schedule_text, "at close+15m calendar xshg jitter 30s");
  EXPECT_EQ(config->tasks[3].schedule_text, "every 1s Asia/Shanghai calendar xshg during sessions");
  EXPECT_EQ(config->tasks[8].schedule_text,
            "at 09:00 Asia/Shanghai calendar bank on T+2 of last business-day of month");
}

// ---------------------------------------------------------------- in tasks.yaml

std::string task_mistakes(const std::string& task) {
  const std::string text =
      "calendars:\n"
      "  c: {from: 2026-05-01, to: 2026-05-31, week: {MON-FRI: 09:30-16:00}}\n"
      "  bank: {from: 2026-05-01, to: 2026-05-31, week: {MON-FRI: open}}\n"
      "tasks:\n  - {id: 1, name: one, " +
      task + "}\n";
  const ConfigResult config = read_config(text, "t.yaml", {"one"});
  return config ? "" : to_text(config.error());
}

TEST(ConfigCalendar, ATaskSaysWhatItsCalendarCanDo) {
  for (const char* task :
       {"every: 5s, calendar: c", "at: open, calendar: c", "at: [open-5m, close], calendar: c",
        "cron: \"0 0 9 1 * ?\", calendar: c, roll: next", "at: \"09:00\", calendar: bank, on: T+1",
        "delay: 5s, calendar: c, during: sessions", "once: 2026-05-09T09:00, calendar: bank",
        "every: 1s, jitter: 300ms", "at: close, calendar: c, on: last business-day of week"})
    EXPECT_EQ(task_mistakes(task), "") << task;
  const struct {
    const char* task;
    const char* answer;
  } cases[] = {
      {"every: 5s, calendar: d", "t.yaml:5:45: tasks.one.calendar: found 'd', expected the name"},
      {"at: open", "tasks.one.at: found 'open', expected a calendar beside it"},
      {"every: 5s, during: sessions", "tasks.one.during: found 'sessions', expected a calendar"},
      {"every: 5s, calendar: c, during: lunch", "tasks.one.during: found 'lunch', expected sessi"},
      {"at: open, calendar: bank", "expected a calendar with hours: 'bank' has none"},
      {"at: \"open[night]\", calendar: c", "calendar 'c', which has none named 'night'"},
      {"at: opening, calendar: c", "'opening' is no time of a session"},
      {"at: open, calendar: c, during: sessions", "tasks.one.during: found 'sessions': times of"},
      {"every: 5s, calendar: c, roll: next", "tasks.one.roll: found 'next': only at, once, cron"},
      {"at: \"09:00\", calendar: c, roll: nearest", "'nearest' is no way to treat a day"},
      {"at: \"09:00\", roll: next", "tasks.one.roll: found 'next', expected a calendar beside it"},
      {"every: 5s, calendar: c, on: T+2", "tasks.one.on: found 'T+2': T+n moves the days of at"},
      {"at: \"09:00\", calendar: c, on: monday", "'monday' picks no day"},
      {"at: \"09:00\", every: 5s", "expected one of every, delay, at, once and cron only"},
      {"every: 5s, jitter: -1s", "tasks.one.jitter: found '-1s', expected a duration"},
  };
  for (const auto& one : cases)
    EXPECT_THAT(task_mistakes(one.task), HasSubstr(one.answer)) << one.task;
}

TEST(ConfigCalendar, IsKnownWhereverItStandsAndMistakesInItsFileNameTheFile) {
  const ScratchFolder folder;
  write_file(folder.file("wrong.yaml"),
             "time_zone: Mars\nfrom: 2026-01-01\nto: 2026-12-31\n"
             "week: {MON-FRI: 09:30-16:00}\n");
  const std::string text =
      "tasks: [{id: 1, name: one, at: open, calendar: c}]\n"
      "calendars: {c: {file: wrong.yaml}, gone: {file: gone.yaml}}\n";
  const ConfigResult config = read_config(text, folder.file("t.yaml"), {"one"});
  ASSERT_TRUE(config.has_error());
  const std::string mistakes = to_text(config.error());
  EXPECT_THAT(mistakes, HasSubstr(folder.file("wrong.yaml") + ":1:12: time_zone: found 'Mars'"));
  EXPECT_THAT(mistakes, HasSubstr(folder.file("gone.yaml") + ": the calendar cannot be read"));
  EXPECT_EQ(config.error().all.size(), 2U) << mistakes;

  write_file(folder.file("a.yaml"), "calendars: {c: {file: a.yaml}}");
  EXPECT_THAT(sessions_of(folder.file("a.yaml"), "c", "2026-01-01", "2026-01-01"),
              HasSubstr("name others in a circle"));
}

TEST(ConfigCalendar, SessionsRefusesWhatItCannotSay) {
  EXPECT_THAT(sessions_of("calendars/xhkg.yaml", "xhkg", "2025-09-05", "2025-09-06"),
              HasSubstr("2025-09-05\t2025-09-05T01:30:00Z\t2025-09-05T08:00:00Z\t"
                        "2025-09-05T04:00:00Z\t2025-09-05T05:00:00Z\n2: systask sessions: calendar "
                        "'xhkg' has no data for 2025-09-06"));
  EXPECT_THAT(sessions_of("calendars/xhkg.yaml", "xshg", "2025-01-02", "2025-01-02"),
              HasSubstr("2: systask sessions: calendars/xhkg.yaml has no calendar 'xshg'"));
  EXPECT_THAT(sessions_of("calendars/xhkg.yaml", "xhkg", "2025-01-02", "2025-01-01"),
              HasSubstr("2: "));
  EXPECT_THAT(sessions_of("calendars/xhkg.yaml", "xhkg", "soon", "2025-01-01"), HasSubstr("2: "));
  // Of no configuration: by the name of the shipped file.
  EXPECT_THAT(sessions_of("", "xshg", "2026-12-31", "2026-12-31"), HasSubstr("2026-12-31\t"));
}

TEST(ConfigCalendar, CheckWarnsOfOneThatEnds) {
  const ScratchFolder folder;
  write_file(folder.file("t.yaml"),
             "calendars: {old: {from: 2001-01-01, to: 2001-12-31, week: {MON-FRI: open}}}\n"
             "tasks: []\n");
  std::ostringstream out;
  std::ostringstream err;
  const TimePoint now = from_rfc3339("2026-05-22T09:30:00Z").value();
  EXPECT_EQ(check({.file = folder.file("t.yaml"), .now = now}, out, err), 0);
  EXPECT_THAT(err.str(), HasSubstr("calendars.old: calendar 'old' ended on 2001-12-31"));
  EXPECT_THAT(out.str(), HasSubstr("1 warning"));
}

// ---------------------------------------------------------------- sessions from the database

TEST(ConfigCalendar, TakesItsSessionsFromTheDatabaseAsTheyChange) {
  const ConfigResult config = read_config(
      "calendars: {desk: {sessions: from-database, markets: [1, 2], holidays: [2026-05-01], days: "
      "{2026-05-09: open, 2026-05-29: close 11:30}}}\n"
      "tasks: [{id: 1, name: one, at: [open, close], calendar: desk}]\n",
      "t.yaml", {"one"});
  ASSERT_TRUE(config) << to_text(config.error());
  SessionTexts texts;
  CalendarWatch watch{[&] { return texts; }};
  const TimePoint now = from_rfc3339("2026-05-08T00:00:00Z").value();
  const auto next = [&](std::string_view from) {
    const auto found = config->tasks[0].timetable.next(from_rfc3339(from).value());
    return to_rfc3339(found.nominal, std::chrono::hours{8}) + " " + found.refusal;
  };
  constexpr std::string_view kFriday = "2026-05-08T20:00:00+08:00";
  watch.take(config->calendars, config->tasks, now);
  EXPECT_THAT(next(kFriday), HasSubstr("2026-05-09T00:00:00+08:00 algojr_texectimeinfo has no"));
  texts = {{trading::Market{1}, "093000-113000;130000-150000"},
           {trading::Market{2}, "090000-113000"}};
  EXPECT_TRUE(watch.look(now));
  EXPECT_FALSE(watch.look(now));
  EXPECT_EQ(next(kFriday), "2026-05-09T09:00:00+08:00 ");
  EXPECT_EQ(next("2026-05-29T10:00:00+08:00"), "2026-05-29T11:30:00+08:00 ");
  texts[trading::Market{2}] = "100000-160000";
  EXPECT_TRUE(watch.look(now));
  EXPECT_EQ(next(kFriday), "2026-05-09T09:30:00+08:00 ");
  EXPECT_EQ(next("2026-05-09T10:00:00+08:00"), "2026-05-09T16:00:00+08:00 ");
  texts[trading::Market{2}] = "10 to 4";
  EXPECT_TRUE(watch.look(now));
  EXPECT_THAT(next(kFriday), HasSubstr("'10 to 4' is no trading session"));
}

}  // namespace
}  // namespace systask::service
