#include "service/cli/check.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>

#include "base/clock.h"
#include "service/config/config.h"
#include "tasks/tasks.h"

namespace systask::service {

int check(const std::string& file, std::ostream& out, std::ostream& err) {
  const ConfigResult config = load_config(file, tasks::task_names());
  if (!config) {
    err << to_text(config.error());
    err << fmt::format("{}: {} mistakes; nothing starts with this file\n", file,
                       config.error().all.size());
    return 2;
  }
  for (const Mistake& warning : config->warnings)
    err << to_text(file, warning) << " (a warning)\n";
  std::size_t ending = 0;
  for (const auto& [name, each] : config->calendars) {
    const auto ends = each.calendar->edition()->ends_soon(SystemClock{}.now());
    if (!ends) continue;
    err << fmt::format("{}: calendars.{}: {} (a warning)\n", file, name, *ends);
    ++ending;
  }
  std::size_t enabled = 0;
  for (const auto& task : config->tasks)
    enabled += task.enabled ? 1 : 0;
  out << fmt::format(
      "{}: {} tasks, {} of them enabled, in {} lanes; database {}, listening on {}:{}", file,
      config->tasks.size(), enabled, config->lanes.size(), config->service.database,
      config->service.listen_host, config->service.listen_port);
  out << fmt::format("; {} warnings\n", config->warnings.size() + ending);
  return 0;
}

void add_check(CLI::App& app, int& status) {
  auto* command = app.add_subcommand("check", "Check a configuration; starts nothing");
  const auto file = std::make_shared<std::string>("tasks.yaml");
  command->add_option("file", *file, "The configuration")->capture_default_str();
  command->footer(
      "Answers every mistake with file, line, column, key and what was expected.\n"
      "Exit status: 0 right, 2 mistakes.\n"
      "Examples:\n"
      "  systask check\n"
      "  systask check /etc/systask/tasks.yaml");
  command->callback([file, &status] { status = check(*file, std::cout, std::cerr); });
}

}  // namespace systask::service
