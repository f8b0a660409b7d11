// `systask run`: one task, now.
#include <fmt/format.h>
#include <unistd.h>

#include <boost/json.hpp>
#include <utility>

#include "service/cli/asked_run.h"
#include "service/cli/client_command.h"
#include "service/cli/commands.h"

namespace systask::service {
namespace {

namespace json = boost::json;

constexpr double kLongestRunSeconds = 3600;

struct RunArguments {
  ClientOptions client;
  std::string task;
  std::vector<std::string> parameters;
  std::string reason;
  bool wait = false;
  bool no_wait = false;
  bool standalone = false;
  std::string config = "tasks.yaml";
};

// A task may be run without a reason; the audit log says then who sat where.
std::string reason_of(const RunArguments& given) {
  if (!given.reason.empty()) return given.reason;
  const char* const terminal = ::ttyname(STDIN_FILENO);
  return fmt::format("no reason given (by {}, {})", actor(),
                     terminal == nullptr ? "not at a terminal" : terminal);
}

RunOrder order_of(const RunArguments& given) {
  json::object parameters;
  for (const auto& [key, value] : pairs_of(given.parameters))
    parameters[key] = value;
  return {.command = "run",
          .task = given.task,
          .path = fmt::format("/api/tasks/{}/run", encoded(given.task)),
          .body = {{"actor", actor()},
                   {"reason", reason_of(given)},
                   {"parameters", std::move(parameters)}},
          .waits = !given.no_wait};
}

}  // namespace

void add_run_command(CLI::App& app, int& status, std::function<int(const StandaloneRun&)> alone) {
  const auto given = std::make_shared<RunArguments>();
  given->client.timeout_seconds = kLongestRunSeconds;
  auto* const command = add_command(
      app, "run", "Run a task once, now, and wait for its outcome",
      "  systask run clear-message-cache\n"
      "  systask run backup-database --parameter keep=3\n"
      "  systask run nightly-report --timeout 60\n"
      "  systask run nightly-report --no-wait\n"
      "Exit status: 0 it succeeded (with --no-wait: it was asked for), 1 it did not succeed, was\n"
      "refused, or no service answers, 2 the command line is wrong, 3 it had not ended when\n"
      "--timeout was over: it goes on, and `systask runs RUN` shows it.",
      given->client);
  command->add_option("task", given->task, "Its name or number; `systask tasks` shows them")
      ->required();
  command->add_option("--parameter", given->parameters, "For this run only; repeat it")
      ->check(key_value())
      ->take_all();
  command->add_option("--reason", given->reason,
                      "Why, for the audit log; default: who ran it, and where");
  add_waiting(*command, given->wait, given->no_wait);
  if (alone) {
    command->add_flag("--standalone", given->standalone, "On the database, without a service");
    command->add_option("--config", given->config, "The configuration, for --standalone")
        ->capture_default_str();
  }
  on_command(*command, status, [given, alone = std::move(alone)] {
    if (!given->standalone) return ask_for_run(given->client, order_of(*given));
    return alone({given->task, pairs_of(given->parameters), given->config, given->client.json});
  });
}

}  // namespace systask::service
