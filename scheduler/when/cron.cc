#include "scheduler/when/cron.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>

#include "scheduler/when/civil_search.h"
#include "scheduler/when/cron_parser.h"

namespace systask::scheduler {
namespace {

using std::chrono::local_days;
using std::chrono::local_seconds;
using std::chrono::seconds;

// The lowest set bit at or above `from`, or -1.
template <class Mask>
int bit_from(Mask mask, int from) {
  if (from >= static_cast<int>(sizeof(Mask) * 8)) return -1;
  const Mask rest = static_cast<Mask>(mask >> from);
  return rest == 0 ? -1 : from + std::countr_zero(rest);
}

constexpr std::uint32_t day_bit(int day) { return std::uint32_t{1} << day; }

// Bits 1..length.
constexpr std::uint32_t days_up_to(int length) { return (2U << length) - 2U; }

// A month as the special days see it: its length, and the weekday of its 1st (0 = Sunday).
struct Month {
  int length;
  int first_weekday;

  [[nodiscard]] int weekday_of(int day) const { return (first_weekday + day - 1) % 7; }
  // The working day nearest to `day` that does not leave the month.
  [[nodiscard]] int working_day_near(int day) const {
    const int weekday = weekday_of(day);
    if (weekday == 6) return day > 1 ? day - 1 : day + 2;
    if (weekday == 0) return day < length ? day + 1 : day - 2;
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

std::uint32_t weekdays_by_rank(const CronFields& fields, const Month& month) {
  std::uint32_t days = 0;
  for (int weekday = 0; weekday < 7; ++weekday) {
    const int first = month.first(weekday);
    for_each_bit(fields.nth[static_cast<std::size_t>(weekday)], [&](int n) {
      if (first + 7 * (n - 1) <= month.length) days |= day_bit(first + 7 * (n - 1));
    });
    if ((fields.last_weekdays & day_bit(weekday)) != 0)
      days |= day_bit(first + (month.length - first) / 7 * 7);
  }
  return days;
}

}  // namespace

Cron::Cron(const CronFields& fields, const ZoneTable& zone, DstPolicy dst)
    : fields_(fields), zone_(&zone), dst_(dst) {
  for (int first = 0; first < 7; ++first)
    for (int day = 1; day <= 31; ++day)
      if ((fields.weekdays & day_bit((first + day - 1) % 7)) != 0)
        weekday_days_[static_cast<std::size_t>(first)] |= day_bit(day);
  first_time_ = time_from(seconds{0}).value_or(seconds{0});
}

Result<Cron> Cron::parse(std::string_view text, const Zone& zone, DstPolicy dst) {
  const Result<CronFields> fields = parse_cron(text);
  if (!fields) return fields.error();
  Cron cron{*fields, ZoneTable::of(zone), dst};
  const local_days first{std::chrono::year{kFirstYear} / std::chrono::January / 1};
  if (!cron.match_from(first))
    return Refusal{"NEVER_FIRES", fmt::format("'{}' can never fire: no date from {} to {} has such "
                                              "a day; correct the day, month or year field",
                                              text, kFirstYear, kLastYear)};
  return cron;
}

TimePoint Cron::next(TimePoint after) const {
  const bool repeats =
      dst_.overlap == DstOverlap::kBoth || (dst_.overlap == DstOverlap::kAuto && fields_.interval);
  return CivilSearch{*this, *zone_, dst_.gap, repeats}.next(after);
}

// The days of a month that fit, as bits 1..31.
std::uint32_t Cron::days_of(std::chrono::year_month month) const {
  const std::chrono::year_month_day_last last{month.year(), month.month() / std::chrono::last};
  const std::chrono::weekday first{local_days{month / 1}};
  const Month shape{static_cast<int>(static_cast<unsigned>(last.day())),
                    static_cast<int>(first.c_encoding())};
  std::uint32_t by_day = fields_.days;
  std::uint32_t by_weekday = weekday_days_[static_cast<std::size_t>(shape.first_weekday)];
  if (fields_.has_special_days) {
    by_day |= days_at_ends(fields_.ends, shape);
    by_weekday |= weekdays_by_rank(fields_, shape);
  }
  std::uint32_t days = fields_.both_days ? by_day & by_weekday : by_day | by_weekday;
  if (fields_.any_day)
    days = fields_.any_weekday ? ~0U : by_weekday;
  else if (fields_.any_weekday)
    days = by_day;
  return days & days_up_to(shape.length);
}

// The first time of day, at or after the given one, that fits.
std::optional<seconds> Cron::time_from(seconds from) const {
  const int total = static_cast<int>(from.count());
  int hour = bit_from(fields_.hours, total / 3600);
  int minute = 0;
  int second = 0;
  if (hour == total / 3600) {
    minute = total / 60 % 60;
    second = total % 60;
  }
  while (hour >= 0) {
    const int wanted = minute;
    minute = bit_from(fields_.minutes, wanted);
    if (minute >= 0) {
      second = bit_from(fields_.seconds, minute == wanted ? second : 0);
      if (second >= 0) return seconds{hour * 3600 + minute * 60 + second};
      minute = bit_from(fields_.minutes, wanted + 1);
      second = bit_from(fields_.seconds, 0);
      if (minute >= 0) return seconds{hour * 3600 + minute * 60 + second};
    }
    hour = bit_from(fields_.hours, hour + 1);
    minute = second = 0;
  }
  return std::nullopt;
}

std::optional<local_seconds> Cron::match_from(local_seconds from) const {
  using std::chrono::year_month_day;
  local_days today = std::chrono::floor<std::chrono::days>(from);
  year_month_day date{today};
  seconds time = from - today;
  if (static_cast<int>(date.year()) < kFirstYear) {
    date = std::chrono::year{kFirstYear} / std::chrono::January / 1;
    time = seconds{0};
  }
  int month = static_cast<int>(static_cast<unsigned>(date.month()));
  int day = static_cast<int>(static_cast<unsigned>(date.day()));
  const int first_year = static_cast<int>(date.year());
  const int first_month = month;
  for (int year = first_year; year <= kLastYear; ++year, month = 1) {
    if (!fields_.years[static_cast<std::size_t>(year - kFirstYear)]) continue;
    for (month = bit_from(fields_.months, month); month > 0;
         month = bit_from(fields_.months, month + 1)) {
      const std::chrono::year_month here{std::chrono::year{year},
                                         std::chrono::month{static_cast<unsigned>(month)}};
      const bool same_month = year == first_year && month == first_month;
      const std::uint32_t days = days_of(here);
      int found = bit_from(days, same_month ? day : 1);
      std::optional<seconds> at = first_time_;
      if (same_month && found == day) {
        at = time_from(time);
        if (!at) {
          found = bit_from(days, day + 1);
          at = first_time_;
        }
      }
      if (found > 0) return local_days{here / found} + *at;
    }
  }
  return std::nullopt;
}

}  // namespace systask::scheduler
