// The wall clock against the monotonic one: between two looks both must have gone on by
// the same time, give or take `tolerance`. A jump fails nothing; the schedule's late
// policies deal with it, and a person should know.
#include <fmt/format.h>

#include <memory>

#include "base/guarded.h"
#include "base/log.h"
#include "scheduler/when/duration.h"
#include "tasks/given.h"
#include "tasks/tasks.h"

namespace systask::tasks {
namespace {

struct Look {
  TimePoint wall;
  MonotonicPoint monotonic;
};

}  // namespace

ParameterRules watch_clock_parameters() {
  return {duration("tolerance", std::chrono::milliseconds{500}, std::chrono::milliseconds{1})};
}

scheduler::Body watch_clock(const TaskParts& parts) {
  // Shared, since a body may be copied.
  const auto last = std::make_shared<Guarded<std::optional<Look>>>();
  return [&parts, last](const scheduler::RunContext& run) -> std::string {
    const Given given{run, watch_clock_parameters()};
    const Micros tolerance = given.duration("tolerance");
    const Look now{parts.clock.now(), parts.clock.monotonic()};
    const auto before = last->with([&](auto& look) { return std::exchange(look, now); });
    if (!before) return "the first look since the start: nothing to compare with yet";
    const auto passed = std::chrono::floor<Micros>(now.monotonic - before->monotonic);
    const Micros jump = (now.wall - before->wall) - passed;
    const std::string over =
        scheduler::format_duration(std::chrono::floor<std::chrono::milliseconds>(passed));
    if (std::chrono::abs(jump) <= tolerance)
      return fmt::format("the clocks differ by {} us over {}", jump.count(), over);
    std::string sentence = fmt::format("the wall clock jumped {} by {} within {}",
                                       jump < Micros{0} ? "back" : "forward",
                                       scheduler::format_duration(std::chrono::abs(jump)), over);
    log::warn(sentence +
                  ": check the time synchronisation of this machine (timedatectl), and "
                  "whether it was suspended",
              {{"run", run.id}, {"jump_us", jump.count()}});
    return sentence;
  };
}

}  // namespace systask::tasks
