// `systask version`, and --version.
#include "service/version.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <iostream>
#include <memory>

#include "service/cli/clean_output.h"
#include "service/cli/commands.h"

namespace systask::service {

void add_version(CLI::App& app, int& status) {
  app.set_version_flag("--version", fmt::format("systask {}", kVersion), "Print the version");
  auto* const command = app.add_subcommand("version", "The version of this binary");
  const auto as_json = std::make_shared<bool>(false);
  command->add_flag("--json", *as_json, "As JSON");
  command->footer(
      "`systask status` has the version of the service that runs.\n"
      "Examples:\n"
      "  systask version\n"
      "  systask --version");
  command->callback([as_json, &status] {
    if (*as_json)
      std::cout << json_text(boost::json::object{{"version", kVersion}}) << '\n';
    else
      std::cout << fmt::format("systask {}\n", kVersion);
    status = 0;
  });
}

}  // namespace systask::service
