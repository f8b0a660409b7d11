#include "scheduler/when/cron_parser.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "scheduler/when/cron_item.h"

namespace systask::scheduler {
namespace {

constexpr std::string_view kBlanks = " \t\r\n";

// The parts between the characters of `between`, empty ones among them only if `keep`.
std::vector<std::string_view> split(std::string_view text, std::string_view between, bool keep) {
  std::vector<std::string_view> parts;
  for (;;) {
    const std::size_t end = std::min(text.find_first_of(between), text.size());
    if (end > 0 || keep) parts.push_back(text.substr(0, end));
    if (end == text.size()) return parts;
    text.remove_prefix(end + 1);
  }
}

constexpr std::array<std::pair<std::string_view, std::string_view>, 9> kShorthands{{
    {"@YEARLY", "0 0 1 1 *"},
    {"@ANNUALLY", "0 0 1 1 *"},
    {"@MONTHLY", "0 0 1 * *"},
    {"@WEEKLY", "0 0 * * 0"},
    {"@DAILY", "0 0 * * *"},
    {"@MIDNIGHT", "0 0 * * *"},
    {"@HOURLY", "0 * * * *"},
    {"@EVERY_MINUTE", "* * * * *"},
    {"@EVERY_SECOND", "* * * * * *"},
}};

// Parses one expression; the first mistake is kept and ends it.
class Parser {
 public:
  Parser(std::string_view text, std::string_view seed)
      : original_(text), seed_(seed), upper_(text) {
    std::ranges::transform(upper_, upper_.begin(), [](char c) {
      return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    });
  }

  Result<CronFields> run() {
    std::vector<std::string_view> parts = split(upper_, kBlanks, false);
    if (!parts.empty() && parts[0].starts_with('@')) {
      const auto known = std::ranges::find(kShorthands, parts[0], [](auto& s) { return s.first; });
      if (known == kShorthands.end() || parts.size() > 1) return bad_shorthand();
      parts = split(known->second, kBlanks, false);
    }
    if (parts.size() < 5 || parts.size() > 7)
      return Refusal{"BAD_CRON",
                     fmt::format("'{}' has {} fields: expected 5 (minute hour day month weekday), "
                                 "6 (second first) or 7 (year last), separated by spaces",
                                 original_, parts.size())};
    unix_ = parts.size() == 5;
    if (unix_) parts.insert(parts.begin(), "0");
    if (parts.size() == 6) parts.emplace_back("*");
    read(parts);
    if (mistake_) return *mistake_;
    return fields_;
  }

 private:
  void read(const std::vector<std::string_view>& parts) {
    const CronValues at_seconds = plain(kSecondRules, parts[0]);
    const CronValues at_minutes = plain(kMinuteRules, parts[1]);
    const CronValues at_hours = plain(kHourRules, parts[2]);
    fields_.seconds = at_seconds.bits.to_ullong();
    fields_.minutes = at_minutes.bits.to_ullong();
    fields_.hours = static_cast<std::uint32_t>(at_hours.bits.to_ullong());
    fields_.interval = at_seconds.interval || at_minutes.interval || at_hours.interval;
    days(parts[3]);
    fields_.months = static_cast<std::uint16_t>(plain(kMonthRules, parts[4]).bits.to_ullong() << 1);
    weekdays(unix_ ? kUnixWeekdayRules : kQuartzWeekdayRules, parts[5]);
    fields_.years = plain(kYearRules, parts[6]).bits;
    // Unix cron's rule: a day field that starts with a star restricts, and does not add.
    fields_.both_days = unix_ && (parts[3][0] == '*' || parts[5][0] == '*');
  }

  [[nodiscard]] Refusal bad_shorthand() const {
    std::string names;
    for (const auto& [name, fields] : kShorthands)
      names += fmt::format("{}{}", names.empty() ? "" : ", ", name);
    std::ranges::transform(names, names.begin(), [](char c) {
      return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return {"BAD_CRON", fmt::format("'{}' is no cron expression: expected fields, or one of {}; a "
                                    "fixed rate such as @every 5m is `every: 5m`",
                                    original_, names)};
  }

  // As it was written, since a reader looks for that.
  [[nodiscard]] std::string_view written(std::string_view item) const {
    const char* const begin = upper_.data();
    if (item.data() < begin || item.data() > begin + upper_.size()) return item;
    return original_.substr(static_cast<std::size_t>(item.data() - begin), item.size());
  }

  // Calls `parse` with each item of a list; keeps the first that is not understood.
  template <class Parse>
  void each_item(const CronFieldRules& rules, std::string_view part, Parse parse) {
    for (const std::string_view item : split(part, ",", true)) {
      // "/5" is Quartz for "*/5"; Unix cron has always refused it.
      const bool known = !(unix_ && item.starts_with('/')) && parse(item);
      if (known || mistake_) continue;
      mistake_ =
          Refusal{"BAD_CRON", fmt::format("'{}' is not allowed in the {} field of '{}': "
                                          "expected {}",
                                          written(item), rules.name, original_, rules.allowed)};
    }
  }

  bool usual(const CronFieldRules& rules, std::string_view item, CronValues& values) const {
    return add_plain(rules, item, values) || add_hashed(rules, item, seed_, values);
  }

  CronValues plain(const CronFieldRules& rules, std::string_view part) {
    CronValues values;
    each_item(rules, part, [&](std::string_view item) { return usual(rules, item, values); });
    return values;
  }

  void days(std::string_view part) {
    fields_.any_day = part == "?";
    if (fields_.any_day) return;
    CronValues values;
    each_item(kDayRules, part, [&](std::string_view item) {
      return usual(kDayRules, item, values) || add_month_end(item, fields_.ends);
    });
    fields_.days = static_cast<std::uint32_t>(values.bits.to_ullong() << 1);
    fields_.any_day = values.any;
    fields_.has_special_days |= fields_.ends.any();
  }

  void weekdays(const CronFieldRules& rules, std::string_view part) {
    fields_.any_weekday = part == "?";
    if (fields_.any_weekday) return;
    CronValues values;
    each_item(rules, part, [&](std::string_view item) {
      return usual(rules, item, values) || add_special_weekday(rules, item, fields_);
    });
    fields_.weekdays |= static_cast<std::uint8_t>(values.bits.to_ullong());
    fields_.any_weekday = values.any;
    fields_.has_special_days |= fields_.last_weekdays != 0;
    for (const std::uint8_t nth : fields_.nth)
      fields_.has_special_days |= nth != 0;
  }

  std::string_view original_;
  std::string_view seed_;
  std::string upper_;
  bool unix_ = false;
  CronFields fields_;
  std::optional<Refusal> mistake_;
};

}  // namespace

Result<CronFields> parse_cron(std::string_view text, std::string_view seed) {
  return Parser{text, seed}.run();
}

bool names_years(std::string_view text) {
  const std::vector<std::string_view> fields = split(text, kBlanks, false);
  return fields.size() == 7 && fields.back() != "*";
}

}  // namespace systask::scheduler
