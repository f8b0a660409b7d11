#include "service/cli/next.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <array>
#include <charconv>
#include <iostream>
#include <memory>
#include <optional>

#include "base/zone.h"
#include "scheduler/when/schedule.h"
#include "service/config/config.h"
#include "tasks/tasks.h"

namespace systask::service {
namespace {

constexpr std::int64_t kMostTimes = 10'000'000;

// The next times, each written in the zone, with `between` between them; "never" where
// there is none.
std::string times(const scheduler::Schedule& schedule, const Zone& zone, TimePoint from,
                  std::int64_t count, char between) {
  std::string text;
  TimePoint at = from;
  for (std::int64_t i = 0; i < count; ++i) {
    at = scheduler::next_due(schedule, at);
    if (at == scheduler::kNever) break;
    if (!text.empty()) text += between;
    text += zone.to_rfc3339(at);
  }
  return text.empty() ? "never" : text;
}

Result<std::string> cron_times(std::string_view cron, const Zone& zone, TimePoint from,
                               std::int64_t count, char between, scheduler::DstPolicy dst) {
  const auto schedule = scheduler::parse_cron_schedule(cron, zone, dst);
  const auto text = [](std::string value) {
    return Result<std::string>{boost::system::in_place_value, std::move(value)};
  };
  if (schedule) return text(times(*schedule, zone, from, count, between));
  if (schedule.error().code == "NEVER_FIRES") return text("never");
  return schedule.error();
}

int refuse(std::ostream& err, const std::string& message) {
  err << "systask next: " << message << '\n';
  return 1;
}

int answer_cron(const NextQuestion& question, std::ostream& out, std::ostream& err) {
  const auto zone = Zone::find(question.zone);
  if (!zone) return refuse(err, zone.error().message);
  const std::int64_t count = question.count > 0 ? question.count : 5;
  const auto found = cron_times(question.cron, *zone, question.from, count, '\n', question.dst);
  if (!found) return refuse(err, found.error().message);
  out << *found << '\n';
  return 0;
}

void print_all(const Config& config, const NextQuestion& question, std::ostream& out) {
  std::size_t widest = 0;
  for (const auto& task : config.tasks)
    widest = std::max(widest, task.name.size());
  for (const auto& task : config.tasks) {
    const Zone zone = Zone::find(task.zone).value();
    std::string when = times(task.timetable.schedule(), zone, question.from,
                             std::max<std::int64_t>(question.count, 1), ' ');
    // A task on no clock: its text says "after", and its predecessors say when.
    if (task.timetable.on_demand()) when = fmt::format("after {}", fmt::join(task.after, ", "));
    out << fmt::format("{:<{}}  {}{}\n", task.name, widest, when,
                       task.enabled ? "" : " (not enabled)");
  }
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
    if (task.timetable.on_demand())
      out << fmt::format("after {}\n", fmt::join(task.after, ", "));
    else
      out << times(task.timetable.schedule(), Zone::find(task.zone).value(), question.from,
                   question.count > 0 ? question.count : 5, '\n')
          << '\n';
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
  command.add_option("--count", question.count, "How many times")
      ->check(CLI::Range(std::int64_t{1}, kMostTimes));
}

constexpr const char* kExamples =
    "With --batch, lines `expr<TAB>zone<TAB>from<TAB>count` on standard input are answered by one\n"
    "line each: the times, separated by a space; `never`; or `error: ...`.\n"
    "Examples:\n"
    "  systask next\n"
    "  systask next archive-day --count 3\n"
    "  systask next --cron '0 30 9 ? * MON-FRI' --zone Asia/Shanghai --from 2026-05-22T00:00:00Z\n"
    "  printf '0 0 8 * * ?\\tUTC\\t2026-05-22T00:00:00Z\\t2\\n' | systask next --batch";

}  // namespace

int answer_next(const NextQuestion& question, std::ostream& out, std::ostream& err) {
  return question.cron.empty() ? answer_tasks(question, out, err) : answer_cron(question, out, err);
}

std::string answer_line(std::string_view line, scheduler::DstPolicy dst) {
  if (line.ends_with('\r')) line.remove_suffix(1);
  std::array<std::string_view, 4> parts;
  std::size_t found = 0;
  for (std::string_view rest = line;; ++found) {
    if (found == parts.size()) return error_line("expected 4 columns, found more");
    const std::size_t tab = rest.find('\t');
    parts[found] = rest.substr(0, tab);
    if (tab == rest.npos) break;
    rest.remove_prefix(tab + 1);
  }
  if (++found != parts.size())
    return error_line(fmt::format(
        "expected expr, zone, from and count, separated by tabs; found {} columns", found));
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
  const auto answer = cron_times(cron, *zone, *from, count, ' ', dst);
  return answer ? *answer : error_line(answer.error().message);
}

void answer_batch(std::istream& in, std::ostream& out, scheduler::DstPolicy dst) {
  constexpr std::size_t kBlock = 64 * 1024;
  std::string answers;
  const auto flush = [&] {
    out << answers << std::flush;
    answers.clear();
  };
  for (std::string line; std::getline(in, line);) {
    answers += answer_line(line, dst);
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
  command->add_flag("--batch", given->batch, "Answer cron expressions from standard input");
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
      answer_batch(std::cin, std::cout, dst);
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
  });
}

}  // namespace systask::service
