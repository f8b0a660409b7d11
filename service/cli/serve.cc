#include "service/cli/serve.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <optional>

#include "base/log.h"
#include "base/log_writer.h"
#include "net/address.h"
#include "scheduler/run.h"
#include "service/app/application.h"
#include "service/app/memory.h"
#include "service/cli/clean_output.h"
#include "service/cli/client_command.h"
#include "service/cli/commands.h"
#include "service/config/config.h"
#include "tasks/tasks.h"

namespace systask::service {
namespace {

// What the first lines say of a service.
struct ServeMeans {
  std::string config;
  std::string token_file;
};

void print_mistakes(const Mistakes& mistakes) {
  std::cerr << to_text(mistakes)
            << fmt::format("{} mistake{}: nothing was started\n", mistakes.all.size(),
                           mistakes.all.size() == 1 ? "" : "s");
}

void print_welcome(const std::string& address, const ServeMeans& means) {
  const std::string ask = net::text_of(net::address_to_ask(net::parse_address(address).value()));
  std::cout << fmt::format("systask is running on {}, configured by {}.\n", address, means.config);
  if (ask != ClientOptions{}.connect)
    std::cout << fmt::format(
        "  first: export SYSTASK_CONNECT={}   so that commands, sites and flows find it\n", ask);
  if (!means.token_file.empty())
    std::cout << "  and:   export SYSTASK_TOKEN_FILE=FILE   a file with a token of "
              << means.token_file << '\n';
  const std::string token = means.token_file.empty() ? "" : " -H 'Authorization: Bearer TOKEN'";
  std::cout << fmt::format(
                   "  look:  systask status        systask tasks        systask runs\n"
                   "         curl{} http://{}/api/status\n"
                   "  try:   systask run recover-plans        one task, now\n"
                   "         systask drill --kills 2          a takeover, on a service of its own\n"
                   "  stop:  Ctrl-C; again, if it is to hurry\n",
                   token, ask)
            << std::flush;
}

void print_run(const StandaloneRun& run, const scheduler::RunRow& row) {
  const std::string outcome{scheduler::name_of(row.state)};
  if (run.json)
    std::cout << json_text(boost::json::object{
                     {"run", row.id.value()}, {"outcome", outcome}, {"detail", row.detail}})
              << '\n';
  else
    std::cout << fmt::format("{}: {}: {} (run {})\n", run.task, outcome, row.detail,
                             row.id.value());
}

int serve(const std::string& file) {
  std::optional<MemoryGoesBack> starting{std::in_place};
  auto config = load_config_aside(file, tasks::task_names());
  if (config.has_error()) {
    print_mistakes(config.error());
    return 2;
  }
  log::set_level(config->service.log_level);
  try {
    std::optional<log::Background> background{std::in_place};
    const ServeMeans means{file, config->service.token_file};
    Application application{std::move(*config)};
    application.run([&](const std::string& address) {
      starting.reset();
      print_welcome(address, means);
    });
    if (application.has_left_bodies()) {
      background.reset();  // what was said is written first
      std::_Exit(0);
    }
    return 0;
  } catch (const std::exception& error) {
    std::cerr << "systask serve: " << error.what() << '\n';
    return 1;
  }
}

}  // namespace

void add_serve(CLI::App& app, int& status) {
  auto* const command = app.add_subcommand("serve", "Run the service until SIGTERM");
  auto file = std::make_shared<std::string>("tasks.yaml");
  command->add_option("config", *file, "The configuration")->capture_default_str();
  command->footer(
      "Examples:\n  systask serve\n  systask serve /etc/systask/tasks.yaml\n"
      "SIGHUP reads the tasks again. SIGTERM (Ctrl-C) finishes what has begun, for\n"
      "service.stop_timeout at most, and stops; a second one hurries.");
  command->callback([file, &status] { status = serve(*file); });
}

int run_standalone(const StandaloneRun& run) {
  auto config = load_config(run.config, tasks::task_names());
  if (config.has_error()) {
    print_mistakes(config.error());
    return 2;
  }
  log::set_level(log::Level::kWarn);
  std::string task = run.task;
  for (const scheduler::TaskSpec& one : config->tasks)
    if (fmt::format("{}", one.id.value()) == run.task) task = one.name;
  try {
    Application application{std::move(*config)};
    const auto row = application.run_once(task, run.parameters);
    if (row.has_error()) {
      std::cerr << fmt::format("systask run {}: {}\n", run.task, row.error().message);
      return 1;
    }
    print_run(run, *row);
    if (row->state == scheduler::RunState::kSucceeded) return 0;
    if (!run.json) std::cerr << output_end(application.printed_by(*row));
    return 1;
  } catch (const std::exception& error) {
    std::cerr << fmt::format("systask run {}: {}\n", run.task, error.what());
    return 1;
  }
}

}  // namespace systask::service
