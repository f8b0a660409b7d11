// What a cron expression says, after parsing: bit masks per field, and the days that
// depend on the month. A plain value; the parser fills it, Cron searches it.
#pragma once

#include <array>
#include <bitset>
#include <cstdint>

namespace systask::scheduler {

inline constexpr int kFirstYear = 1970;
inline constexpr int kLastYear = 2199;

// Days of the month counted from its end or moved to a working day (Monday to Friday).
struct MonthEnds {
  std::uint32_t from_last = 0;          // bit n: L-n, n days before the last day
  std::uint32_t from_last_weekday = 0;  // bit n: LW-n, clamped to the 1st
  std::uint32_t nearest_to_last = 0;    // bit n: L-nW, the working day nearest to L-n
  std::uint32_t nearest = 0;            // bit d: dW, the working day nearest to day d

  [[nodiscard]] bool any() const {
    return (from_last | from_last_weekday | nearest_to_last | nearest) != 0;
  }
};

struct CronFields {
  std::uint64_t seconds = 0;          // bit 0..59
  std::uint64_t minutes = 0;          // bit 0..59
  std::uint32_t hours = 0;            // bit 0..23
  std::uint32_t days = 0;             // bit 1..31
  std::uint16_t months = 0;           // bit 1..12
  std::uint8_t weekdays = 0;          // bit 0..6, 0 = Sunday
  std::uint8_t last_weekdays = 0;     // bit w: the last weekday w of the month
  std::array<std::uint8_t, 7> nth{};  // [w] bit n (1..5): the n-th weekday w of the month
  MonthEnds ends;
  std::bitset<kLastYear - kFirstYear + 1> years;

  bool any_day = true;            // the day-of-month field restricts nothing
  bool any_weekday = true;        // the day-of-week field restricts nothing
  bool both_days = false;         // a day must satisfy both day fields, not either
  bool interval = false;          // a `*`, range or step in seconds, minutes or hours
  bool has_special_days = false;  // any of ends, nth, last_weekdays
};

}  // namespace systask::scheduler
