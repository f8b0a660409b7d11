#include "scheduler/when/cron_parser.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace systask::scheduler {
namespace {

constexpr std::array<std::string_view, 12> kMonthNames{"JAN", "FEB", "MAR", "APR", "MAY", "JUN",
                                                       "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"};
constexpr std::array<std::string_view, 7> kWeekdayNames{"SUN", "MON", "TUE", "WED",
                                                        "THU", "FRI", "SAT"};

// One field of a dialect. Values are kept as bit `value - origin`.
struct Field {
  std::string_view name;
  int low;  // the least and greatest number that may be written
  int high;
  int last;   // where a `*` and an open step end
  int cycle;  // a range that wraps goes on after this many values; 0: none wraps
  int max_step;
  std::span<const std::string_view> names;
  int first_name;  // the number that the first name stands for
  std::string_view allowed;
};

constexpr Field kSecond{"second", 0, 59, 59, 60, 59, {}, 0, "0-59, and * , - /"};
constexpr Field kMinute{"minute", 0, 59, 59, 60, 59, {}, 0, "0-59, and * , - /"};
constexpr Field kHour{"hour", 0, 23, 23, 24, 23, {}, 0, "0-23, and * , - /"};
constexpr Field kDay{
    "day of month", 1, 31, 31, 31, 31, {}, 0, "1-31, L, L-n, W, LW, LW-n, and * ? , - /"};
constexpr Field kMonth{"month", 1, 12, 12, 12, 12, kMonthNames, 1, "1-12 or JAN-DEC, and * , - /"};
constexpr Field kQuartzWeekday{"day of week",
                               1,
                               7,
                               7,
                               7,
                               7,
                               kWeekdayNames,
                               1,
                               "1-7 (1 = Sunday) or SUN-SAT, L, nL, n#1 to n#5, and * ? , - /"};
constexpr Field kUnixWeekday{"day of week",
                             0,
                             7,
                             6,
                             7,
                             7,
                             kWeekdayNames,
                             0,
                             "0-7 (0 and 7 = Sunday) or SUN-SAT, L, nL, n#1 to n#5, "
                             "and * ? , - /"};
constexpr Field kYear{"year",    kFirstYear, kLastYear,
                      kLastYear, 0,          kLastYear - kFirstYear,
                      {},        0,          "1970-2199, and * , - /"};

// What one field was found to hold.
struct Values {
  std::bitset<kLastYear - kFirstYear + 1> bits;  // bit value - low
  bool any = false;                              // holds a plain * or ?
  bool interval = false;                         // holds a *, a range or a step
};

bool takes_blank(const Field& field) { return field.name.starts_with("day of"); }

bool digit(char c) { return c >= '0' && c <= '9'; }

// The number at the front of `text`, taken off it; nothing where there is none or it is
// longer than any that is allowed.
std::optional<int> take_number(std::string_view& text) {
  int value = 0;
  std::size_t length = 0;
  for (; length < text.size() && digit(text[length]); ++length) {
    if (length == 4) return std::nullopt;
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
std::optional<int> take_value(const Field& field, std::string_view& text) {
  for (std::size_t i = 0; i < field.names.size(); ++i)
    if (take(text, field.names[i])) return field.first_name + static_cast<int>(i);
  const std::optional<int> value = take_number(text);
  if (!value || *value < field.low || *value > field.high) return std::nullopt;
  return value;
}

void set(const Field& field, Values& values, int value) {
  int index = value - field.low;
  if (field.cycle > 0) index %= field.cycle;
  values.bits.set(static_cast<std::size_t>(index));
}

// "*", "a", "a-b", each perhaps with "/step". False where the text is none of these.
bool parse_plain(const Field& field, std::string_view text, Values& values) {
  int first = field.low;
  int last = field.last;
  bool range = true;
  const bool star = take(text, "*") || (takes_blank(field) && take(text, "?"));
  if (!star) {
    const std::optional<int> from = take_value(field, text);
    if (!from) return false;
    first = last = *from;
    range = take(text, "-");
    if (range) {
      const std::optional<int> to = take_value(field, text);
      if (!to) return false;
      last = *to;
      if (last < first && field.cycle == 0) return false;
      if (last < first) last += field.cycle;
    }
  }
  int step = 1;
  const bool stepped = take(text, "/");
  if (stepped) {
    const std::optional<int> by = take_number(text);
    if (!by || *by < 1 || *by > field.max_step) return false;
    step = *by;
    if (!range) last = std::max(first, field.last);
  }
  if (!text.empty()) return false;
  values.any |= star && !stepped;
  values.interval |= range || stepped;
  for (int value = first; value <= last; value += step)
    set(field, values, value);
  return true;
}

// L, L-n, L-nW, LW, LW-n, nW.
bool parse_special_day(std::string_view text, MonthEnds& ends) {
  const auto bit = [](int n) { return std::uint32_t{1} << n; };
  if (!take(text, "L")) {
    const std::optional<int> day = take_number(text);
    if (!day || *day < 1 || *day > 31 || text != "W") return false;
    ends.nearest |= bit(*day);
    return true;
  }
  const bool weekday = take(text, "W");
  int back = 0;
  if (take(text, "-")) {
    const std::optional<int> number = take_number(text);
    if (!number || *number > 30) return false;
    back = *number;
  }
  const bool nearest = !weekday && take(text, "W");
  if (!text.empty()) return false;
  (weekday ? ends.from_last_weekday : nearest ? ends.nearest_to_last : ends.from_last) |= bit(back);
  return true;
}

// L (Saturday), nL, n#1 to n#5.
bool parse_special_weekday(const Field& field, std::string_view text, CronFields& fields) {
  if (text == "L") {
    fields.weekdays |= 1U << 6;
    return true;
  }
  const std::optional<int> value = take_value(field, text);
  if (!value) return false;
  const int weekday = (*value - field.low) % 7;
  if (text == "L") {
    fields.last_weekdays |= static_cast<std::uint8_t>(1U << weekday);
    return true;
  }
  if (text.size() != 2 || text[0] != '#' || text[1] < '1' || text[1] > '5') return false;
  fields.nth[static_cast<std::size_t>(weekday)] |= static_cast<std::uint8_t>(1U << (text[1] - '0'));
  return true;
}

std::vector<std::string_view> split(std::string_view text, std::string_view between, bool keep) {
  std::vector<std::string_view> parts;
  for (;;) {
    const std::size_t end = std::min(text.find_first_of(between), text.size());
    if (end > 0 || keep) parts.push_back(text.substr(0, end));
    if (end == text.size()) return parts;
    text.remove_prefix(end + 1);
  }
}

// Parses one expression; the first mistake is kept and ends it.
class Parser {
 public:
  explicit Parser(std::string_view text) : original_(text), upper_(text) {
    std::ranges::transform(upper_, upper_.begin(), [](char c) {
      return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    });
  }

  Result<CronFields> run() {
    std::vector<std::string_view> parts = split(shorthand(), " \t", false);
    const bool unix_dialect = parts.size() == 5;
    if (parts.size() < 5 || parts.size() > 7)
      return Refusal{"BAD_CRON",
                     fmt::format("'{}' has {} fields: expected 5 (minute hour day month weekday), "
                                 "6 (second first) or 7 (year last), separated by spaces",
                                 original_, parts.size())};
    if (unix_dialect) parts.insert(parts.begin(), "0");
    if (parts.size() == 6) parts.push_back("*");
    const Values seconds = plain(kSecond, parts[0]);
    const Values minutes = plain(kMinute, parts[1]);
    const Values hours = plain(kHour, parts[2]);
    fields_.seconds = seconds.bits.to_ullong();
    fields_.minutes = minutes.bits.to_ullong();
    fields_.hours = static_cast<std::uint32_t>(hours.bits.to_ullong());
    fields_.interval = seconds.interval || minutes.interval || hours.interval;
    days(parts[3]);
    fields_.months = static_cast<std::uint16_t>(plain(kMonth, parts[4]).bits.to_ullong() << 1);
    weekdays(unix_dialect ? kUnixWeekday : kQuartzWeekday, parts[5]);
    fields_.years = plain(kYear, parts[6]).bits;
    // Unix cron's rule: a day field that starts with a star restricts, and does not add.
    const auto starry = [](std::string_view part) { return part[0] == '*' || part[0] == '?'; };
    fields_.both_days = unix_dialect && (starry(parts[3]) || starry(parts[5]));
    if (mistake_) return *mistake_;
    return fields_;
  }

 private:
  std::string_view shorthand() const {
    const std::string_view text = upper_;
    if (text == "@YEARLY" || text == "@ANNUALLY") return "0 0 1 1 *";
    if (text == "@MONTHLY") return "0 0 1 * *";
    if (text == "@WEEKLY") return "0 0 * * 0";
    if (text == "@DAILY" || text == "@MIDNIGHT") return "0 0 * * *";
    if (text == "@HOURLY") return "0 * * * *";
    return text;
  }

  // Calls `parse` with each item of a list; reports the first that is not understood.
  template <class Parse>
  void each_item(const Field& field, std::string_view part, Parse parse) {
    for (const std::string_view item : split(part, ",", true)) {
      if (parse(item) || mistake_) continue;
      mistake_ = Refusal{"BAD_CRON", fmt::format("'{}' is not allowed in the {} field of '{}': "
                                                 "expected {}",
                                                 item, field.name, original_, field.allowed)};
    }
  }

  Values plain(const Field& field, std::string_view part) {
    Values values;
    each_item(field, part, [&](std::string_view item) { return parse_plain(field, item, values); });
    return values;
  }

  void days(std::string_view part) {
    Values values;
    each_item(kDay, part, [&](std::string_view item) {
      return parse_plain(kDay, item, values) || parse_special_day(item, fields_.ends);
    });
    fields_.days = static_cast<std::uint32_t>(values.bits.to_ullong() << 1);
    fields_.any_day = values.any;
    fields_.has_special_days |= fields_.ends.any();
  }

  void weekdays(const Field& field, std::string_view part) {
    Values values;
    each_item(field, part, [&](std::string_view item) {
      return parse_plain(field, item, values) || parse_special_weekday(field, item, fields_);
    });
    fields_.weekdays |= static_cast<std::uint8_t>(values.bits.to_ullong());
    fields_.any_weekday = values.any;
    fields_.has_special_days |= fields_.last_weekdays != 0;
    for (const std::uint8_t nth : fields_.nth)
      fields_.has_special_days |= nth != 0;
  }

  std::string_view original_;
  std::string upper_;
  CronFields fields_;
  std::optional<Refusal> mistake_;
};

}  // namespace

Result<CronFields> parse_cron(std::string_view text) { return Parser{text}.run(); }

}  // namespace systask::scheduler
