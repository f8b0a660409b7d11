#include "scheduler/when/dst.h"

#include <fmt/format.h>

namespace systask::scheduler {

Result<Gap> parse_gap(std::string_view text) {
  if (text == "transition") return Gap::kTransition;
  if (text == "shift") return Gap::kShift;
  if (text == "skip") return Gap::kSkip;
  return Refusal{"BAD_DST", fmt::format("'{}' is not a way to treat the hour that does not exist: "
                                        "expected transition, shift or skip",
                                        text)};
}

Result<DstOverlap> parse_dst_overlap(std::string_view text) {
  if (text == "auto") return DstOverlap::kAuto;
  if (text == "first") return DstOverlap::kFirst;
  if (text == "both") return DstOverlap::kBoth;
  return Refusal{"BAD_DST", fmt::format("'{}' is not a way to treat the hour that exists twice: "
                                        "expected auto, first or both",
                                        text)};
}

}  // namespace systask::scheduler
