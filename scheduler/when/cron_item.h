// One item of a cron field's list, such as 5, 10-20/5, MON, H(0-29)/10, LW-2 or FRI#2: what it
// stands for in each field. Part of the parser; cron_parser.h is what others call.
#pragma once

#include <bitset>
#include <cstdint>
#include <span>
#include <string_view>

#include "scheduler/when/cron_fields.h"

namespace systask::scheduler {

// One field of a dialect. Its values are kept as bit `value - low`.
struct CronFieldRules {
  std::string_view name;
  int low = 0;    // the least and greatest number that may be written; a `*` and an open step
  int high = 0;   // end at the greatest
  int cycle = 0;  // a range that wraps goes on after this many values; 0: none wraps
  int max_step = 0;
  int hash_high = 0;  // H lies from `low` to here; below `low`: there is no H
  std::span<const std::string_view> names;
  int first_name = 0;  // the number that the first name stands for
  std::string_view allowed;
};

extern const CronFieldRules kSecondRules;
extern const CronFieldRules kMinuteRules;
extern const CronFieldRules kHourRules;
extern const CronFieldRules kDayRules;
extern const CronFieldRules kMonthRules;
extern const CronFieldRules kQuartzWeekdayRules;
extern const CronFieldRules kUnixWeekdayRules;
extern const CronFieldRules kYearRules;

// What a field was found to hold.
struct CronValues {
  std::bitset<kLastYear - kFirstYear + 1> bits;  // bit value - low
  bool any = false;                              // holds a * or ?: restricts nothing
  bool interval = false;                         // holds a *, a range or a step
};

// Each takes upper-case text, adds what it stands for, and is false where it is no such
// item; what it has added by then is worthless.
// "*", "a", "a-b", each perhaps with "/step", and "/step" alone.
bool add_plain(const CronFieldRules& rules, std::string_view text, CronValues& values);
// "H", "H(a-b)", each perhaps with "/step": values that depend on `seed` and the field only.
bool add_hashed(const CronFieldRules& rules, std::string_view text, std::string_view seed,
                CronValues& values);
// L, L-n, L-nW, LW, LW-n, nW.
bool add_month_end(std::string_view text, MonthEnds& ends);
// L (Saturday), nL, n#1 to n#5.
bool add_special_weekday(const CronFieldRules& rules, std::string_view text, CronFields& fields);

}  // namespace systask::scheduler
