#include "scheduler/when/every.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/check.h"
#include "scheduler/when/duration.h"
#include "scheduler/when/timestamp.h"

namespace systask::scheduler {
namespace {

using namespace std::chrono_literals;

constexpr Micros kDay = 24h;
// Nearer to the ends of time than this there are no occurrences, and sums cannot overflow.
constexpr Micros kEdge = kDay * 800;
// Zones change between these years only.
constexpr TimePoint kFirstChange = std::chrono::sys_days{std::chrono::year{1800} / 1 / 1};
constexpr TimePoint kLastChange = std::chrono::sys_days{std::chrono::year{2400} / 1 / 1};

Micros rest_of(Micros value, Micros period) {
  const Micros rest = value % period;
  return rest < 0us ? rest + period : rest;
}

}  // namespace

bool Every::lies_on_the_wall(Micros period) { return kDay % period == 0us || period % kDay == 0us; }

Every::Every(Micros period) : Every(period, ZoneTable::of(Zone::utc()), {}) {}

Every::Every(Micros period, const ZoneTable& zone, DstPolicy dst)
    : period_(period), zone_(&zone), dst_(dst) {
  CHECK(period > 0us, "a period of zero would fire for ever in one instant");
}

Result<Every> Every::parse(std::string_view text, const Zone& zone, DstPolicy dst,
                           std::string_view from) {
  const Result<Micros> period = parse_duration(text);
  if (!period) return period.error();
  if (*period < 1ms || *period > 24h * 366)
    return Refusal{"BAD_DURATION",
                   fmt::format("'{}' is no interval for a task: expected 1ms to 366d", text)};
  const bool wall = lies_on_the_wall(*period);
  Every every{*period, ZoneTable::of(wall ? zone : Zone::utc()), dst};
  if (from.empty()) return every;
  const Result<Timestamp> begin = parse_timestamp(from, zone);
  if (!begin) return begin.error();
  every.phase_ =
      rest_of(wall ? begin->civil.time_since_epoch() : begin->instant.time_since_epoch(), *period);
  every.first_ = begin->instant;
  return every;
}

std::size_t Every::span_at(TimePoint at) const {
  return zone_->index_at(std::clamp(at, kFirstChange, kLastChange));
}

// Civil times in [change + before, change + after) do not exist. They fire at the change, or
// later by the length of the gap, or not; where the rhythm goes on anyway nothing is missing.
Every::Stretch Every::skipped(TimePoint change, Micros before, Micros after) const {
  const Micros gap = after - before;
  const Stretch none{change, change, before};
  if (gap % period_ == 0us || dst_.gap == Gap::kSkip) return none;
  if (dst_.gap == Gap::kShift) return {change, change + gap, before};
  const TimePoint missing = first_in({change, change + gap, before}, change);
  const bool fires_anyway = beyond(change, after) == 0us;
  if (missing == TimePoint::max() || fires_anyway) return none;
  return {change, change + 1us, before + (missing - change)};
}

Every::Stretches Every::stretches(std::size_t index) const {
  const Zone::Span& span = zone_->span(index);
  const bool last = index + 1 == zone_->size();
  Stretch own{index > 0 ? span.begin : TimePoint::min() + kEdge,
              last ? TimePoint::max() - kEdge : span.end, span.offset};
  if (index == 0) return {own, Stretch{own.begin, own.begin, own.offset}};
  const Micros before = zone_->span(index - 1).offset;
  Stretch missing{own.begin, own.begin, own.offset};
  if (before < own.offset) {
    missing = skipped(own.begin, before, own.offset);
  } else {
    const Micros doubled = before - own.offset;
    const bool goes_on = dst_.overlap == DstOverlap::kAuto && doubled % period_ == 0us;
    if (!goes_on && dst_.overlap != DstOverlap::kBoth) own.begin += doubled;
  }
  return {missing, own};
}

Micros Every::beyond(TimePoint at, Micros offset) const {
  return rest_of(at.time_since_epoch() + offset - phase_, period_);
}

TimePoint Every::first_in(const Stretch& stretch, TimePoint from) const {
  const TimePoint begin = std::max(stretch.begin, from);
  const Micros rest = beyond(begin, stretch.offset);
  const TimePoint found = rest == 0us ? begin : begin + (period_ - rest);
  return found < stretch.end ? found : TimePoint::max();
}

TimePoint Every::last_in(const Stretch& stretch, TimePoint until) const {
  const TimePoint end = std::min(stretch.end - 1us, until);
  const TimePoint found = end - beyond(end, stretch.offset);
  return found >= stretch.begin ? found : TimePoint::min();
}

TimePoint Every::next(TimePoint after) const {
  if (after > TimePoint::max() - 2 * kEdge) return TimePoint::max();
  const TimePoint from = std::max({after + 1us, first_, TimePoint::min() + kEdge});
  for (std::size_t index = span_at(from); index < zone_->size(); ++index) {
    TimePoint found = TimePoint::max();
    for (const Stretch& stretch : stretches(index))
      found = std::min(found, first_in(stretch, from));
    if (found != TimePoint::max()) return found;
  }
  return TimePoint::max();
}

TimePoint Every::previous(TimePoint before) const {
  if (before < TimePoint::min() + 2 * kEdge) return TimePoint::min();
  const TimePoint until = std::min(before - 1us, TimePoint::max() - kEdge);
  for (std::size_t index = span_at(until) + 1; index-- > 0;) {
    TimePoint found = TimePoint::min();
    for (const Stretch& stretch : stretches(index))
      found = std::max(found, last_in(stretch, until));
    if (found == TimePoint::min()) continue;
    return found < first_ ? TimePoint::min() : found;
  }
  return TimePoint::min();
}

std::int64_t Every::count(TimePoint after, TimePoint until) const {
  const TimePoint from = next(after);
  if (from > until) return 0;
  const TimePoint to = std::min(until, TimePoint::max() - kEdge);
  std::int64_t found = 0;
  for (std::size_t index = span_at(from); index <= span_at(to); ++index)
    for (const Stretch& stretch : stretches(index)) {
      const TimePoint first = first_in(stretch, from);
      const TimePoint last = last_in(stretch, to);
      if (first <= last) found += (last - first) / period_ + 1;
    }
  return found;
}

}  // namespace systask::scheduler
