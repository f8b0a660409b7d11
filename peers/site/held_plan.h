// A plan at this site, from the moment it is asked to rebuild it or told to start it until
// it drops it. Values of the site's one thread.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "peers/site/line.h"
#include "peers/site/plan_state.h"
#include "peers/site/strategy.h"

namespace systask::peers {

// The steps of a takeover, in order; a plan that was started here begins as running.
enum class Phase {
  kPages,     // reads the open orders
  kClaim,     // has all pages, asks to be the one
  kDraining,  // is the one; cached messages come on the line
  kFinish,    // nothing is cached as far as it knows
  kRunning,
};

struct Placement {
  Place order;
  bool asked = false;  // on this connection, and not answered
};

struct HeldPlan {
  std::int64_t id = 0;
  std::uint64_t serial = 0;  // tells this holding from an earlier one of the same plan
  Phase phase = Phase::kRunning;
  bool asked = false;  // the phase's request is on its way
  Line line;           // its epoch; in kPages and kClaim that of the offer
  PlanState state;
  std::int64_t snapshot = 0;
  std::int64_t skipped = 0;     // numbers without an event, as of the snapshot
  std::int64_t page_after = 0;  // where the next page begins
  std::unique_ptr<Strategy> strategy;

  std::map<std::string, Placement> placements;  // by algo_ordid; not answered yet
  std::int64_t next_order = 1;                  // of algo_ordid, in this epoch
  std::string done_asked;                       // the plan_done, or failure, on its way

  [[nodiscard]] bool claimed() const { return phase >= Phase::kDraining; }
  [[nodiscard]] bool running() const { return phase == Phase::kRunning; }
};

// The plans of a site, by number. A callback of a request finds its plan again by number
// and serial, since it may have been dropped while the question was on its way.
class Plans {
 public:
  using Map = std::map<std::int64_t, std::unique_ptr<HeldPlan>>;

  HeldPlan& add(std::int64_t plan) {
    auto held = std::make_unique<HeldPlan>();
    held->id = plan;
    held->serial = ++last_serial_;
    return *(plans_[plan] = std::move(held));
  }
  [[nodiscard]] HeldPlan* find(std::int64_t plan) const {
    const auto found = plans_.find(plan);
    return found == plans_.end() ? nullptr : found->second.get();
  }
  [[nodiscard]] HeldPlan* find(std::int64_t plan, std::uint64_t serial) const {
    HeldPlan* held = find(plan);
    return held != nullptr && held->serial == serial ? held : nullptr;
  }
  void erase(std::int64_t plan) { plans_.erase(plan); }
  // Those there are now: the caller may add and drop while it goes through them.
  [[nodiscard]] std::vector<std::int64_t> numbers() const {
    std::vector<std::int64_t> numbers;
    numbers.reserve(plans_.size());
    for (const auto& [number, held] : plans_)
      numbers.push_back(number);
    return numbers;
  }
  [[nodiscard]] std::size_t size() const { return plans_.size(); }

 private:
  Map plans_;
  std::uint64_t last_serial_ = 0;
};

}  // namespace systask::peers
