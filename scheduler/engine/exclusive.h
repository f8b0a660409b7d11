// ExclusiveNames lets at most one run at a time have each name. A run takes all its names at
// once or none, and waits in one line with all others: so nobody waits in a circle, and
// nobody is passed by for ever, since a name that somebody earlier in the line waits for is
// not given to those behind. Not thread-safe: it lives inside the engine's lock.
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "scheduler/task.h"

namespace systask::scheduler {

class ExclusiveNames {
 public:
  // True: the run has all of them. False: it stands in line.
  bool enter(RunId run, std::span<const std::string> names);
  // The run gives back what it has, or its place in the line; the runs that have theirs now.
  std::vector<RunId> leave(RunId run);
  // Who has one of these names; RunId{} where nobody does.
  [[nodiscard]] RunId holder(std::span<const std::string> names) const;

 private:
  struct Waiting {
    RunId run;
    std::vector<std::string> names;
  };
  bool take(RunId run, std::span<const std::string> names);

  std::map<std::string, RunId, std::less<>> taken_;
  std::vector<Waiting> line_;
};

}  // namespace systask::scheduler
