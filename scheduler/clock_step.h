// A ClockStep is that somebody set the wall clock back: times that had been dealt with come
// again, and the occurrences of these times are told apart in the ledger by their pass.
// A plain value.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/zone.h"

namespace systask::scheduler {

struct ClockStep {
  std::int64_t pass = 0;               // 1 for the first, then one more each time; 0: none
  TimePoint from{};                    // what the wall clock would have said
  TimePoint to{};                      // what it said instead
  TimePoint until = TimePoint::min();  // times after `to` and up to here come again

  // The number that is part of an occurrence's identity.
  [[nodiscard]] std::int64_t pass_of(TimePoint nominal) const {
    return nominal <= until ? pass : 0;
  }

  friend bool operator==(const ClockStep&, const ClockStep&) = default;
};

// The latest of these steps, given the latest first, after which that time came again, or will.
[[nodiscard]] std::optional<ClockStep> step_about(const std::vector<ClockStep>& steps,
                                                  TimePoint at);

// "the wall clock was set back by 1h, from ... to ...; ...", what it means included.
[[nodiscard]] std::string describe(const ClockStep& step, const Zone& zone);

}  // namespace systask::scheduler
