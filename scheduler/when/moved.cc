#include <algorithm>

#include "scheduler/when/day_by_day.h"

namespace systask::scheduler {
namespace {

using namespace std::chrono_literals;
using std::chrono::days;

// The first date from `low` to `high` for which `holds`, which stays true once it is;
// `high` + 1 where there is none.
template <class Holds>
Date first_date(Date low, Date high, const Holds& holds) {
  while (low <= high) {
    const Date middle = low + (high - low) / 2;
    if (holds(middle))
      high = middle - days{1};
    else
      low = middle + days{1};
  }
  return low;
}

}  // namespace

Moved::Moved(const Schedule& schedule, const Calendar& calendar, Roll roll, int shift)
    : schedule_(schedule), calendar_(calendar), roll_(roll), shift_(shift) {
  find_known();
  known_begin_ = midnight_of(calendar.zone_table(), known_.first);
  known_end_ = midnight_of(calendar.zone_table(), known_.last + days{1});
}

std::optional<Date> Moved::target(Date source) const {
  if (shift_ != 0) {
    const auto date = calendar_.shift(source, shift_);
    return date ? std::optional{*date} : std::nullopt;
  }
  const auto date = calendar_.roll(source, roll_);
  return date ? *date : std::nullopt;
}

// Targets are missing at the two ends of what is covered only.
void Moved::find_known() {
  const CalendarRules& rules = calendar_.rules();
  known_ = {rules.first, rules.last};
  const auto business = calendar_.business_days();
  if (business.empty()) {
    known_.last = known_.first - days{1};
    return;
  }
  while (known_.first <= known_.last && !target(known_.first))
    known_.first += days{1};
  while (known_.first <= known_.last && !target(known_.last))
    known_.last -= days{1};
}

DateSpan Moved::sources_of(Date day) const {
  // Targets never go back as their sources go on.
  const Date first =
      first_date(known_.first, known_.last, [&](Date source) { return *target(source) >= day; });
  const Date after =
      first_date(first, known_.last, [&](Date source) { return *target(source) > day; });
  return {first, after - days{1}};
}

std::vector<TimePoint> Moved::on(Date day) const {
  const ZoneTable& zone = calendar_.zone_table();
  const DateSpan sources = sources_of(day);
  std::vector<TimePoint> times;
  if (sources.last < sources.first) return times;
  const TimePoint end = midnight_of(zone, sources.last + days{1});
  TimePoint at = next_due(schedule_, midnight_of(zone, sources.first) - 1us);
  for (; at < end; at = next_due(schedule_, at)) {
    const Date source = date_at(zone, at);
    times.push_back(source == day ? at : instant_of(zone, wall_time(zone, at) + (day - source)));
  }
  std::ranges::sort(times);
  times.erase(std::ranges::unique(times).begin(), times.end());
  return times;
}

std::optional<Date> Moved::busy_from(Date day) const {
  if (known_.last < known_.first) return std::nullopt;
  const Date source =
      first_date(known_.first, known_.last, [&](Date date) { return *target(date) >= day; });
  const TimePoint at = next_due(schedule_, midnight_of(calendar_.zone_table(), source) - 1us);
  if (at >= known_end_) return std::nullopt;
  return target(date_at(calendar_.zone_table(), at));
}

std::optional<Date> Moved::busy_until(Date day) const {
  if (known_.last < known_.first) return std::nullopt;
  const Date after =
      first_date(known_.first, known_.last, [&](Date date) { return *target(date) > day; });
  const TimePoint at = previous_due(schedule_, midnight_of(calendar_.zone_table(), after));
  if (at < known_begin_) return std::nullopt;
  return target(date_at(calendar_.zone_table(), at));
}

TimePoint Moved::next_refused(TimePoint after) const {
  const TimePoint at = next_due(schedule_, after);
  if (at < known_begin_ || at >= known_end_) return at;
  return next_due(schedule_, known_end_ - 1us);
}

TimePoint Moved::previous_refused(TimePoint before) const {
  const TimePoint at = previous_due(schedule_, before);
  if (at < known_begin_ || at >= known_end_) return at;
  return previous_due(schedule_, known_begin_);
}

Occurrence Moved::at(TimePoint nominal, Date day) const {
  const auto business = calendar_.business_date_of(nominal);
  return {.nominal = nominal,
          .start = nominal,
          .business_date = yyyymmdd(business ? *business : day),
          .refusal = {}};
}

Occurrence Moved::refused_at(TimePoint nominal) const {
  return {.nominal = nominal, .start = nominal, .refusal = calendar_.no_data()};
}

Occurrence Moved::next(TimePoint after) const {
  Occurrence found{.refusal = {}};
  auto day = busy_from(date_at(calendar_.zone_table(), after));
  for (; day && found.nominal == kNever; day = busy_from(*day + days{1})) {
    const std::vector<TimePoint> times = on(*day);
    const auto time = std::ranges::upper_bound(times, after);
    if (time != times.end()) found = at(*time, *day);
  }
  const TimePoint refused = next_refused(after);
  return refused < found.nominal ? refused_at(refused) : found;
}

Occurrence Moved::previous(TimePoint before) const {
  Occurrence found{.nominal = TimePoint::min(), .start = TimePoint::min(), .refusal = {}};
  auto day = busy_until(date_at(calendar_.zone_table(), before));
  for (; day && found.nominal == TimePoint::min(); day = busy_until(*day - days{1})) {
    const std::vector<TimePoint> times = on(*day);
    const auto time = std::ranges::lower_bound(times, before);
    if (time != times.begin()) found = at(*std::prev(time), *day);
  }
  const TimePoint refused = previous_refused(before);
  return refused > found.nominal ? refused_at(refused) : found;
}

DueSpan Moved::in(TimePoint after, TimePoint until) const {
  const ZoneTable& zone = calendar_.zone_table();
  DueSpan span;
  Occurrences& runnable = span.runnable;
  for (auto day = busy_from(date_at(zone, after)); day && midnight_of(zone, *day) <= until;
       day = busy_from(*day + days{1}))
    for (const TimePoint time : on(*day)) {
      if (time <= after || time > until) continue;
      if (runnable.count++ == 0) runnable.first = time;
      runnable.last = time;
    }
  const Occurrences early = occurrences_in(schedule_, after, std::min(until, known_begin_ - 1us));
  const Occurrences late = occurrences_in(schedule_, std::max(after, known_end_ - 1us), until);
  add_refused(early, calendar_.no_data(), span.refused);
  add_refused(late, calendar_.no_data(), span.refused);
  return span;
}

}  // namespace systask::scheduler
