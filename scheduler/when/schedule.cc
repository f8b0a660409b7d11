#include "scheduler/when/schedule.h"

namespace systask::scheduler {
namespace {

template <class Kind>
Result<Schedule> as_schedule(Result<Kind> parsed) {
  if (!parsed) return parsed.error();
  return Schedule{std::move(*parsed)};
}

Occurrences every_in(const Every& every, TimePoint after, TimePoint until) {
  const std::int64_t count = every.count(after, until);
  if (count == 0) return {};
  return {every.next(after), until == kNever ? kNever : every.previous(until + Micros{1}), count};
}

}  // namespace

TimePoint next_due(const Schedule& schedule, TimePoint after) {
  return std::visit([after](const auto& kind) { return kind.next(after); }, schedule);
}

TimePoint previous_due(const Schedule& schedule, TimePoint before) {
  return std::visit([before](const auto& kind) { return kind.previous(before); }, schedule);
}

Occurrences occurrences_in(const Schedule& schedule, TimePoint after, TimePoint until) {
  // Counted, not walked: a day of an interval of a millisecond is 86 million steps.
  if (const auto* every = std::get_if<Every>(&schedule)) return every_in(*every, after, until);
  Occurrences found;
  for (TimePoint at = next_due(schedule, after); at <= until; at = next_due(schedule, at)) {
    if (at == kNever) break;
    if (found.count == 0) found.first = at;
    found.last = at;
    ++found.count;
  }
  return found;
}

Result<Schedule> parse_cron_schedule(std::string_view text, const Zone& zone, DstPolicy dst,
                                     std::string_view seed) {
  return as_schedule(Cron::parse(text, zone, dst, seed));
}

Result<Schedule> parse_at_schedule(std::string_view text, const Zone& zone, DstPolicy dst) {
  return as_schedule(FixedTimes::parse(text, zone, dst));
}

Result<Schedule> parse_every_schedule(std::string_view text, const Zone& zone, DstPolicy dst,
                                      std::string_view from) {
  return as_schedule(Every::parse(text, zone, dst, from));
}

Result<Schedule> parse_once_schedule(std::string_view text, const Zone& zone, DstPolicy dst) {
  return as_schedule(Once::parse(text, zone, dst));
}

Result<Schedule> parse_delay_schedule(std::string_view text) {
  return as_schedule(Delay::parse(text));
}

}  // namespace systask::scheduler
