// `systask why`: one task at some time.
#include <fmt/format.h>

#include <boost/json.hpp>
#include <utility>

#include "service/cli/client_command.h"
#include "service/cli/commands.h"
#include "service/cli/text_table.h"

namespace systask::service {
namespace {

namespace json = boost::json;

struct WhyArguments {
  ClientOptions client;
  std::string task;
  std::string at = "now";
  bool standalone = false;
  std::string config = "tasks.yaml";
};

int why(const WhyArguments& given) {
  const json::value found = given.client.client().get(
      fmt::format("/api/tasks/{}/why?at={}", encoded(given.task), encoded(given.at)));
  if (given.client.json)
    print_json(found);
  else
    print(why_lines(found.as_object()));
  return 0;
}

void add_why(CLI::App& app, int& status, std::function<int(const StandaloneWhy&)> standalone) {
  const auto given = std::make_shared<WhyArguments>();
  auto* const command =
      add_command(app, "why", "What became, or will become, of a task at some time",
                  "  systask why nightly-report --at 'yesterday 15:15'\n"
                  "  systask why recover-plans --at 2026-05-22T09:30:00+08:00 --json\n"
                  "  systask why archive-day --at 'tomorrow 08:00'",
                  given->client);
  command->add_option("task", given->task, "Its name or number")->required();
  command
      ->add_option("--at", given->at,
                   "RFC 3339, or in the task's zone 2026-05-22 08:30, 08:30 (today), "
                   "yesterday 08:30, tomorrow 08:30, now")
      ->capture_default_str();
  if (standalone) {
    command->add_flag("--standalone", given->standalone, "On the database, without a service");
    command->add_option("--config", given->config, "The configuration, for --standalone")
        ->capture_default_str();
  }
  on_command(*command, status, [given, standalone = std::move(standalone)] {
    if (!given->standalone) return why(*given);
    return standalone(
        {given->task, given->at, given->config, given->client.json, given->client.utc});
  });
}

}  // namespace

std::string why_lines(const json::object& found) {
  std::string text = plain(found.at("answer")) + "\n";
  if (const auto& run = found.at("run"); run.is_object())
    text += "\n" +
            render_table(table_of({run}, {"run", "nominal", "outcome", "count", "trigger",
                                          "started_at", "took_ms", "attempt", "actor", "detail"}));
  if (const auto& attempts = found.at("attempts").as_array(); !attempts.empty())
    text += "\n" + render_table(table_of(attempts, {"attempt", "outcome", "started_at",
                                                    "finished_at", "next_at", "detail"}));
  return text;
}

void add_task_commands(CLI::App& app, int& status, const StandaloneCommands& standalone) {
  add_run_command(app, status, standalone.run);
  add_why(app, status, standalone.why);
}

}  // namespace systask::service
