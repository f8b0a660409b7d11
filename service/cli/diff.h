// `systask diff OLD NEW`: what a changed configuration changes. No service is needed. Like
// diff(1), the exit status is 0 where nothing differs, 1 where something does, 2 in trouble.
#pragma once

#include <iosfwd>
#include <string>

#include "base/clock.h"

namespace CLI {
class App;
}

namespace systask::service {

void add_diff(CLI::App& app, int& status);

struct DiffQuestion {
  std::string before;  // files
  std::string after;
  std::string from;  // of the occurrences that are compared; empty: now
  int hours = 24;
  bool json = false;
  bool utc = false;  // else in the zone of the service of `after`
};

int answer_diff(const DiffQuestion& question, TimePoint now, std::ostream& out, std::ostream& err);

}  // namespace systask::service
