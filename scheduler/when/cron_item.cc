#include "scheduler/when/cron_item.h"

#include <array>
#include <optional>

namespace systask::scheduler {
namespace {

constexpr std::array<std::string_view, 12> kMonthNames{"JAN", "FEB", "MAR", "APR", "MAY", "JUN",
                                                       "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"};
constexpr std::array<std::string_view, 7> kWeekdayNames{"SUN", "MON", "TUE", "WED",
                                                        "THU", "FRI", "SAT"};

// The number at the front of `text`, taken off it; nothing where there is none or it is
// longer than any that is allowed.
std::optional<int> take_number(std::string_view& text) {
  constexpr std::size_t kMostDigits = 4;
  int value = 0;
  std::size_t length = 0;
  for (; length < text.size() && text[length] >= '0' && text[length] <= '9'; ++length) {
    if (length == kMostDigits) return std::nullopt;
    value = value * 10 + (text[length] - '0');
  }
  if (length == 0) return std::nullopt;
  text.remove_prefix(length);
  return value;
}

bool take(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

// A number or a name of the field.
std::optional<int> take_value(const CronFieldRules& rules, std::string_view& text) {
  for (std::size_t i = 0; i < rules.names.size(); ++i)
    if (take(text, rules.names[i])) return rules.first_name + static_cast<int>(i);
  const std::optional<int> value = take_number(text);
  if (!value || *value < rules.low || *value > rules.high) return std::nullopt;
  return value;
}

// Values from `first` to `last`, which lies past the field's end where the range wraps.
struct Range {
  int first;
  int last;
};

// "-b" after the `first` that was read.
std::optional<Range> take_range_end(const CronFieldRules& rules, int first,
                                    std::string_view& text) {
  const std::optional<int> last = take_value(rules, text);
  if (!last) return std::nullopt;
  if (*last >= first) return Range{first, *last};
  if (rules.cycle == 0) return std::nullopt;
  return Range{first, *last + rules.cycle};
}

// What follows a "/".
std::optional<int> take_step(const CronFieldRules& rules, std::string_view& text) {
  const std::optional<int> step = take_number(text);
  if (!step || *step < 1 || *step > rules.max_step) return std::nullopt;
  return step;
}

void set_each(const CronFieldRules& rules, Range range, int step, CronValues& values) {
  for (int value = range.first; value <= range.last; value += step) {
    int index = value - rules.low;
    if (rules.cycle > 0) index %= rules.cycle;
    values.bits.set(static_cast<std::size_t>(index));
  }
}

// Stays the same for ever: what fires at 03:17 today must do so after the next upgrade.
std::uint64_t hash_of(std::string_view seed, std::string_view field) {
  std::uint64_t hash = 0xcbf29ce484222325;  // FNV-1a
  const auto add = [&hash](std::string_view text) {
    for (const char c : text)
      hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  };
  add(seed);
  add("/");
  add(field);
  hash ^= hash >> 33;  // its low bits alone would hardly differ between like names
  hash *= 0xff51afd7ed558ccd;
  return hash ^ (hash >> 33);
}

constexpr std::uint32_t bit(int n) { return std::uint32_t{1} << n; }

}  // namespace

constexpr CronFieldRules kSecondRules{.name = "second",
                                      .high = 59,
                                      .cycle = 60,
                                      .max_step = 59,
                                      .hash_high = 59,
                                      .allowed = "0-59, and * , - / H, with steps of 1-59"};
constexpr CronFieldRules kMinuteRules{.name = "minute",
                                      .high = 59,
                                      .cycle = 60,
                                      .max_step = 59,
                                      .hash_high = 59,
                                      .allowed = "0-59, and * , - / H, with steps of 1-59"};
constexpr CronFieldRules kHourRules{.name = "hour",
                                    .high = 23,
                                    .cycle = 24,
                                    .max_step = 23,
                                    .hash_high = 23,
                                    .allowed = "0-23, and * , - / H, with steps of 1-23"};
constexpr CronFieldRules kDayRules{
    .name = "day of month",
    .low = 1,
    .high = 31,
    .cycle = 31,
    .max_step = 31,
    .hash_high = 28,  // every month has it
    .allowed = "1-31, nW, L, L-n, L-nW, LW, LW-n, and * , - / H, with steps of 1-31, or ? alone"};
constexpr CronFieldRules kMonthRules{
    .name = "month",
    .low = 1,
    .high = 12,
    .cycle = 12,
    .max_step = 12,
    .hash_high = 12,
    .names = kMonthNames,
    .first_name = 1,
    .allowed = "1-12 or JAN-DEC, and * , - / H, with steps of 1-12"};
constexpr CronFieldRules kQuartzWeekdayRules{
    .name = "day of week",
    .low = 1,
    .high = 7,
    .cycle = 7,
    .max_step = 7,
    .hash_high = 7,
    .names = kWeekdayNames,
    .first_name = 1,
    .allowed =
        "1-7 (1 = Sunday) or SUN-SAT, L, nL, n#1 to n#5, and * , - / H, with steps of "
        "1-7, or ? alone"};
constexpr CronFieldRules kUnixWeekdayRules{
    .name = "day of week",
    .low = 0,
    .high = 7,
    .cycle = 7,
    .max_step = 7,
    .hash_high = 6,
    .names = kWeekdayNames,
    .first_name = 0,
    .allowed =
        "0-7 (0 and 7 = Sunday) or SUN-SAT, L, nL, n#1 to n#5, and * , - / H, with steps "
        "of 1-7, or ? alone"};
constexpr CronFieldRules kYearRules{.name = "year",
                                    .low = kFirstYear,
                                    .high = kLastYear,
                                    .max_step = kLastYear - kFirstYear,
                                    .hash_high = 0,
                                    .allowed = "1970-2199, and * , - /"};

bool add_plain(const CronFieldRules& rules, std::string_view text, CronValues& values) {
  Range range{rules.low, rules.high};
  const bool star = take(text, "*");
  bool several = star || text.starts_with('/');
  if (!several) {
    const std::optional<int> first = take_value(rules, text);
    if (!first) return false;
    range = {*first, *first};
    if (take(text, "-")) {
      const std::optional<Range> whole = take_range_end(rules, *first, text);
      if (!whole) return false;
      range = *whole;
      several = true;
    }
  }
  int step = 1;
  if (take(text, "/")) {
    const std::optional<int> by = take_step(rules, text);
    if (!by) return false;
    step = *by;
    if (!several) range.last = rules.high;
    several = true;
  }
  if (!text.empty()) return false;
  values.any |= star && step == 1;
  values.interval |= several;
  set_each(rules, range, step, values);
  return true;
}

bool add_hashed(const CronFieldRules& rules, std::string_view text, std::string_view seed,
                CronValues& values) {
  if (rules.hash_high < rules.low || !take(text, "H")) return false;
  Range range{rules.low, rules.hash_high};
  if (take(text, "(")) {
    const std::optional<int> first = take_value(rules, text);
    if (!first || !take(text, "-")) return false;
    const std::optional<Range> whole = take_range_end(rules, *first, text);
    if (!whole || !take(text, ")")) return false;
    range = *whole;
  }
  const int size = range.last - range.first + 1;
  int step = size;  // without one: a single value
  if (take(text, "/")) {
    const std::optional<int> by = take_step(rules, text);
    if (!by || *by > size) return false;
    step = *by;
    values.interval = true;
  }
  if (!text.empty()) return false;
  const std::uint64_t hash = hash_of(seed, rules.name);
  range.first += static_cast<int>(hash % static_cast<std::uint64_t>(step));
  set_each(rules, range, step, values);
  return true;
}

bool add_month_end(std::string_view text, MonthEnds& ends) {
  constexpr int kMostDays = 31;
  if (!take(text, "L")) {
    const std::optional<int> day = take_number(text);
    if (!day || *day < 1 || *day > kMostDays || text != "W") return false;
    ends.nearest |= bit(*day);
    return true;
  }
  const bool weekday = take(text, "W");
  int back = 0;
  if (take(text, "-")) {
    const std::optional<int> number = take_number(text);
    if (!number || *number >= kMostDays) return false;
    back = *number;
  }
  const bool nearest = !weekday && take(text, "W");
  if (!text.empty()) return false;
  (weekday ? ends.from_last_weekday : nearest ? ends.nearest_to_last : ends.from_last) |= bit(back);
  return true;
}

bool add_special_weekday(const CronFieldRules& rules, std::string_view text, CronFields& fields) {
  constexpr int kEndOfWeek = 6;  // Saturday
  if (text == "L") {
    fields.weekdays |= static_cast<std::uint8_t>(bit(kEndOfWeek));
    return true;
  }
  const std::optional<int> value = take_value(rules, text);
  if (!value) return false;
  const int weekday = (*value - rules.low) % 7;
  if (text == "L") {
    fields.last_weekdays |= static_cast<std::uint8_t>(bit(weekday));
    return true;
  }
  if (text.size() != 2 || text[0] != '#' || text[1] < '1' || text[1] > '5') return false;
  fields.nth[static_cast<std::size_t>(weekday)] |= static_cast<std::uint8_t>(bit(text[1] - '0'));
  return true;
}

}  // namespace systask::scheduler
