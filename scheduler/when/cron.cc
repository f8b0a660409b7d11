#include "scheduler/when/cron.h"

#include <fmt/format.h>

#include <bit>

#include "scheduler/when/civil_search.h"
#include "scheduler/when/cron_parser.h"

namespace systask::scheduler {
namespace {

using std::chrono::local_days;
using std::chrono::local_seconds;
using std::chrono::seconds;
using std::chrono::year_month;
using std::chrono::year_month_day;

constexpr int kLastSecondOfDay = 24 * 60 * 60 - 1;

// The lowest set bit at or above `from`, or -1.
template <class Mask>
int bit_from(Mask mask, int from) {
  if (from >= static_cast<int>(sizeof(Mask) * 8)) return -1;
  const Mask rest = static_cast<Mask>(mask >> from);
  return rest == 0 ? -1 : from + std::countr_zero(rest);
}

// The highest set bit at or below `until`, which may be -1, or -1.
template <class Mask>
int bit_until(Mask mask, int until) {
  if (until < 0) return -1;
  const int above = static_cast<int>(sizeof(Mask) * 8) - 1 - until;
  const Mask rest = static_cast<Mask>(mask << above);
  return rest == 0 ? -1 : until - std::countl_zero(rest);
}

int number_of(std::chrono::day day) { return static_cast<int>(static_cast<unsigned>(day)); }
int number_of(std::chrono::month month) { return static_cast<int>(static_cast<unsigned>(month)); }

year_month month_of(int year, int month) {
  return std::chrono::year{year} / std::chrono::month{static_cast<unsigned>(month)};
}

local_seconds moment(const year_month& month, int day, int time) {
  return local_days{month / day} + seconds{time};
}

}  // namespace

Cron::Cron(const CronFields& fields, const ZoneTable& zone, DstPolicy dst)
    : seconds_(fields.seconds),
      minutes_(fields.minutes),
      hours_(fields.hours),
      months_(fields.months),
      interval_(fields.interval),
      dst_(dst),
      days_(fields),
      years_(fields.years),
      zone_(&zone) {
  first_time_ = time_from(0);
  last_time_ = time_until(kLastSecondOfDay);
}

Result<Cron> Cron::parse(std::string_view text, const Zone& zone, DstPolicy dst,
                         std::string_view seed) {
  const Result<CronFields> fields = parse_cron(text, seed);
  if (!fields) return fields.error();
  Cron cron{*fields, ZoneTable::of(zone), dst};
  const local_days first{std::chrono::year{kFirstYear} / std::chrono::January / 1};
  if (!cron.match_from(first))
    return Refusal{"NEVER_FIRES", fmt::format("'{}' can never fire: no date from {} to {} has such "
                                              "a day; correct the day, month or year field",
                                              text, kFirstYear, kLastYear)};
  return cron;
}

bool Cron::repeats() const {
  return dst_.overlap == DstOverlap::kBoth || (dst_.overlap == DstOverlap::kAuto && interval_);
}

TimePoint Cron::next(TimePoint after) const {
  return CivilSearch{*this, *zone_, dst_.gap, repeats()}.next(after);
}

TimePoint Cron::previous(TimePoint before) const {
  return CivilSearch{*this, *zone_, dst_.gap, repeats()}.previous(before);
}

// The days of a month that fit, as bits 1..31.
std::uint32_t Cron::days_of(year_month month) const {
  const std::chrono::year_month_day_last last{month.year(), month.month() / std::chrono::last};
  const std::chrono::weekday first{local_days{month / 1}};
  return days_.of(static_cast<unsigned>(last.day()), first.c_encoding());
}

int Cron::time_from(int from) const {
  int hour = bit_from(hours_, from / 3600);
  int minute = 0;
  int second = 0;
  if (hour == from / 3600) {
    minute = from / 60 % 60;
    second = from % 60;
  }
  while (hour >= 0) {
    const int wanted = minute;
    minute = bit_from(minutes_, wanted);
    if (minute >= 0) {
      second = bit_from(seconds_, minute == wanted ? second : 0);
      if (second < 0) {
        minute = bit_from(minutes_, wanted + 1);
        second = bit_from(seconds_, 0);
      }
      if (minute >= 0) return hour * 3600 + minute * 60 + second;
    }
    hour = bit_from(hours_, hour + 1);
    minute = second = 0;
  }
  return -1;
}

int Cron::time_until(int until) const {
  constexpr int kLast = 59;
  int hour = bit_until(hours_, until / 3600);
  int minute = kLast;
  int second = kLast;
  if (hour == until / 3600) {
    minute = until / 60 % 60;
    second = until % 60;
  }
  while (hour >= 0) {
    const int wanted = minute;
    minute = bit_until(minutes_, wanted);
    if (minute >= 0) {
      second = bit_until(seconds_, minute == wanted ? second : kLast);
      if (second < 0) {
        minute = bit_until(minutes_, wanted - 1);
        second = bit_until(seconds_, kLast);
      }
      if (minute >= 0) return hour * 3600 + minute * 60 + second;
    }
    hour = bit_until(hours_, hour - 1);
    minute = second = kLast;
  }
  return -1;
}

std::optional<local_seconds> Cron::match_from(local_seconds from) const {
  constexpr std::chrono::year_month_day kBegin{std::chrono::year{kFirstYear} / 1 / 1};
  from = std::max<local_seconds>(from, local_days{kBegin});
  const local_days today = std::chrono::floor<std::chrono::days>(from);
  const year_month_day date{today};
  const int first_year = static_cast<int>(date.year());
  const int first_month = number_of(date.month());
  int month = first_month;
  for (int year = first_year; year <= kLastYear; ++year, month = 1) {
    if (!years_[static_cast<std::size_t>(year - kFirstYear)]) continue;
    for (month = bit_from(months_, month); month > 0; month = bit_from(months_, month + 1)) {
      const year_month here = month_of(year, month);
      const std::uint32_t days = days_of(here);
      if (year != first_year || month != first_month) {
        if (days != 0) return moment(here, std::countr_zero(days), first_time_);
        continue;
      }
      const int day = number_of(date.day());
      int found = bit_from(days, day);
      int time = first_time_;
      if (found == day) {
        time = time_from(static_cast<int>((from - today).count()));
        if (time < 0) {
          found = bit_from(days, day + 1);
          time = first_time_;
        }
      }
      if (found > 0) return moment(here, found, time);
    }
  }
  return std::nullopt;
}

std::optional<local_seconds> Cron::match_until(local_seconds until) const {
  constexpr std::chrono::year_month_day kEnd{std::chrono::year{kLastYear + 1} / 1 / 1};
  until = std::min<local_seconds>(until, local_days{kEnd} - seconds{1});
  const local_days today = std::chrono::floor<std::chrono::days>(until);
  const year_month_day date{today};
  const int last_year = static_cast<int>(date.year());
  const int last_month = number_of(date.month());
  int month = last_month;
  for (int year = last_year; year >= kFirstYear; --year, month = 12) {
    if (!years_[static_cast<std::size_t>(year - kFirstYear)]) continue;
    for (month = bit_until(months_, month); month > 0; month = bit_until(months_, month - 1)) {
      const year_month here = month_of(year, month);
      const std::uint32_t days = days_of(here);
      if (year != last_year || month != last_month) {
        if (days != 0) return moment(here, std::bit_width(days) - 1, last_time_);
        continue;
      }
      const int day = number_of(date.day());
      int found = bit_until(days, day);
      int time = last_time_;
      if (found == day) {
        time = time_until(static_cast<int>((until - today).count()));
        if (time < 0) {
          found = bit_until(days, day - 1);
          time = last_time_;
        }
      }
      if (found > 0) return moment(here, found, time);
    }
  }
  return std::nullopt;
}

}  // namespace systask::scheduler
