#include "scheduler/when/cron_days.h"

#include <algorithm>
#include <bit>

namespace systask::scheduler {
namespace {

constexpr int kSunday = 0;
constexpr int kSaturday = 6;

constexpr std::uint32_t day_bit(int day) { return std::uint32_t{1} << day; }

// Bits 1..length.
constexpr std::uint32_t days_up_to(int length) { return (2U << length) - 2U; }

// A month as the special days see it.
struct Month {
  int length;
  int first_weekday;

  [[nodiscard]] int weekday_of(int day) const { return (first_weekday + day - 1) % 7; }
  // The working day nearest to `day` that does not leave the month.
  [[nodiscard]] int working_day_near(int day) const {
    const int weekday = weekday_of(day);
    if (weekday == kSaturday) return day > 1 ? day - 1 : day + 2;
    if (weekday == kSunday) return day < length ? day + 1 : day - 2;
    return day;
  }
  [[nodiscard]] int first(int weekday) const { return 1 + (weekday - first_weekday + 7) % 7; }
};

template <class Visit>
void for_each_bit(std::uint32_t mask, Visit visit) {
  for (; mask != 0; mask &= mask - 1)
    visit(std::countr_zero(mask));
}

std::uint32_t days_at_ends(const MonthEnds& ends, const Month& month) {
  std::uint32_t days = 0;
  for_each_bit(ends.from_last, [&](int n) {
    if (n < month.length) days |= day_bit(month.length - n);
  });
  const int last_working_day = month.working_day_near(month.length);
  for_each_bit(ends.from_last_weekday,
               [&](int n) { days |= day_bit(std::max(1, last_working_day - n)); });
  for_each_bit(ends.nearest_to_last, [&](int n) {
    if (n < month.length) days |= day_bit(month.working_day_near(month.length - n));
  });
  for_each_bit(ends.nearest, [&](int day) {
    if (day <= month.length) days |= day_bit(month.working_day_near(day));
  });
  return days;
}

std::uint32_t days_by_weekday(const CronFields& fields, const Month& month) {
  std::uint32_t days = 0;
  for (int weekday = kSunday; weekday <= kSaturday; ++weekday) {
    const int first = month.first(weekday);
    const int last = first + (month.length - first) / 7 * 7;
    if ((fields.weekdays & day_bit(weekday)) != 0)
      for (int day = first; day <= last; day += 7)
        days |= day_bit(day);
    for_each_bit(fields.nth[static_cast<std::size_t>(weekday)], [&](int n) {
      if (first + 7 * (n - 1) <= last) days |= day_bit(first + 7 * (n - 1));
    });
    if ((fields.last_weekdays & day_bit(weekday)) != 0) days |= day_bit(last);
  }
  return days;
}

std::uint32_t days_in(const CronFields& fields, const Month& month) {
  const std::uint32_t whole = days_up_to(month.length);
  const std::uint32_t by_day =
      fields.any_day ? whole : (fields.days & whole) | days_at_ends(fields.ends, month);
  const std::uint32_t by_weekday = fields.any_weekday ? whole : days_by_weekday(fields, month);
  const bool either = !fields.any_day && !fields.any_weekday && !fields.both_days;
  return either ? by_day | by_weekday : by_day & by_weekday;
}

}  // namespace

CronDays::CronDays(const CronFields& fields) {
  for (unsigned length = kShortest; length < kShortest + masks_.size(); ++length)
    for (unsigned first = 0; first < 7; ++first)
      masks_[length - kShortest][first] =
          days_in(fields, {static_cast<int>(length), static_cast<int>(first)});
}

}  // namespace systask::scheduler
