// What happens to civil times that a clock change makes impossible or doubles.
#pragma once

#include <string_view>

#include "base/result.h"

namespace systask::scheduler {

// A civil time in the hour that does not exist: fire once, at the change; fire later by
// the length of the gap; or do not fire.
enum class Gap { kTransition, kShift, kSkip };

// A civil time in the hour that exists twice: kAuto fires in both halves where the
// seconds, minutes or hours of an expression hold a `*`, a range or a step, else in the
// first half only.
enum class DstOverlap { kAuto, kFirst, kBoth };

struct DstPolicy {
  Gap gap = Gap::kTransition;
  DstOverlap overlap = DstOverlap::kAuto;

  friend bool operator==(const DstPolicy&, const DstPolicy&) = default;
};

// "transition", "shift", "skip", or BAD_DST; "auto", "first", "both", or BAD_DST.
[[nodiscard]] Result<Gap> parse_gap(std::string_view text);
[[nodiscard]] Result<DstOverlap> parse_dst_overlap(std::string_view text);

}  // namespace systask::scheduler
