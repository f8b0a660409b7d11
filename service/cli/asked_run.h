// A run that a command asks a service for: it waits for the outcome unless it is told not to, and
// how long it waits never changes what becomes of the run.
#pragma once

#include <boost/json/object.hpp>
#include <string>

#include "service/cli/client_command.h"

namespace systask::service {

struct RunOrder {
  std::string command;  // "run", for messages
  std::string task;     // as it was asked for; empty: the answer names it
  std::string path;     // that is asked by POST
  boost::json::object body;
  bool waits = true;
};

// --wait, which is the default, and --no-wait.
void add_waiting(CLI::App& command, bool& wait, bool& no_wait);

// Prints what came of it. Exit status: 0 it succeeded or, where nobody waits, was asked for; 1 it
// did not succeed; 3 it had not ended when the client's timeout was over.
[[nodiscard]] int ask_for_run(const ClientOptions& client, const RunOrder& order);

}  // namespace systask::service
