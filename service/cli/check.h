// `systask check [FILE]`: every mistake of a configuration, or that it has none. A command
// runs while the app is parsed and puts its exit status into `status`, which must outlive
// the parsing: 0 right, 2 mistakes, or warnings where it is strict.
#pragma once

#include <iosfwd>
#include <string>

#include "base/clock.h"

namespace CLI {
class App;
}

namespace systask::service {

void add_check(CLI::App& app, int& status);

struct CheckQuestion {
  std::string file = "tasks.yaml";
  bool strict = false;  // a warning counts as a mistake
  bool json = false;    // all of it as JSON, to `out`
  TimePoint now;        // what is in the past depends on it
};

// Mistakes and warnings go to `err`; the exit status.
int check(const CheckQuestion& question, std::ostream& out, std::ostream& err);

}  // namespace systask::service
