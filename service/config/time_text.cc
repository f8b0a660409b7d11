#include "service/config/time_text.h"

#include <fmt/format.h>

#include <charconv>
#include <optional>

#include "calendar/wall_clock.h"
#include "scheduler/when/duration.h"

namespace systask::service {
namespace {

std::optional<int> number(std::string_view digits, std::size_t length, int least, int most) {
  int value = 0;
  const char* const end = digits.data() + digits.size();
  const auto [last, error] = std::from_chars(digits.data(), end, value);
  if (digits.size() != length || error != std::errc{} || last != end) return std::nullopt;
  if (value < least || value > most) return std::nullopt;
  return value;
}

// "08:30" or "08:30:15", from midnight.
std::optional<std::chrono::seconds> time_of_day(std::string_view text) {
  if ((text.size() != 5 && text.size() != 8) || text[2] != ':') return std::nullopt;
  const auto hour = number(text.substr(0, 2), 2, 0, 23);
  const auto minute = number(text.substr(3, 2), 2, 0, 59);
  std::optional<int> second = 0;
  if (text.size() == 8) second = text[5] == ':' ? number(text.substr(6), 2, 0, 59) : std::nullopt;
  if (!hour || !minute || !second) return std::nullopt;
  return std::chrono::hours{*hour} + std::chrono::minutes{*minute} + std::chrono::seconds{*second};
}

// "2026-05-22".
std::optional<Date> date(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  const auto year = number(text.substr(0, 4), 4, 1970, 9999);
  const auto month = number(text.substr(5, 2), 2, 1, 12);
  const auto day = number(text.substr(8), 2, 1, 31);
  if (!year || !month || !day) return std::nullopt;
  const std::chrono::year_month_day whole{std::chrono::year{*year},
                                          std::chrono::month{static_cast<unsigned>(*month)},
                                          std::chrono::day{static_cast<unsigned>(*day)}};
  if (!whole.ok()) return std::nullopt;
  return Date{whole};
}

std::optional<Date> day_of(std::string_view word, Date today) {
  if (word == "today") return today;
  if (word == "yesterday") return today - std::chrono::days{1};
  if (word == "tomorrow") return today + std::chrono::days{1};
  return date(word);
}

// "2h ago", "1h30m ago".
std::optional<TimePoint> ago(std::string_view text, TimePoint now) {
  constexpr std::string_view kAgo = " ago";
  if (!text.ends_with(kAgo)) return std::nullopt;
  const auto length = scheduler::parse_duration(text.substr(0, text.size() - kAgo.size()));
  if (length.has_error() || *length > now - TimePoint{}) return std::nullopt;
  return now - *length;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// How long the instant is with which the text begins; 0 where it begins with none.
std::size_t instant_length(std::string_view text) {
  constexpr std::string_view kShape = "dddd-dd-ddTdd:dd:dd";
  if (text.size() <= kShape.size()) return 0;
  for (std::size_t i = 0; i < kShape.size(); ++i)
    if (kShape[i] == 'd' ? !is_digit(text[i]) : text[i] != kShape[i]) return 0;
  std::size_t at = kShape.size();
  if (text[at] == '.')
    for (++at; at < text.size() && is_digit(text[at]);)
      ++at;
  if (at < text.size() && text[at] == 'Z') return at + 1;
  constexpr std::size_t kOffset = 6;  // +08:00
  if (at + kOffset > text.size() || (text[at] != '+' && text[at] != '-')) return 0;
  return at + kOffset;
}

}  // namespace

std::string in_zone(std::string_view text, const Zone& zone) {
  std::string out;
  while (!text.empty()) {
    const std::size_t length = is_digit(text.front()) ? instant_length(text) : 0;
    const auto instant = length == 0 ? std::nullopt : from_rfc3339(text.substr(0, length));
    if (instant)
      out += zone.to_rfc3339(*instant);
    else
      out += text.front();
    text.remove_prefix(instant ? length : 1);
  }
  return out;
}

int civil_date(const Zone& zone, TimePoint at) {
  return yyyymmdd(std::chrono::floor<std::chrono::days>(zone.to_local(at)));
}

Result<int> parse_date(std::string_view text) {
  std::string dashed{text};
  if (text.size() == 8) dashed.insert(6, "-").insert(4, "-");
  if (const auto day = date(dashed)) return yyyymmdd(*day);
  return Refusal{"BAD_DATE", fmt::format("'{}' is no date: expected one such as 2026-05-22", text)};
}

Result<TimePoint> parse_time(std::string_view text, const Zone& zone, TimePoint now) {
  if (text == "now") return now;
  if (const auto instant = from_rfc3339(text)) return *instant;
  if (const auto past = ago(text, now)) return *past;
  const Date today = std::chrono::floor<std::chrono::days>(zone.to_local(now));
  std::optional<Date> day = today;
  std::string_view time = text;
  if (const auto alone = day_of(text, today)) {
    day = alone;
    time = "00:00";
  } else if (const std::size_t space = text.find(' '); space != std::string_view::npos) {
    day = day_of(text.substr(0, space), today);
    time = text.substr(space + 1);
  }
  const auto since_midnight = time_of_day(time);
  if (!day || !since_midnight)
    return Refusal{"BAD_TIME",
                   fmt::format("'{}' is no time: expected RFC 3339 with an offset, such as "
                               "2026-05-22T09:30:00+08:00, or, in {}, 2026-05-22 09:30, 09:30 "
                               "(today), yesterday 09:30, tomorrow 09:30, a day alone (its "
                               "midnight), 2h ago, or now",
                               text, zone.name())};
  return zone.to_instant(LocalTime{*day} + *since_midnight);
}

}  // namespace systask::service
