// LaneSizes keeps how many threads an operator gave to a lane, over a restart.
//
// Any thread. A call that returns has been made durable. Two implementations pass one suite:
// memory and SQL.
#pragma once

#include <cstddef>
#include <vector>

namespace systask::scheduler {

struct LaneSize {
  int priority = 0;
  std::size_t threads = 0;
  // What the configuration gave it then: where that changes, it counts, and not this.
  std::size_t configured = 0;

  friend bool operator==(const LaneSize&, const LaneSize&) = default;
};

class LaneSizes {
 public:
  virtual ~LaneSizes() = default;

  // In order of priority.
  virtual std::vector<LaneSize> load() = 0;
  // In place of what is kept of that lane.
  virtual void keep(const LaneSize& size) = 0;
  virtual void forget(int priority) = 0;
};

}  // namespace systask::scheduler
