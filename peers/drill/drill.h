// A Drill starts a platform, sites and a flow as real processes, disturbs them as asked,
// waits until all is quiet, and has what they recorded judged. run() gives the exit
// status: 0 only where nothing was lost, doubled or out of order and every digest is as
// it must be. One thread.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "peers/drill/options.h"

namespace systask::peers::drill {

class Drill {
 public:
  Drill(const Clock& clock, DrillOptions options);
  ~Drill();
  Drill(const Drill&) = delete;
  Drill& operator=(const Drill&) = delete;

  int run();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace systask::peers::drill
