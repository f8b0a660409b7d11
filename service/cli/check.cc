#include "service/cli/check.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <boost/json.hpp>
#include <iostream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "net/address.h"
#include "service/cli/check_sql.h"
#include "service/cli/clean_output.h"
#include "service/config/config.h"
#include "service/config/warnings.h"
#include "tasks/tasks.h"

namespace systask::service {

namespace {

std::string counted(std::size_t count, std::string_view what) {
  return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

// An IPv6 address in brackets.
std::string listens_on(const Config& config) {
  return net::text_of({config.service.listen_host, std::to_string(config.service.listen_port)});
}

std::string summary_of(const Config& config, std::size_t warnings) {
  const auto enabled = std::ranges::count_if(config.tasks, &scheduler::TaskSpec::enabled);
  return fmt::format(
      "{}: {} tasks, {} of them enabled, in {} lanes; database {}, listening on "
      "{}; {}",
      config.file, config.tasks.size(), enabled, config.lanes.size(), config.service.database,
      listens_on(config), counted(warnings, "warning"));
}

boost::json::array mistakes_json(const std::string& file, const std::vector<Mistake>& mistakes) {
  boost::json::array all;
  for (const Mistake& one : mistakes)
    all.push_back(boost::json::object{{"file", one.file.empty() ? file : one.file},
                                      {"line", one.place.line},
                                      {"column", one.place.column},
                                      {"key", one.key},
                                      {"says", one.says}});
  return all;
}

int check_json(const CheckQuestion& question, const ConfigResult& config, std::ostream& out) {
  const auto warnings = config ? warnings_of(*config, question.now) : std::vector<Mistake>{};
  const bool right = config.has_value() && !(question.strict && !warnings.empty());
  boost::json::object answer{{"file", question.file}, {"right", right}};
  answer["mistakes"] =
      config ? boost::json::array{} : mistakes_json(config.error().file, config.error().all);
  answer["warnings"] = mistakes_json(question.file, warnings);
  if (config) {
    answer["tasks"] = config->tasks.size();
    answer["enabled"] = std::ranges::count_if(config->tasks, &scheduler::TaskSpec::enabled);
    answer["lanes"] = config->lanes.size();
    answer["database"] = config->service.database;
    answer["listen"] = listens_on(*config);
  }
  out << json_text(answer) << '\n';
  return right ? 0 : 2;
}

// Nothing is wrong with that: a market may have no holidays. So it is no warning.
std::string notice_of_markets(const Config& config) {
  std::vector<int> without;
  for (const int market : config.service.markets)
    if (!config.service.market_calendars.contains(market)) without.push_back(market);
  if (without.empty()) return "";
  return fmt::format(
      "{}: service.markets: market {} without a calendar: plans are dated on Monday to Friday, "
      "on holidays too; to name calendars, markets: {{{}: xshg}} (a notice)\n",
      config.file, fmt::join(without, ", "), without.front());
}

}  // namespace

int check(const CheckQuestion& question, std::ostream& out, std::ostream& err) {
  const std::string& file = question.file;
  const ConfigResult config = load_config(file, tasks::task_names());
  if (question.json) return check_json(question, config, out);
  if (!config) {
    err << to_text(config.error());
    err << fmt::format("{}: {}; nothing starts with this file\n", file,
                       counted(config.error().all.size(), "mistake"));
    return 2;
  }
  CheckedSql sql = check_sql(*config);
  if (!sql.mistakes.empty()) {
    err << to_text(Mistakes{file, sql.mistakes});
    err << fmt::format("{}: {} in the SQL of tasks, whose runs would fail\n", file,
                       counted(sql.mistakes.size(), "mistake"));
    return 2;
  }
  std::vector<Mistake> warnings = warnings_of(*config, question.now);
  std::ranges::move(sql.warnings, std::back_inserter(warnings));
  std::ranges::sort(warnings);
  for (const Mistake& warning : warnings)
    err << to_text(file, warning) << " (a warning)\n";
  if (question.strict && !warnings.empty()) {
    err << fmt::format("{}: {}, and with --strict a warning is a mistake\n", file,
                       counted(warnings.size(), "warning"));
    return 2;
  }
  out << summary_of(*config, warnings.size()) << '\n' << notice_of_markets(*config);
  return 0;
}

void add_check(CLI::App& app, int& status) {
  auto* command = app.add_subcommand("check", "Check a configuration; starts nothing");
  const auto question = std::make_shared<CheckQuestion>();
  command->add_option("file", question->file, "The configuration")->capture_default_str();
  command->add_flag("--strict", question->strict, "A warning counts as a mistake");
  command->add_flag("--json", question->json, "Mistakes and warnings as JSON, on standard output");
  command->footer(
      "Answers every mistake with file, line, column, key and what was expected; and warns of\n"
      "what is allowed but probably not meant.\n"
      "Exit status: 0 right, 2 mistakes; with --strict, warnings too.\n"
      "Examples:\n"
      "  systask check\n"
      "  systask check --strict tasks.yaml\n"
      "  systask check /etc/systask/tasks.yaml --json");
  command->callback([question, &status] {
    question->now = SystemClock{}.now();
    status = check(*question, std::cout, std::cerr);
  });
}

}  // namespace systask::service
