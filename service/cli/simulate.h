// `systask simulate`: a span of time on a virtual clock, with a copy of the database. No service
// is needed, and a running one is not disturbed. The exit status is put into `status`, which
// must outlive the parsing: 0 simulated, 1 refused, 2 mistakes in the configuration.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <string>

#include "base/clock.h"

namespace CLI {
class App;
}

namespace systask::service {

void add_simulate(CLI::App& app, int& status);

struct SimulateQuestion {
  std::string config = "tasks.yaml";
  std::string from;
  std::string to;
  std::uint64_t seed = 0;
  double speed = 0;  // virtual seconds in a second; 0: as fast as it goes
  bool every_run = false;
  bool json = false;
  bool utc = false;       // times of the answer; else in the service's zone
  bool terminal = false;  // standard error is one: progress is shown at once
};

int answer_simulate(const SimulateQuestion& question, const Clock& clock, std::ostream& out,
                    std::ostream& err);

}  // namespace systask::service
