#include "scheduler/when/day_rule.h"

#include <fmt/format.h>

#include <charconv>
#include <string>
#include <vector>

namespace systask::scheduler {
namespace {

constexpr int kMostShift = 366;
constexpr int kMostDays = 31;

std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  for (std::size_t at = 0; (at = text.find_first_not_of(" \t", at)) != std::string_view::npos;) {
    const std::size_t end = std::min(text.find_first_of(" \t", at), text.size());
    words.push_back(text.substr(at, end - at));
    at = end;
  }
  return words;
}

// The whole of the text as a number from 0 to `most`.
std::optional<int> number_of_text(std::string_view text, int most) {
  int value = 0;
  const char* const last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, value);
  if (text.empty() || error != std::errc{} || end != last || value < 0 || value > most)
    return std::nullopt;
  return value;
}

// "T+2", "T-1".
std::optional<int> shift_of(std::string_view word) {
  if (word.size() < 3 || word[0] != 'T' || (word[1] != '+' && word[1] != '-')) return std::nullopt;
  const auto days = number_of_text(word.substr(2), kMostShift);
  if (!days) return std::nullopt;
  return word[1] == '-' ? -*days : *days;
}

// "first", "last", "3rd".
std::optional<int> ordinal_of(std::string_view word) {
  if (word == "first") return 1;
  if (word == "last") return -1;
  if (word.size() < 3) return std::nullopt;
  const std::string_view ending = word.substr(word.size() - 2);
  const auto n = number_of_text(word.substr(0, word.size() - 2), kMostDays);
  const bool ends_right = ending == "st" || ending == "nd" || ending == "rd" || ending == "th";
  if (!n || *n == 0 || !ends_right) return std::nullopt;
  return n;
}

}  // namespace

bool DayRule::picks(const Calendar& calendar, std::size_t day) const {
  const auto days = calendar.business_days();
  const std::int64_t source = static_cast<std::int64_t>(day) - shift;
  if (!ordinal || source < 0 || source >= static_cast<std::int64_t>(days.size())) return false;
  const Date date = days[static_cast<std::size_t>(source)];
  const auto picked = calendar.nth_business_day(ordinal->period, date, ordinal->n);
  return picked && *picked == date;
}

Result<DayRule> parse_day_rule(std::string_view text) {
  const Refusal bad{"BAD_DAY_RULE",
                    fmt::format("'{}' picks no day: expected first, last or 3rd business-day of "
                                "month or week, T+2 (or T-1) of such a day, or T+2 alone, which "
                                "moves the days of the schedule",
                                text)};
  std::vector<std::string_view> words = words_of(text);
  DayRule rule;
  if (words.empty()) return bad;
  if (const auto shift = shift_of(words.front())) {
    rule.shift = *shift;
    words.erase(words.begin());
    if (words.empty()) return rule;
    if (words.front() != "of") return bad;
    words.erase(words.begin());
  }
  if (words.size() != 4 || words[1] != "business-day" || words[2] != "of") return bad;
  const auto n = ordinal_of(words[0]);
  const bool month = words[3] == "month";
  if (!n || (!month && words[3] != "week")) return bad;
  if (!month && *n > 7) return bad;
  rule.ordinal = DayRule::Ordinal{*n, month ? Period::kMonth : Period::kWeek};
  return rule;
}

Result<Roll> parse_roll(std::string_view text) {
  if (text == "skip") return Roll::kSkip;
  if (text == "previous") return Roll::kPrevious;
  if (text == "next") return Roll::kNext;
  if (text == "modified-following") return Roll::kModifiedFollowing;
  return Refusal{"BAD_ROLL", fmt::format("'{}' is no way to treat a day that is no business day: "
                                         "expected skip, previous, next or modified-following",
                                         text)};
}

}  // namespace systask::scheduler
