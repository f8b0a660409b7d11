// Holds is the engine's memory of what must not start: pauses and windows of tasks, groups
// and lanes. Not thread-safe: it lives inside the engine's lock.
#pragma once

#include <algorithm>
#include <optional>
#include <vector>

#include "scheduler/hold.h"
#include "scheduler/task.h"

namespace systask::scheduler {

// A pause of a lane concerns its jobs and not its tasks: their runs are claimed, and wait.
[[nodiscard]] inline bool concerns(const Hold& hold, const TaskSpec& spec) {
  switch (hold.target.kind) {
    case Target::Kind::kTask: return hold.target.name == spec.name;
    case Target::Kind::kGroup: return hold.target.name == spec.group;
    case Target::Kind::kLane:
      return !hold.is_pause() && hold.target.name == std::to_string(spec.priority);
  }
  return false;
}

class Holds {
 public:
  // In order of making, over a restart too, which finds those of tasks in another store.
  void add(Hold hold) {
    const auto at = std::ranges::upper_bound(all_, hold.made_at, {}, &Hold::made_at);
    all_.insert(at, std::move(hold));
  }
  void remove(HoldId id) {
    std::erase_if(all_, [id](const Hold& hold) { return hold.id == id; });
  }
  void clear() { all_.clear(); }

  // Those that are over by then no longer count. They are kept for a while: the wall clock may have
  // been ahead, and be set back.
  bool end(const ClockReading& now) {
    const std::size_t before = all_.size();
    std::erase_if(all_, [&](const Hold& hold) {
      if (hold.to <= now.wall) over_.push_back({hold, now.monotonic});
      return hold.to <= now.wall;
    });
    return all_.size() < before;
  }
  // Those whose end lies ahead after all count again.
  bool bring_back(TimePoint now) {
    const std::size_t before = all_.size();
    for (const Over& one : over_)
      if (one.hold.to > now) all_.push_back(one.hold);
    std::erase_if(over_, [now](const Over& one) { return one.hold.to > now; });
    return all_.size() > before;
  }
  // Forgets those that have been over for so long, and answers which.
  std::vector<HoldId> forget(MonotonicPoint now, Micros after) {
    std::vector<HoldId> gone;
    std::erase_if(over_, [&](const Over& one) {
      if (now - one.since < after) return false;
      gone.push_back(one.hold.id);
      return true;
    });
    return gone;
  }

  [[nodiscard]] const std::vector<Hold>& all() const { return all_; }
  [[nodiscard]] const Hold* find(HoldId id) const {
    return first([id](const Hold& hold) { return hold.id == id; });
  }
  [[nodiscard]] const Hold* pause_of(const Target& target) const {
    return first([&](const Hold& hold) { return hold.is_pause() && hold.target == target; });
  }
  [[nodiscard]] bool any_concerns(const TaskSpec& spec) const {
    return first([&](const Hold& hold) { return concerns(hold, spec); }) != nullptr;
  }
  [[nodiscard]] std::vector<Hold> of(const TaskSpec& spec) const {
    std::vector<Hold> found;
    for (const Hold& hold : all_)
      if (concerns(hold, spec)) found.push_back(hold);
    return found;
  }
  // What keeps a run from starting at that time. A pause stops what nobody asked for.
  [[nodiscard]] const Hold* against(const TaskSpec& spec, bool asked_for, TimePoint at) const {
    return first([&](const Hold& hold) {
      return hold.covers(at) && concerns(hold, spec) && !(asked_for && hold.is_pause());
    });
  }
  // Whether the jobs of a lane are to wait.
  [[nodiscard]] bool lane_waits(int priority, TimePoint at) const {
    const Target lane = Target::lane(priority);
    return first([&](const Hold& hold) { return hold.target == lane && hold.covers(at); }) !=
           nullptr;
  }

 private:
  template <class Predicate>
  [[nodiscard]] const Hold* first(Predicate predicate) const {
    const auto found = std::ranges::find_if(all_, predicate);
    return found == all_.end() ? nullptr : &*found;
  }

  struct Over {
    Hold hold;
    MonotonicPoint since;
  };

  std::vector<Hold> all_;
  std::vector<Over> over_;
};

}  // namespace systask::scheduler
