// The one binary: the service and its clients, and the peers at the other ends.
#include <CLI/CLI.hpp>

#include "peers/commands.h"
#include "service/cli/check.h"
#include "service/cli/commands.h"
#include "service/cli/next.h"
#include "service/cli/serve.h"

int main(int argc, char** argv) {
  CLI::App app{"systask: scheduled tasks of a trading platform, and the recovery of its plans"};
  app.require_subcommand(1);
  app.footer(
      "Examples:\n"
      "  systask serve                              run the service\n"
      "  systask check tasks.yaml                   find the mistakes of a configuration\n"
      "  systask run clear-message-cache            run one task now\n"
      "  systask drill --kills 2 --signal KILL      watch plans move to another site\n"
      "systask COMMAND --help says more.");
  int status = 0;
  systask::service::add_serve(app, status);
  systask::service::add_check(app, status);
  systask::service::add_next(app, status);
  systask::peers::add_peer_commands(app, status);
  systask::service::add_client_commands(app, status, systask::service::run_standalone);
  return systask::service::run_app(app, argc, argv, status);
}
