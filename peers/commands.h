// The commands of the binary that are peers of the platform: site, flow and drill.
#pragma once

namespace CLI {
class App;
}

namespace systask::peers {

// Adds the three commands. A command that was asked for runs when the app is parsed and
// puts its exit status into `exit_status`, which must outlive the parsing.
void add_peer_commands(CLI::App& app, int& exit_status);

void add_site_command(CLI::App& app, int& exit_status);
void add_flow_command(CLI::App& app, int& exit_status);
void add_drill_command(CLI::App& app, int& exit_status);

}  // namespace systask::peers
