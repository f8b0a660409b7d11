// A Schedule is a value with one question: when next, or when last? Cron, times of day,
// intervals and single instants differ only in their answer. Values are immutable, cheap to
// copy and may be used from any thread; they read no clock.
#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "base/clock.h"
#include "base/result.h"
#include "base/zone.h"
#include "scheduler/when/cron.h"
#include "scheduler/when/delay.h"
#include "scheduler/when/dst.h"
#include "scheduler/when/every.h"
#include "scheduler/when/fixed_times.h"
#include "scheduler/when/once.h"

namespace systask::scheduler {

// Not on a clock at all: the task runs when it is asked to (run now, an event, or the
// success of the tasks it comes after).
struct OnDemand {
  [[nodiscard]] TimePoint next(TimePoint) const { return TimePoint::max(); }
  [[nodiscard]] TimePoint previous(TimePoint) const { return TimePoint::min(); }
};

using Schedule = std::variant<OnDemand, FixedTimes, Cron, Every, Once, Delay>;

// What next_due() says when there is no further occurrence, and previous_due() when there
// was none before.
inline constexpr TimePoint kNever = TimePoint::max();
inline constexpr TimePoint kNeverBefore = TimePoint::min();

// The first occurrence strictly after `after`, or kNever.
[[nodiscard]] TimePoint next_due(const Schedule& schedule, TimePoint after);

// The last occurrence strictly before `before`, or kNeverBefore.
[[nodiscard]] TimePoint previous_due(const Schedule& schedule, TimePoint before);

// The first and last occurrence in (after, until] and how many there are; count 0 means none.
struct Occurrences {
  TimePoint first = kNever;
  TimePoint last = kNever;
  std::int64_t count = 0;
};
[[nodiscard]] Occurrences occurrences_in(const Schedule& schedule, TimePoint after,
                                         TimePoint until);

// Each refuses with the field, the offending text and what is allowed there (BAD_CRON,
// BAD_TIME_OF_DAY, BAD_TIMESTAMP, BAD_DURATION); an expression that can never fire is
// NEVER_FIRES. `seed`, the name of the task, is what a cron expression's H is spread by.
[[nodiscard]] Result<Schedule> parse_cron_schedule(std::string_view text, const Zone& zone,
                                                   DstPolicy dst = {}, std::string_view seed = {});
[[nodiscard]] Result<Schedule> parse_at_schedule(std::string_view text, const Zone& zone,
                                                 DstPolicy dst = {});
[[nodiscard]] Result<Schedule> parse_every_schedule(std::string_view text,
                                                    const Zone& zone = Zone::utc(),
                                                    DstPolicy dst = {}, std::string_view from = {});
[[nodiscard]] Result<Schedule> parse_once_schedule(std::string_view text, const Zone& zone,
                                                   DstPolicy dst = {});
[[nodiscard]] Result<Schedule> parse_delay_schedule(std::string_view text);

}  // namespace systask::scheduler
