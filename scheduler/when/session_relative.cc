#include <algorithm>

#include "scheduler/when/day_by_day.h"

namespace systask::scheduler {
namespace {

using std::chrono::days;

constexpr Micros kMostOffset = days{1};

}  // namespace

std::vector<TimePoint> SessionRelative::on(std::size_t day) const {
  if (!calendar_.sessions_unknown().empty()) return {};
  if (rule_ != nullptr && !rule_->picks(calendar_, day)) return {};
  return times_of_day(calendar_, day, times_);
}

// No time of the day, or of a later one, is before this; nor of an earlier one after latest.
TimePoint SessionRelative::earliest(std::size_t day) const {
  const Date date = calendar_.business_days()[day];
  return midnight_of(calendar_.zone_table(), date) - calendar_.longest_lead() - kMostOffset;
}

TimePoint SessionRelative::latest(std::size_t day) const {
  const Date date = calendar_.business_days()[day];
  return midnight_of(calendar_.zone_table(), date + days{1}) + calendar_.longest_lag() +
         kMostOffset;
}

Occurrence SessionRelative::at(TimePoint nominal, std::size_t day) const {
  return {.nominal = nominal,
          .start = nominal,
          .business_date = yyyymmdd(calendar_.business_days()[day]),
          .refusal = {}};
}

Occurrence SessionRelative::refused_at(TimePoint midnight) const {
  return {.nominal = midnight, .start = midnight, .refusal = refused_days_.reason(midnight)};
}

Occurrence SessionRelative::next(TimePoint after) const {
  const auto business = calendar_.business_days();
  const Date begin =
      date_at(calendar_.zone_table(), after - calendar_.longest_lag() - kMostOffset) - days{1};
  Occurrence found{.refusal = {}};
  auto day = static_cast<std::size_t>(std::ranges::lower_bound(business, begin) - business.begin());
  for (; day < business.size() && earliest(day) < found.nominal; ++day)
    for (const TimePoint time : on(day))
      if (time > after && time < found.nominal) found = at(time, day);
  const TimePoint midnight = refused_days_.next(after);
  return midnight < found.nominal ? refused_at(midnight) : found;
}

Occurrence SessionRelative::previous(TimePoint before) const {
  const auto business = calendar_.business_days();
  const Date end =
      date_at(calendar_.zone_table(), before + calendar_.longest_lead() + kMostOffset) + days{1};
  Occurrence found{.nominal = TimePoint::min(), .start = TimePoint::min(), .refusal = {}};
  auto day = static_cast<std::size_t>(std::ranges::upper_bound(business, end) - business.begin());
  while (day > 0 && latest(day - 1) > found.nominal) {
    --day;
    for (const TimePoint time : on(day))
      if (time < before && time > found.nominal) found = at(time, day);
  }
  const TimePoint midnight = refused_days_.previous(before);
  return midnight > found.nominal ? refused_at(midnight) : found;
}

DueSpan SessionRelative::in(TimePoint after, TimePoint until) const {
  const auto business = calendar_.business_days();
  const Date begin =
      date_at(calendar_.zone_table(), after - calendar_.longest_lag() - kMostOffset) - days{1};
  std::vector<TimePoint> times;
  auto day = static_cast<std::size_t>(std::ranges::lower_bound(business, begin) - business.begin());
  for (; day < business.size() && earliest(day) <= until; ++day)
    for (const TimePoint time : on(day))
      if (time > after && time <= until) times.push_back(time);
  std::ranges::sort(times);
  times.erase(std::ranges::unique(times).begin(), times.end());
  DueSpan span;
  if (!times.empty())
    span.runnable = {times.front(), times.back(), static_cast<std::int64_t>(times.size())};
  refused_days_.add(after, until, span.refused);
  return span;
}

}  // namespace systask::scheduler
