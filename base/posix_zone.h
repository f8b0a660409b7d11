// A PosixZone is the rule by which a zone of the tz database goes on after the last clock
// change its file lists, as the file's footer states it: "EST5EDT,M3.2.0,M11.1.0". It is
// an immutable value and may be used from any thread. Only base/zone.cc asks it; the rest
// of the project asks a Zone.
#pragma once

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <optional>
#include <string_view>

#include "base/zone.h"

namespace systask {

struct PosixZone {
  // A moment of every year: a day, and the time on the wall, which may lie up to a week
  // before or after that day ("/-1", "/26").
  struct Moment {
    enum class Form { kWithoutLeapDay, kWithLeapDay, kWeekday };  // J60, 59, M3.2.0
    Form form = Form::kWeekday;
    unsigned month = 0;
    unsigned week = 0;  // the fifth is the month's last
    unsigned day = 0;   // of the week (0 is Sunday), or of the year: from 1 after J, else from 0
    std::chrono::seconds time = std::chrono::hours{2};

    [[nodiscard]] std::chrono::local_seconds in(std::chrono::year year) const;
  };
  struct Daylight {
    std::chrono::seconds offset;
    Moment begins;  // on the wall of the standard time
    Moment ends;    // on the wall of the daylight time
  };

  std::chrono::seconds offset{};     // east of UTC, unlike in the text
  std::optional<Daylight> daylight;  // nothing where the offset never changes

  // The rule a text states, or nothing where the text is not one. A zone whose daylight
  // time never ends ("EST5EDT,0/0,J365/25") comes out as one whose offset never changes.
  static std::optional<PosixZone> parse(std::string_view text);

  // The part of `tail`, the time for which the rule holds, around `at` during which the
  // offset stays the same. An instant outside `tail` gets the part nearest to it.
  [[nodiscard]] Zone::Span part_of(const Zone::Span& tail, TimePoint at) const;
};

// Reads a rule from left to right; each read of what is not there fails the whole.
class PosixZoneReader {
 public:
  explicit PosixZoneReader(std::string_view text) : rest_(text) {}

  std::optional<PosixZone> read() {
    PosixZone zone;
    name();
    zone.offset = -signed_time(kMostOffset);
    if (good_ && !rest_.empty()) zone.daylight = daylight(zone.offset);
    if (!good_ || !rest_.empty()) return std::nullopt;
    return zone;
  }

 private:
  static constexpr unsigned kMostOffset = 24;
  static constexpr unsigned kMostTime = 167;

  PosixZone::Daylight daylight(std::chrono::seconds standard) {
    name();
    const bool stated = !rest_.empty() && rest_.front() != ',';
    PosixZone::Daylight result{};
    result.offset = stated ? -signed_time(kMostOffset) : standard + std::chrono::hours{1};
    result.begins = moment();
    result.ends = moment();
    return result;
  }

  PosixZone::Moment moment() {
    using Form = PosixZone::Moment::Form;
    PosixZone::Moment result;
    expect(',');
    if (skip('M')) {
      result.month = number(1, 12);
      expect('.');
      result.week = number(1, 5);
      expect('.');
      result.day = number(0, 6);
    } else {
      result.form = skip('J') ? Form::kWithoutLeapDay : Form::kWithLeapDay;
      result.day = number(result.form == Form::kWithoutLeapDay ? 1 : 0, 365);
    }
    if (skip('/')) result.time = signed_time(kMostTime);
    return result;
  }

  // "EST", or "<+1030>" where there is more than letters in it.
  void name() {
    const bool quoted = skip('<');
    const std::size_t length = static_cast<std::size_t>(
        std::find_if_not(rest_.begin(), rest_.end(),
                         [quoted](char c) {
                           const bool letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
                           const bool other = (c >= '0' && c <= '9') || c == '+' || c == '-';
                           return letter || (quoted && other);
                         }) -
        rest_.begin());
    if (length < 3) good_ = false;
    rest_.remove_prefix(length);
    if (quoted) expect('>');
  }

  std::chrono::seconds signed_time(unsigned most_hours) {
    const bool negative = skip('-');
    if (!negative) skip('+');
    std::chrono::seconds time = std::chrono::hours{number(0, most_hours)};
    if (skip(':')) time += std::chrono::minutes{number(0, 59)};
    if (skip(':')) time += std::chrono::seconds{number(0, 59)};
    return negative ? -time : time;
  }

  unsigned number(unsigned least, unsigned most) {
    unsigned value = 0;
    const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), value);
    if (error != std::errc{} || value < least || value > most) good_ = false;
    rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
    return value;
  }

  bool skip(char c) {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  void expect(char c) {
    if (!skip(c)) good_ = false;
  }

  std::string_view rest_;
  bool good_ = true;
};

inline std::chrono::local_seconds PosixZone::Moment::in(std::chrono::year year) const {
  using std::chrono::days;
  using std::chrono::local_days;
  using std::chrono::weekday;
  using std::chrono::year_month;
  local_days date{year / std::chrono::January / 1};
  if (form == Form::kWeekday) {
    const year_month of{year, std::chrono::month{month}};
    date = week == 5 ? local_days{of / weekday{day}[std::chrono::last]}
                     : local_days{of / weekday{day}[week]};
  } else {
    constexpr unsigned kLastOfFebruary = 59;  // counted as J does
    if (form == Form::kWithLeapDay)
      date += days{day};
    else
      date += days{day - 1 + (year.is_leap() && day > kLastOfFebruary ? 1 : 0)};
  }
  return date + time;
}

inline std::optional<PosixZone> PosixZone::parse(std::string_view text) {
  std::optional<PosixZone> zone = PosixZoneReader{text}.read();
  if (!zone || !zone->daylight) return zone;
  const Daylight& daylight = *zone->daylight;
  // Each year's daylight time ends as the next one's begins: 2003 and 2004 are a common
  // year and a leap year.
  const auto never_ends = [&](int year) {
    return daylight.ends.in(std::chrono::year{year}) - daylight.offset ==
           daylight.begins.in(std::chrono::year{year + 1}) - zone->offset;
  };
  if (daylight.offset == zone->offset || (never_ends(2003) && never_ends(2004))) {
    zone->offset = daylight.offset;
    zone->daylight.reset();
  }
  return zone;
}

inline Zone::Span PosixZone::part_of(const Zone::Span& tail, TimePoint at) const {
  if (!daylight) return {tail.begin, tail.end, offset};
  struct Change {
    std::chrono::sys_seconds at;
    std::chrono::seconds offset;  // from then on
  };
  const TimePoint inside = std::clamp(at, tail.begin, tail.end - Micros{1});
  const std::chrono::year year =
      std::chrono::year_month_day{std::chrono::floor<std::chrono::days>(inside)}.year();
  // A change may lie a week outside its year, and the instant between two such: with two
  // years on either side there is always a change before it and one after.
  constexpr int kYearsAround = 2;
  std::array<Change, 2 * (2 * kYearsAround + 1)> changes;
  auto next = changes.begin();
  for (int years = -kYearsAround; years <= kYearsAround; ++years) {
    const std::chrono::year of = year + std::chrono::years{years};
    const auto begins = daylight->begins.in(of)-offset;
    const auto ends = daylight->ends.in(of)-daylight->offset;
    *next++ = {std::chrono::sys_seconds{begins.time_since_epoch()}, daylight->offset};
    *next++ = {std::chrono::sys_seconds{ends.time_since_epoch()}, offset};
  }
  std::stable_sort(changes.begin(), changes.end(),
                   [](const Change& a, const Change& b) { return a.at < b.at; });
  const auto after = std::find_if(changes.begin(), changes.end(),
                                  [inside](const Change& change) { return change.at > inside; });
  const Change& before = *std::prev(after);
  return {std::max<TimePoint>(tail.begin, before.at), std::min<TimePoint>(tail.end, after->at),
          before.offset};
}

}  // namespace systask
