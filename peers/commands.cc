#include "peers/commands.h"

namespace systask::peers {

void add_peer_commands(CLI::App& app, int& exit_status) {
  add_site_command(app, exit_status);
  add_flow_command(app, exit_status);
  add_drill_command(app, exit_status);
}

}  // namespace systask::peers
