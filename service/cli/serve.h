// `systask serve`: the service itself; and `systask run TASK --standalone`, which runs one
// task on the database alone.
#pragma once

#include "service/cli/commands.h"

namespace CLI {
class App;
}

namespace systask::service {

void add_serve(CLI::App& app, int& status);

// 0 only if the task succeeded; 1 if not, 2 for a bad configuration.
int run_standalone(const StandaloneRun& run);

}  // namespace systask::service
