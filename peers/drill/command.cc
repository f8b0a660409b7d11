#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <exception>
#include <memory>
#include <stdexcept>

#include "base/number_range.h"
#include "base/text.h"
#include "peers/commands.h"
#include "peers/drill/drill.h"
#include "peers/flow/input_file.h"

namespace systask::peers {
namespace {

using drill::Scenario;

// Times as the command line gives them.
struct DrillArguments : drill::DrillOptions {
  std::int64_t restart_after_ms = 1'000;
  std::int64_t timeout_s = 120;
};

const std::map<std::string, Scenario> kScenarios{{"edit-while-down", Scenario::kEditWhileDown},
                                                 {"hold-402206", Scenario::kHoldFills},
                                                 {"restart-all", Scenario::kRestartAll}};

void add_blows(CLI::App& command, DrillArguments& options) {
  command.add_option("--kills", options.kills, "Kills of sites, evenly over the messages")
      ->check(whole<CLI::Validator>(0));
  command.add_option("--signal", options.signal, "KILL, or STOP, after which a site continues")
      ->check(CLI::IsMember({"KILL", "STOP"}));
  command.add_option("--service-kills", options.service_kills, "Kills of the service")
      ->check(whole<CLI::Validator>(0));
  command.add_flag("--revive", options.revive,
                   "Start the service again where somebody else kills it, and go on");
  command
      .add_option("--restart-after", options.restart_after_ms,
                  "When a killed site is started again: 500ms, 1s")
      ->transform(CLI::AsNumberWithUnit(
          std::map<std::string, std::int64_t>{{"ms", 1}, {"s", 1'000}, {"m", 60'000}},
          CLI::AsNumberWithUnit::CASE_SENSITIVE, "TIME"));
  command.add_option("--scenario", options.scenario, "edit-while-down, hold-402206, restart-all")
      ->transform(CLI::CheckedTransformer(kScenarios))
      ->option_text("NAME");
}

void add_flow(CLI::App& command, DrillArguments& options) {
  flow::add_recording_options(command, options);
  command.add_option(
      "--speed", options.speed,
      "recorded, full, or messages a second; default: full; with kills 5000 or less, so that "
      "it takes six seconds and all of them fall into it");
  command.add_option("--window", options.window_s, "Seconds over which a TWAP plan trades")
      ->check(whole<CLI::Validator>(1));
  command.add_option("--limit", options.limit, "Only so many messages of the recording");
  command.add_option("--duplicate", options.duplicate, "Chance that a message is sent twice")
      ->check(real<CLI::Validator>(0.0, 1.0));
  command.add_option("--swap", options.swap, "Chance that neighbours of different plans swap")
      ->check(real<CLI::Validator>(0.0, 1.0));
}

}  // namespace

void add_drill_command(CLI::App& app, int& exit_status) {
  auto* command = app.add_subcommand(
      "drill", "Kill sites of a whole platform of its own, and prove that nothing was lost");
  command->footer(
      "Examples:\n"
      "  systask drill --plans 50 --sites 3 --kills 2\n"
      "  systask drill --kills 2 --signal STOP --json\n"
      "  systask drill --plans 200 --kills 6 --service-kills 20\n"
      "  systask drill --from docs/session.log --format fix --plans 10 --kills 2\n"
      "  systask drill --scenario edit-while-down");
  const auto options = std::make_shared<DrillArguments>();
  command->add_option("--plans", options->plans)
      ->check(whole<CLI::Validator>(1))
      ->capture_default_str();
  command->add_option("--sites", options->sites)
      ->check(whole<CLI::Validator>(1, 100))
      ->capture_default_str();
  add_blows(*command, *options);
  add_flow(*command, *options);
  command->add_option("--seed", options->seed, "Of everything left to chance")
      ->capture_default_str();
  command->add_flag("--json", options->json, "The verdict as JSON on standard output");
  command->add_flag("--keep", options->keep, "Keep the directory with database, traces and logs");
  command->add_option("--timeout", options->timeout_s, "Give up after so many idle seconds")
      ->check(whole<CLI::Validator>(1))
      ->capture_default_str();
  command->callback([options, &exit_status] {
    try {
      if (options->scenario == Scenario::kEditWhileDown) options->sites = 1;
      options->restart_after = std::chrono::milliseconds{options->restart_after_ms};
      options->timeout = std::chrono::seconds{options->timeout_s};
      const flow::InputFile input{options->from};
      options->from = input.name().path;
      options->shown = input.name().shown;
      const SystemClock clock;
      exit_status = drill::Drill{clock, *options}.run();
    } catch (const std::exception& error) {
      fmt::print(stderr, "systask drill: {}\n", clean_text(error.what()));
      exit_status = 1;
    }
  });
}

}  // namespace systask::peers
