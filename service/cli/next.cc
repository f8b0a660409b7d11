#include "service/cli/next.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <charconv>
#include <iostream>
#include <map>
#include <memory>
#include <optional>
#include <variant>
#include <vector>

#include "base/number_range.h"
#include "base/zone.h"
#include "scheduler/ahead/skipped_days.h"
#include "scheduler/when/cron_weekdays.h"
#include "scheduler/when/duration.h"
#include "scheduler/when/timetable.h"
#include "service/cli/clean_output.h"
#include "service/config/config.h"
#include "tasks/tasks.h"

namespace systask::service {
namespace {

namespace json = boost::json;

constexpr std::int64_t kMostTimes = 10'000'000;
constexpr std::int64_t kUsual = 5;  // times of one task or expression, where none are asked for

// The next times, each written in the zone, separated by a space; "never" where there is none.
std::string times(const scheduler::Schedule& schedule, const Zone& zone, TimePoint from,
                  std::int64_t count) {
  std::string text;
  TimePoint at = from;
  for (std::int64_t i = 0; i < count; ++i) {
    at = scheduler::next_due(schedule, at);
    if (at == scheduler::kNever) break;
    if (!text.empty()) text += ' ';
    text += zone.to_rfc3339(at);
  }
  return text.empty() ? "never" : text;
}

int refuse(std::ostream& err, const std::string& message) {
  err << "systask next: " << message << '\n';
  return 1;
}

// One line of the answer: an occurrence, with what keeps it from running, or a day left out.
struct Line {
  TimePoint at;
  std::string skipped_day;  // not empty: no occurrence, but this date
  std::string why;
};

// What a task or an expression does: its lines, or in words what starts it.
struct Answer {
  std::vector<Line> lines;
  std::string starts;
  bool enabled = true;
};

std::string text_of(const Line& line, const Zone& zone) {
  if (!line.skipped_day.empty()) return fmt::format("{}  skipped: {}", line.skipped_day, line.why);
  std::string text = zone.to_rfc3339(line.at);
  if (!line.why.empty()) text += "  does not run: " + line.why;
  return text;
}

std::vector<std::string> texts_of(const Answer& answer, const Zone& zone) {
  if (!answer.starts.empty()) return {answer.starts};
  if (answer.lines.empty()) return {"never"};
  std::vector<std::string> texts;
  texts.reserve(answer.lines.size());
  for (const Line& line : answer.lines)
    texts.push_back(text_of(line, zone));
  return texts;
}

json::object json_of(const Answer& answer, const Zone& zone) {
  json::array occurrences;
  json::array skipped;
  for (const Line& line : answer.lines) {
    if (line.skipped_day.empty())
      occurrences.push_back(
          json::object{{"nominal", zone.to_rfc3339(line.at)},
                       {"runs", line.why.empty()},
                       {"why", line.why.empty() ? json::value{} : json::value(line.why)}});
    else
      skipped.push_back(json::object{{"date", line.skipped_day}, {"why", line.why}});
  }
  return {{"enabled", answer.enabled},
          {"occurrences", occurrences},
          {"skipped", skipped},
          {"starts", answer.starts.empty() ? json::value{} : json::value(answer.starts)}};
}

// The days without an occurrence between the first and the last, as lines by their beginning.
void add_skipped(const scheduler::Timetable& timetable, TimePoint from, TimePoint until,
                 std::multimap<TimePoint, Line>& lines) {
  constexpr std::size_t kMostDays = 1'000;
  for (const scheduler::SkippedDay& day :
       scheduler::skipped_days(timetable, from, until, kMostDays))
    lines.emplace(day.midnight, Line{day.midnight, iso_date(day.date), day.why});
}

// What was asked for, in order of time: those before `from`, then those after it.
Answer occurrences(const scheduler::Timetable& timetable, const NextQuestion& question,
                   std::int64_t usual_count) {
  std::multimap<TimePoint, Line> found;
  TimePoint first = question.from;
  for (std::int64_t i = 0; i < question.back; ++i) {
    const scheduler::Occurrence one = timetable.previous(first);
    if (one.nominal == scheduler::kNeverBefore) break;
    found.emplace(one.nominal, Line{one.nominal, "", one.refusal});
    first = one.nominal;
  }
  const std::int64_t count = question.count > 0 || question.back > 0 ? question.count : usual_count;
  TimePoint last = question.from;
  for (std::int64_t i = 0; i < count; ++i) {
    const scheduler::Occurrence one = timetable.next(last);
    if (one.nominal == scheduler::kNever) break;
    found.emplace(one.nominal, Line{one.nominal, "", one.refusal});
    last = one.nominal;
  }
  if (question.skipped) add_skipped(timetable, first, last, found);
  Answer answer;
  answer.lines.reserve(found.size());
  for (auto& [at, line] : found)
    answer.lines.push_back(std::move(line));
  return answer;
}

int answer_cron(const NextQuestion& question, std::ostream& out, std::ostream& err) {
  const auto zone = Zone::find(question.zone);
  if (!zone) return refuse(err, zone.error().message);
  const auto schedule =
      scheduler::parse_cron_schedule(question.cron, *zone, question.dst, question.seed);
  if (!schedule && schedule.error().code != "NEVER_FIRES")
    return refuse(err, schedule.error().message);
  if (const auto numbers = scheduler::numeric_weekdays(question.cron))
    err << fmt::format("systask next: found '{}': {}; {} (a warning)\n", question.cron,
                       numbers->means(), numbers->advice());
  const Answer answer = schedule ? occurrences(*schedule, question, kUsual) : Answer{};
  const Zone shown = question.utc ? Zone::utc() : *zone;
  if (question.json) {
    json::object object = json_of(answer, shown);
    object["cron"] = question.cron;
    object["time_zone"] = zone->name();
    out << json_text(object) << '\n';
    return 0;
  }
  out << fmt::format("{}\n", fmt::join(texts_of(answer, shown), "\n"));
  return 0;
}

// The occurrences of a task, or in words what starts it where it is on no clock.
Answer answer_of(const scheduler::TaskSpec& task, const NextQuestion& question,
                 std::int64_t usual_count) {
  const auto in_words = [&](std::string words) {
    return Answer{.lines = {}, .starts = std::move(words), .enabled = task.enabled};
  };
  if (const auto* delay = std::get_if<scheduler::Delay>(&task.timetable.schedule()))
    return in_words(scheduler::format_duration(delay->period()) + " after its last run");
  if (!task.timetable.on_demand()) {
    Answer answer = occurrences(task.timetable, question, usual_count);
    answer.enabled = task.enabled;
    return answer;
  }
  if (task.after.empty()) return in_words("when it is asked to");
  std::vector<std::string_view> names;
  names.reserve(task.after.size());
  for (const scheduler::Predecessor& before : task.after)
    names.emplace_back(before.task);
  return in_words(fmt::format("after {}", fmt::join(names, ", ")));
}

// The same, with the pauses and windows that a running service has.
Answer held_answer_of(const scheduler::TaskSpec& task, const NextQuestion& question,
                      std::int64_t usual_count) {
  Answer answer = answer_of(task, question, usual_count);
  const auto holds = question.holds.find(task.name);
  if (holds == question.holds.end()) return answer;
  for (const TaskHold& hold : holds->second) {
    for (Line& line : answer.lines)
      if (line.why.empty() && line.at >= hold.from && line.at < hold.to) line.why = hold.why;
    const bool now = question.from >= hold.from && question.from < hold.to;
    if (!answer.starts.empty() && now) answer.starts += "  does not run: " + hold.why;
  }
  return answer;
}

json::object task_object(const scheduler::TaskSpec& task, const Answer& answer, const Zone& zone) {
  json::object object = json_of(answer, zone);
  object["task"] = task.name;
  object["id"] = task.id.value();
  object["time_zone"] = task.zone;
  return object;
}

void print_all(const Config& config, const NextQuestion& question, const Zone& zone,
               std::ostream& out) {
  if (question.json) {
    json::array all;
    for (const auto& task : config.tasks)
      all.push_back(task_object(task, held_answer_of(task, question, 1), zone));
    out << json_text(all) << '\n';
    return;
  }
  std::size_t widest = 0;
  for (const auto& task : config.tasks)
    widest = std::max(widest, task.name.size());
  for (const auto& task : config.tasks)
    out << fmt::format("{:<{}}  {}{}\n", task.name, widest,
                       fmt::join(texts_of(held_answer_of(task, question, 1), zone), " "),
                       task.enabled ? "" : " (not enabled)");
}

int answer_tasks(const NextQuestion& question, std::ostream& out, std::ostream& err) {
  const ConfigResult config = load_config(question.config, tasks::task_names());
  if (!config) {
    err << to_text(config.error());
    return 2;
  }
  const Zone zone =
      question.utc ? Zone::utc() : Zone::find(config->service.platform.time_zone).value();
  if (question.task.empty()) {
    print_all(*config, question, zone, out);
    return 0;
  }
  for (const auto& task : config->tasks) {
    if (task.name != question.task && std::to_string(task.id.value()) != question.task) continue;
    const Answer answer = held_answer_of(task, question, kUsual);
    if (question.json)
      out << json_text(task_object(task, answer, zone)) << '\n';
    else
      out << fmt::format("{}\n", fmt::join(texts_of(answer, zone), "\n"));
    return 0;
  }
  return refuse(err, fmt::format("{} has no task '{}'; `systask next` lists those it has",
                                 question.config, question.task));
}

std::string error_line(std::string_view message) { return fmt::format("error: {}", message); }

void add_options(CLI::App& command, NextQuestion& question, std::string& from) {
  command.add_option("task", question.task, "A task, by name or number; default: all");
  command.add_option("--config", question.config, "The configuration")->capture_default_str();
  command.add_option("--cron", question.cron, "A cron expression instead of a task");
  command.add_option("--zone", question.zone, "Of --cron: an IANA name")->capture_default_str();
  command.add_option("--from", from, "RFC 3339; times strictly after it. Default: now");
  command.add_option("--count", question.count, "How many times after it; usually 5")
      ->check(whole<CLI::Validator>(1, kMostTimes));
  command.add_option("--back", question.back, "How many times before it; alone, only these")
      ->check(whole<CLI::Validator>(1, kMostTimes));
  command.add_flag("--skipped", question.skipped,
                   "Also the days that a task's calendar leaves out, and why");
  command.add_flag("--json", question.json, "As JSON");
  command.add_flag("--utc", question.utc,
                   "Times in UTC; default: in the service's zone, of --cron in its --zone");
  command.add_option(
      "--seed", question.seed,
      "Of --cron and --batch: the name of the task, which chooses what H stands for");
}

constexpr const char* kExamples =
    "With --batch, lines `expr<TAB>zone<TAB>from<TAB>count` on standard input are answered by one\n"
    "line each: the times, separated by a space; `never`; or `error: ...`.\n"
    "Examples:\n"
    "  systask next\n"
    "  systask next archive-day --count 3 --back 2\n"
    "  systask next nightly-report --count 10 --skipped\n"
    "  systask next archive-day --json --utc\n"
    "  systask next --cron '0 30 9 ? * MON-FRI' --zone Asia/Shanghai --from 2026-05-22T00:00:00Z\n"
    "  printf '0 0 8 * * ?\\tUTC\\t2026-05-22T00:00:00Z\\t2\\n' | systask next --batch";

}  // namespace

int answer_next(const NextQuestion& question, std::ostream& out, std::ostream& err) {
  return question.cron.empty() ? answer_tasks(question, out, err) : answer_cron(question, out, err);
}

std::string answer_line(std::string_view line, scheduler::DstPolicy dst, std::string_view seed) {
  if (line.ends_with('\r')) line.remove_suffix(1);
  std::array<std::string_view, 4> parts;
  std::string_view rest = line;
  for (std::size_t i = parts.size() - 1; i > 0; --i) {
    const std::size_t tab = rest.rfind('\t');
    if (tab == std::string_view::npos)
      return error_line(
          fmt::format("expected expr, zone, from and count, separated by tabs; found {} columns",
                      parts.size() - i));
    parts[i] = rest.substr(tab + 1);
    rest = rest.substr(0, tab);
  }
  parts[0] = rest;
  const auto& [cron, zone_name, from_text, count_text] = parts;
  const auto zone = Zone::find(zone_name);
  if (!zone) return error_line(zone.error().message);
  const auto from = from_rfc3339(from_text);
  if (!from)
    return error_line(
        fmt::format("'{}' is no time: expected RFC 3339 with an offset, such as "
                    "2026-05-22T09:30:00+08:00",
                    from_text));
  std::int64_t count = 0;
  const char* const last = count_text.data() + count_text.size();
  const auto [end, error] = std::from_chars(count_text.data(), last, count);
  if (error != std::errc{} || end != last || count < 1 || count > kMostTimes)
    return error_line(fmt::format("'{}' is no count: expected a whole number from 1 to {}",
                                  count_text, kMostTimes));
  const auto schedule = scheduler::parse_cron_schedule(cron, *zone, dst, seed);
  if (schedule) return times(*schedule, *zone, *from, count);
  if (schedule.error().code == "NEVER_FIRES") return "never";
  return error_line(schedule.error().message);
}

void answer_batch(std::istream& in, std::ostream& out, scheduler::DstPolicy dst,
                  std::string_view seed) {
  constexpr std::size_t kBlock = 64 * 1024;
  std::string answers;
  const auto flush = [&] {
    out << answers << std::flush;
    answers.clear();
  };
  for (std::string line; std::getline(in, line);) {
    answers += answer_line(line, dst, seed);
    answers += '\n';
    if (answers.size() >= kBlock || in.rdbuf()->in_avail() <= 0) flush();
  }
  flush();
}

void add_next(CLI::App& app, int& status) {
  struct Arguments {
    NextQuestion question;
    std::string from;
    std::string gap = "transition";
    std::string overlap = "auto";
    bool batch = false;
    std::string connect;
    std::string token_file;
  };
  const auto given = std::make_shared<Arguments>();
  auto* command = app.add_subcommand("next", "When tasks, or cron expressions, fire next");
  add_options(*command, given->question, given->from);
  command->add_flag("--batch", given->batch, "Answer cron expressions from standard input")
      ->excludes("--back");
  command
      ->add_option("--dst-gap", given->gap, "A time the clocks skip: at the change, later or not")
      ->check(CLI::IsMember({"transition", "shift", "skip"}))
      ->capture_default_str();
  command->add_option("--dst-overlap", given->overlap, "A time that comes twice")
      ->check(CLI::IsMember({"auto", "first", "both"}))
      ->capture_default_str();
  command
      ->add_option("--connect", given->connect,
                   "A running service, HOST:PORT, asked for its pauses; default: that of --config")
      ->envname("SYSTASK_CONNECT");
  command->add_option("--token-file", given->token_file, "File whose first line is its token")
      ->envname("SYSTASK_TOKEN_FILE");
  command->footer(kExamples);
  command->callback([given, &status] {
    const scheduler::DstPolicy dst{scheduler::parse_gap(given->gap).value(),
                                   scheduler::parse_dst_overlap(given->overlap).value()};
    if (given->batch) {
      std::ios::sync_with_stdio(false);
      answer_batch(std::cin, std::cout, dst, given->question.seed);
      status = 0;
      return;
    }
    const auto from = given->from.empty() ? SystemClock{}.now() : from_rfc3339(given->from);
    if (!from) {
      status = refuse(std::cerr, fmt::format("--from {}: expected RFC 3339 with an offset, such "
                                             "as 2026-05-22T09:30:00+08:00",
                                             given->from));
      return;
    }
    given->question.from = *from;
    given->question.dst = dst;
    ServiceNotes notes;
    if (given->question.cron.empty())
      notes = ask_service({given->question.config, given->connect, given->token_file});
    given->question.holds = std::move(notes.holds);
    status = answer_next(given->question, std::cout, std::cerr);
    for (const std::string& line : notes.lines)
      std::cerr << "systask next: " << line << '\n';
  });
}

}  // namespace systask::service
