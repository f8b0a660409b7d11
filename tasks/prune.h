// What tasks share that drop old rows: a little at a time, so that nobody waits long for it.
#pragma once

#include <fmt/format.h>

#include <cstddef>
#include <string_view>

#include "scheduler/run.h"

namespace systask::tasks {

// Calls `drop(limit)`, which answers how many it dropped, until it drops fewer than `limit`. How
// many in all; RunStopped, with that number and the name of what they are, where the run is asked
// to stop.
template <class Drop>
std::size_t drop_in_steps(const scheduler::RunContext& run, std::size_t limit,
                          std::string_view what, Drop drop) {
  std::size_t dropped = 0;
  for (std::size_t some = limit; some == limit;) {
    if (run.stop.stop_requested())
      throw scheduler::RunStopped(
          fmt::format("stopped after {} {}; the next run goes on", dropped, what));
    some = drop(limit);
    dropped += some;
  }
  return dropped;
}

}  // namespace systask::tasks
