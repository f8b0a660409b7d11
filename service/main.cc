// The one binary: the service and its clients, and the peers at the other ends.
#include <CLI/CLI.hpp>

#include "peers/commands.h"
#include "service/cli/check.h"
#include "service/cli/commands.h"
#include "service/cli/diff.h"
#include "service/cli/next.h"
#include "service/cli/serve.h"
#include "service/cli/sessions.h"
#include "service/cli/simulate.h"
#include "service/cli/why.h"

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
  systask::service::add_sessions(app, status);
  systask::service::add_diff(app, status);
  systask::service::add_simulate(app, status);
  systask::peers::add_peer_commands(app, status);
  systask::service::add_client_commands(
      app, status,
      {.run = systask::service::run_standalone, .why = systask::service::why_standalone});
  return systask::service::run_app(app, argc, argv, status);
}
