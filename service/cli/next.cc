#include "service/cli/next.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <charconv>
#include <cstdlib>
#include <iostream>
#include <map>
#include <memory>
#include <optional>
#include <variant>
#include <vector>

#include "base/zone.h"
#include "scheduler/ahead/skipped_days.h"
#include "scheduler/when/duration.h"
#include "scheduler/when/timetable.h"
#include "service/cli/service_client.h"
#include "service/config/config.h"
#include "tasks/tasks.h"

namespace systask::service {
namespace {

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

std::string described(const scheduler::Occurrence& occurrence, const Zone& zone) {
  std::string text = zone.to_rfc3339(occurrence.nominal);
  if (!occurrence.refusal.empty()) text += "  does not run: " + occurrence.refusal;
  return text;
}

// The days without an occurrence between the first and the last, as lines by their beginning.
void add_skipped(const scheduler::Timetable& timetable, TimePoint from, TimePoint until,
                 std::multimap<TimePoint, std::string>& lines) {
  constexpr std::size_t kMostDays = 1'000;
  for (const scheduler::SkippedDay& day :
       scheduler::skipped_days(timetable, from, until, kMostDays))
    lines.emplace(day.midnight,
                  fmt::format("{}  skipped: {}", scheduler::text_of(day.date), day.why));
}

// What was asked for, in order of time: those before `from`, then those after it.
std::vector<std::string> occurrences(const scheduler::Timetable& timetable, const Zone& zone,
                                     const NextQuestion& question, std::int64_t usual_count) {
  std::multimap<TimePoint, std::string> found;
  TimePoint first = question.from;
  for (std::int64_t i = 0; i < question.back; ++i) {
    const scheduler::Occurrence one = timetable.previous(first);
    if (one.nominal == scheduler::kNeverBefore) break;
    found.emplace(one.nominal, described(one, zone));
    first = one.nominal;
  }
  const std::int64_t count = question.count > 0 || question.back > 0 ? question.count : usual_count;
  TimePoint last = question.from;
  for (std::int64_t i = 0; i < count; ++i) {
    const scheduler::Occurrence one = timetable.next(last);
    if (one.nominal == scheduler::kNever) break;
    found.emplace(one.nominal, described(one, zone));
    last = one.nominal;
  }
  if (question.skipped) add_skipped(timetable, first, last, found);
  std::vector<std::string> lines;
  lines.reserve(found.size());
  for (auto& [at, line] : found)
    lines.push_back(std::move(line));
  if (lines.empty()) lines.emplace_back("never");
  return lines;
}

int answer_cron(const NextQuestion& question, std::ostream& out, std::ostream& err) {
  const auto zone = Zone::find(question.zone);
  if (!zone) return refuse(err, zone.error().message);
  const auto schedule =
      scheduler::parse_cron_schedule(question.cron, *zone, question.dst, question.seed);
  if (!schedule && schedule.error().code != "NEVER_FIRES")
    return refuse(err, schedule.error().message);
  out << (schedule
              ? fmt::format("{}", fmt::join(occurrences(*schedule, *zone, question, kUsual), "\n"))
              : "never")
      << '\n';
  return 0;
}

// The occurrences of a task, or in words what starts it where it is on no clock.
std::vector<std::string> lines_of(const scheduler::TaskSpec& task, const NextQuestion& question,
                                  std::int64_t usual_count) {
  if (const auto* delay = std::get_if<scheduler::Delay>(&task.timetable.schedule()))
    return {scheduler::format_duration(delay->period()) + " after its last run"};
  if (!task.timetable.on_demand())
    return occurrences(task.timetable, Zone::find(task.zone).value(), question, usual_count);
  if (task.after.empty()) return {"when it is asked to"};
  std::vector<std::string_view> names;
  names.reserve(task.after.size());
  for (const scheduler::Predecessor& before : task.after)
    names.emplace_back(before.task);
  return {fmt::format("after {}", fmt::join(names, ", "))};
}

void print_all(const Config& config, const NextQuestion& question, std::ostream& out) {
  std::size_t widest = 0;
  for (const auto& task : config.tasks)
    widest = std::max(widest, task.name.size());
  for (const auto& task : config.tasks)
    out << fmt::format("{:<{}}  {}{}\n", task.name, widest,
                       fmt::join(lines_of(task, question, 1), " "),
                       task.enabled ? "" : " (not enabled)");
}

int answer_tasks(const NextQuestion& question, std::ostream& out, std::ostream& err) {
  const ConfigResult config = load_config(question.config, tasks::task_names());
  if (!config) {
    err << to_text(config.error());
    return 2;
  }
  if (question.task.empty()) {
    print_all(*config, question, out);
    return 0;
  }
  for (const auto& task : config->tasks) {
    if (task.name != question.task && std::to_string(task.id.value()) != question.task) continue;
    for (const std::string& line : lines_of(task, question, kUsual))
      out << line << '\n';
    return 0;
  }
  return refuse(err, fmt::format("{} has no task '{}'; `systask next` lists those it has",
                                 question.config, question.task));
}

// What a running service says of its clock, which the times of a task do not tell. A service that
// does not answer at once says nothing.
void note_clock(const std::string& file, std::ostream& err) {
  const ConfigResult config = load_config(file, tasks::task_names());
  if (!config) return;
  const ServiceConfig& service = config->service;
  const bool anywhere = service.listen_host == "0.0.0.0" || service.listen_host == "::";
  const char* const given = std::getenv("SYSTASK_CONNECT");
  const std::string address =
      given != nullptr ? given
                       : fmt::format("{}:{}", anywhere ? "127.0.0.1" : service.listen_host,
                                     service.listen_port);
  try {
    const ServiceClient client{address, "", std::chrono::milliseconds{500}};
    const boost::json::value answer = client.get("/readyz");
    if (const auto* clock = answer.as_object().if_contains("clock"); clock != nullptr)
      err << "systask next: " << clock->as_string().c_str() << '\n';
  } catch (const std::exception&) {  // there is none
  }
}

std::string error_line(std::string_view message) { return fmt::format("error: {}", message); }

void add_options(CLI::App& command, NextQuestion& question, std::string& from) {
  command.add_option("task", question.task, "A task, by name or number; default: all");
  command.add_option("--config", question.config, "The configuration")->capture_default_str();
  command.add_option("--cron", question.cron, "A cron expression instead of a task");
  command.add_option("--zone", question.zone, "Of --cron: an IANA name")->capture_default_str();
  command.add_option("--from", from, "RFC 3339; times strictly after it. Default: now");
  command.add_option("--count", question.count, "How many times after it; usually 5")
      ->check(CLI::Range(std::int64_t{1}, kMostTimes));
  command.add_option("--back", question.back, "How many times before it; alone, only these")
      ->check(CLI::Range(std::int64_t{1}, kMostTimes));
  command.add_flag("--skipped", question.skipped,
                   "Also the days that a task's calendar leaves out, and why");
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
    status = answer_next(given->question, std::cout, std::cerr);
    if (status == 0 && given->question.cron.empty()) note_clock(given->question.config, std::cerr);
  });
}

}  // namespace systask::service
