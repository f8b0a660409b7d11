#include "scheduler/when/refused_days.h"

#include <algorithm>

namespace systask::scheduler {
namespace {

using std::chrono::days;

// The time zone tables end here, and so does every schedule.
constexpr Date kFirstDate{std::chrono::year{1900} / 1 / 1};
constexpr Date kLastDate{std::chrono::year{2299} / 12 / 31};
// No ordinal rule reaches farther from the month that it is about.
constexpr days kReach{800};

}  // namespace

std::optional<Date> RefusedDays::of_period(Date date) const {
  const DayRule::Ordinal& ordinal = *rule_->ordinal;
  const CalendarRules& rules = calendar_.rules();
  const DateSpan span = calendar_.span_of(ordinal.period, date);
  if (span.last < rules.first || span.first > rules.last) return span.first;
  const Date inside =
      std::clamp(date, std::max(span.first, rules.first), std::min(span.last, rules.last));
  const auto picked = calendar_.nth_business_day(ordinal.period, inside, ordinal.n);
  if (!picked) return span.first < rules.first ? span.first : rules.last + days{1};
  if (!*picked) return std::nullopt;
  const auto target =
      rule_->shift == 0 ? Result<Date>{**picked} : calendar_.shift(**picked, rule_->shift);
  if (!target) return rule_->shift > 0 ? rules.last + days{1} : rules.first - days{1};
  if (unknown()) return *target;
  return std::nullopt;
}

std::optional<Date> RefusedDays::ordinal_from(Date date) const {
  const CalendarRules& rules = calendar_.rules();
  const Date begin = date - (rule_->shift == 0 ? days{0} : kReach);
  std::optional<Date> best;
  for (Date at = begin; at <= kLastDate;) {
    // In the midst of what is covered, each month can tell.
    if (!unknown() && at > rules.first + kReach && at < rules.last - kReach)
      at = rules.last - kReach;
    const auto found = of_period(at);
    if (found && *found >= date && (!best || *found < *best)) best = found;
    const DateSpan span = calendar_.span_of(rule_->ordinal->period, at);
    if (best && span.last >= *best) break;
    at = span.last + days{1};
  }
  return best;
}

std::optional<Date> RefusedDays::ordinal_until(Date date) const {
  const CalendarRules& rules = calendar_.rules();
  const Date begin = date + (rule_->shift == 0 ? days{0} : kReach);
  std::optional<Date> best;
  for (Date at = begin; at >= kFirstDate;) {
    if (!unknown() && at > rules.first + kReach && at < rules.last - kReach)
      at = rules.first + kReach;
    const auto found = of_period(at);
    if (found && *found <= date && (!best || *found > *best)) best = found;
    const DateSpan span = calendar_.span_of(rule_->ordinal->period, at);
    if (best && span.first <= *best) break;
    at = span.first - days{1};
  }
  return best;
}

std::optional<Date> RefusedDays::from(Date date) const {
  if (rule_ != nullptr && rule_->ordinal) return ordinal_from(date);
  if (date > kLastDate) return std::nullopt;
  if (!calendar_.covers(date)) return date;
  const auto business = calendar_.business_days();
  const auto next = std::ranges::lower_bound(business, date);
  if (unknown() && next != business.end()) return *next;
  return calendar_.rules().last + days{1};
}

std::optional<Date> RefusedDays::until(Date date) const {
  if (rule_ != nullptr && rule_->ordinal) return ordinal_until(date);
  if (date < kFirstDate) return std::nullopt;
  if (!calendar_.covers(date)) return date;
  const auto business = calendar_.business_days();
  const auto after = std::ranges::upper_bound(business, date);
  if (unknown() && after != business.begin()) return *std::prev(after);
  return calendar_.rules().first - days{1};
}

TimePoint RefusedDays::next(TimePoint after) const {
  const ZoneTable& zone = calendar_.zone_table();
  for (Date date = date_at(zone, after);; date += days{1}) {
    const auto found = from(date);
    if (!found) return kNever;
    const TimePoint at = midnight_of(zone, *found);
    if (at > after) return at;
    date = *found;
  }
}

TimePoint RefusedDays::previous(TimePoint before) const {
  const ZoneTable& zone = calendar_.zone_table();
  for (Date date = date_at(zone, before);; date -= days{1}) {
    const auto found = until(date);
    if (!found) return TimePoint::min();
    const TimePoint at = midnight_of(zone, *found);
    if (at < before) return at;
    date = *found;
  }
}

std::string RefusedDays::reason(TimePoint midnight) const {
  const bool covered = calendar_.covers(date_at(calendar_.zone_table(), midnight));
  return covered && unknown() ? calendar_.sessions_unknown() : calendar_.no_data();
}

void RefusedDays::add(TimePoint after, TimePoint until,
                      std::vector<RefusedOccurrences>& into) const {
  for (TimePoint at = next(after); at <= until && at != kNever; at = next(at))
    add_refused({at, at, 1}, reason(at), into);
}

void add_refused(const Occurrences& which, const std::string& reason,
                 std::vector<RefusedOccurrences>& into) {
  if (which.count == 0) return;
  if (into.empty() || into.back().reason != reason) {
    into.push_back({which, reason});
    return;
  }
  into.back().which.last = which.last;
  into.back().which.count += which.count;
}

}  // namespace systask::scheduler
