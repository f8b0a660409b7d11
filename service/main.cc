// The one binary: the service and its clients, and the peers at the other ends.
#include <CLI/CLI.hpp>

#include "service/all_commands.h"
#include "service/app/descriptors.h"
#include "service/cli/commands.h"

int main(int argc, char** argv) {
  systask::service::keep_standard_descriptors();
  CLI::App app{"systask: scheduled tasks of a trading platform, and the recovery of its plans"};
  int status = 0;
  systask::add_all_commands(app, status);
  return systask::service::run_app(app, argc, argv, status);
}
