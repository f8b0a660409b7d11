#include "scheduler/clock_step.h"

#include <fmt/format.h>

#include <algorithm>

#include "scheduler/when/duration.h"

namespace systask::scheduler {

std::optional<ClockStep> step_about(const std::vector<ClockStep>& steps, TimePoint at) {
  const auto found = std::ranges::find_if(
      steps, [at](const ClockStep& step) { return step.to <= at && at <= step.until; });
  return found == steps.end() ? std::nullopt : std::optional{*found};
}

std::string describe(const ClockStep& step, const Zone& zone) {
  const auto shown = [&](TimePoint at) {
    return zone.to_rfc3339(std::chrono::floor<std::chrono::milliseconds>(at));
  };
  return fmt::format(
      "the wall clock was set back by {}, from {} to {}: rhythms (every, delay, cron with ranges "
      "or steps) went on at once, and their times up to {} count again, as pass {}; times of day "
      "that had run do not run again",
      format_duration(std::chrono::round<std::chrono::milliseconds>(step.from - step.to)),
      shown(step.from), shown(step.to), shown(step.until), step.pass);
}

}  // namespace systask::scheduler
