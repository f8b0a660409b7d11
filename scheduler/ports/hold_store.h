// The HoldStore keeps holds over a restart. (The pause of a single task is in the TaskStore,
// beside its definition.)
//
// Calls may come from any thread; durable when they return, and one that throws has changed
// nothing. Two implementations pass one suite: memory and SQL.
#pragma once

#include <vector>

#include "scheduler/hold.h"

namespace systask::scheduler {

class HoldStore {
 public:
  virtual ~HoldStore() = default;

  // In order of id.
  virtual std::vector<Hold> load() = 0;
  // Under an id that nobody has yet.
  virtual void add(const Hold& hold) = 0;
  // An unknown id is ignored.
  virtual void remove(HoldId hold) = 0;
};

}  // namespace systask::scheduler
