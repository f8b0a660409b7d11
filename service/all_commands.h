// Every command of the binary, on one command line: those of the service and those of the peers at
// the other ends. The exit status is put into `status`, which must outlive the parsing.
#pragma once

namespace CLI {
class App;
}

namespace systask {

void add_all_commands(CLI::App& app, int& status);

}  // namespace systask
