#include "service/all_commands.h"

#include <CLI/CLI.hpp>

#include "peers/commands.h"
#include "service/cli/backups.h"
#include "service/cli/check.h"
#include "service/cli/commands.h"
#include "service/cli/diff.h"
#include "service/cli/next.h"
#include "service/cli/serve.h"
#include "service/cli/sessions.h"
#include "service/cli/simulate.h"
#include "service/cli/why.h"

namespace systask {

void add_all_commands(CLI::App& app, int& status) {
  app.require_subcommand(1);
  app.footer(
      "Examples:\n"
      "  systask serve                              run the service\n"
      "  systask check tasks.yaml                   find the mistakes of a configuration\n"
      "  systask run clear-message-cache            run one task now\n"
      "  systask drill --kills 2 --signal KILL      watch plans move to another site\n"
      "systask COMMAND --help says more.");
  service::add_serve(app, status);
  service::add_version(app, status);
  service::add_check(app, status);
  service::add_next(app, status);
  service::add_sessions(app, status);
  service::add_diff(app, status);
  service::add_simulate(app, status);
  service::add_backups(app, status);
  peers::add_peer_commands(app, status);
  service::add_client_commands(app, status,
                               {.run = service::run_standalone, .why = service::why_standalone});
}

}  // namespace systask
