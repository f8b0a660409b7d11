#include "scheduler/when/cron_weekdays.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

#include "scheduler/when/cron_item.h"

namespace systask::scheduler {
namespace {

constexpr std::array<std::string_view, 7> kNames{"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"};
constexpr std::string_view kDigits = "0123456789";

// The weekday field of six or seven fields; else nothing.
std::optional<std::string> quartz_weekdays(std::string_view cron) {
  constexpr std::string_view kBlanks = " \t\r\n";
  constexpr std::size_t kField = 5;
  std::vector<std::string_view> fields;
  for (std::size_t at = 0; (at = cron.find_first_not_of(kBlanks, at)) != std::string_view::npos;) {
    const std::size_t end = std::min(cron.find_first_of(kBlanks, at), cron.size());
    fields.push_back(cron.substr(at, end - at));
    at = end;
  }
  if (fields.size() != 6 && fields.size() != 7) return std::nullopt;
  std::string field{fields[kField]};
  std::ranges::transform(field, field.begin(), [](char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  });
  return field;
}

// What follows these counts something else: steps, and which one of the month.
std::size_t end_of_weekdays(std::string_view item) {
  return std::min(item.find_first_of("/#"), item.size());
}

bool has_numbers(std::string_view item) {
  return item.substr(0, end_of_weekdays(item)).find_first_of(kDigits) != std::string_view::npos;
}

// "1-5" as "SUN-THU", where `rules` call Sunday 1.
std::string with_names(const CronFieldRules& rules, std::string_view item) {
  std::string text;
  const std::size_t end = end_of_weekdays(item);
  for (std::size_t at = 0; at < end; ++at) {
    const std::size_t which = kDigits.find(item[at]);
    if (which == std::string_view::npos)
      text += item[at];
    else
      text += kNames[(which + kNames.size() - static_cast<std::size_t>(rules.first_name)) %
                     kNames.size()];
  }
  return text.append(item.substr(end));
}

// Of an item without L, # and H, the days that it stands for.
std::optional<CronValues> days_of(const CronFieldRules& rules, std::string_view item) {
  CronValues values;
  if (!add_plain(rules, item, values)) return std::nullopt;
  return values;
}

// The days of a step are a list: nobody counts "1/2" on the fingers.
std::string in_names(const CronFieldRules& rules, std::string_view item) {
  const auto days = item.find('/') == std::string_view::npos ? std::nullopt : days_of(rules, item);
  if (!days) return with_names(rules, item);
  std::string text;
  for (std::size_t day = 0; day < kNames.size(); ++day) {
    const std::size_t of_week = (day + static_cast<std::size_t>(rules.low)) % kNames.size();
    const std::size_t name =
        (of_week + kNames.size() - static_cast<std::size_t>(rules.first_name)) % kNames.size();
    if (!days->bits[day]) continue;
    if (!text.empty()) text += ',';
    text += kNames[name];
  }
  return text;
}

}  // namespace

std::string NumericWeekdays::means() const {
  return fmt::format(
      "in cron of six or seven fields, Quartz, weekday 1 is Sunday, so that {} is {}", found,
      meaning);
}

std::string NumericWeekdays::advice() const {
  return fmt::format("write {}, or {} if that is meant", meaning, elsewhere);
}

std::optional<NumericWeekdays> numeric_weekdays(std::string_view cron) {
  const auto field = quartz_weekdays(cron);
  if (!field || !has_numbers(*field)) return std::nullopt;
  NumericWeekdays found{*field, {}, {}};
  bool numbers = false;
  for (std::size_t at = 0; at <= field->size();) {
    const std::size_t comma = std::min(field->find(',', at), field->size());
    const std::string_view item = std::string_view{*field}.substr(at, comma - at);
    const auto days = days_of(kQuartzWeekdayRules, item);
    const bool whole_week = days && days->bits.count() == kNames.size();
    numbers |= has_numbers(item) && !whole_week;
    if (at > 0) {
      found.meaning += ',';
      found.elsewhere += ',';
    }
    found.meaning += in_names(kQuartzWeekdayRules, item);
    found.elsewhere += in_names(kUnixWeekdayRules, item);
    at = comma + 1;
  }
  if (!numbers) return std::nullopt;
  return found;
}

}  // namespace systask::scheduler
