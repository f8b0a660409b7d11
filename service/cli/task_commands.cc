// `systask run`, and `systask task pause|resume`: what operators do with tasks.
#include <fmt/format.h>

#include <boost/json.hpp>
#include <utility>

#include "service/cli/client_command.h"
#include "service/cli/commands.h"
#include "service/cli/text_table.h"

namespace systask::service {
namespace {

namespace json = boost::json;

constexpr double kLongestRunSeconds = 3600;

struct RunArguments {
  ClientOptions client;
  std::string task;
  std::vector<std::string> parameters;
  bool standalone = false;
  std::string config = "tasks.yaml";
};

struct PauseArguments {
  ClientOptions client;
  std::string task;
  std::string reason;
};

int run(const RunArguments& given) {
  json::object parameters;
  for (const auto& [key, value] : pairs_of(given.parameters))
    parameters[key] = value;
  const json::value done =
      given.client.client().post(fmt::format("/api/tasks/{}/run", encoded(given.task)),
                                 {{"actor", actor()}, {"parameters", parameters}});
  if (given.client.json)
    print_json(done);
  else
    print(fmt::format("{}: {}: {} (run {})\n", given.task, plain(done.at("outcome")),
                      plain(done.at("detail")), plain(done.at("run"))));
  return done.at("outcome") == "succeeded" ? 0 : 1;
}

void add_run(CLI::App& app, int& status, std::function<int(const StandaloneRun&)> standalone) {
  const auto given = std::make_shared<RunArguments>();
  given->client.timeout_seconds = kLongestRunSeconds;
  auto* const command = add_command(app, "run", "Run a task once, now, and wait for its outcome",
                                    "  systask run clear-message-cache\n"
                                    "  systask run backup-database --parameter keep=3\n"
                                    "Exit status 0 only if it succeeded.",
                                    given->client);
  command->add_option("task", given->task, "Name of the task; `systask tasks` shows them")
      ->required();
  command->add_option("--parameter", given->parameters, "For this run only; repeat it")
      ->check(key_value())
      ->take_all();
  if (standalone) {
    command->add_flag("--standalone", given->standalone, "On the database, without a service");
    command->add_option("--config", given->config, "The configuration, for --standalone")
        ->capture_default_str();
  }
  on_command(*command, status, [given, standalone = std::move(standalone)] {
    if (!given->standalone) return run(*given);
    return standalone(
        {given->task, pairs_of(given->parameters), given->config, given->client.json});
  });
}

int pause(const PauseArguments& given, const std::string& verb) {
  const json::value done =
      given.client.client().post(fmt::format("/api/tasks/{}/{}", encoded(given.task), verb),
                                 {{"actor", actor()}, {"reason", given.reason}});
  if (given.client.json)
    print_json(done);
  else
    print(fmt::format("task {} was {}d\n", given.task, verb));
  return 0;
}

void add_pause(CLI::App& task, int& status, const std::string& verb,
               const std::string& description) {
  const auto given = std::make_shared<PauseArguments>();
  auto* const command = add_command(
      task, verb, description,
      "  systask task " + verb + " nightly-report --reason \"see ticket 7\"", given->client);
  command->add_option("task", given->task, "Name of the task")->required();
  command->add_option("--reason", given->reason, "Why, for the audit log")->required();
  on_command(*command, status, [given, verb] { return pause(*given, verb); });
}

}  // namespace

void add_task_commands(CLI::App& app, int& status,
                       std::function<int(const StandaloneRun&)> standalone) {
  add_run(app, status, std::move(standalone));
  auto* const task = app.add_subcommand("task", "Pause or resume a scheduled task");
  task->require_subcommand(1);
  add_pause(*task, status, "pause", "No runs by schedule until it is resumed; run-now still works");
  add_pause(*task, status, "resume", "Run by its schedule again");
}

}  // namespace systask::service
