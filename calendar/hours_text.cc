#include "calendar/hours_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <string>

namespace systask {
namespace {

using std::chrono::seconds;

constexpr seconds kDay = std::chrono::days{1};
constexpr std::string_view kBlank = " \t";

// Reads a text from the left, and remembers all of it for the refusal.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) { skip(); }

  [[nodiscard]] bool done() const { return rest_.empty(); }
  [[nodiscard]] char front() const { return rest_.empty() ? '\0' : rest_.front(); }

  bool take(char c) {
    if (front() != c) return false;
    rest_.remove_prefix(1);
    skip();
    return true;
  }
  // A whole word, in any case.
  bool take_word(std::string_view word) {
    if (rest_.size() < word.size()) return false;
    for (std::size_t i = 0; i < word.size(); ++i)
      if (std::tolower(static_cast<unsigned char>(rest_[i])) != word[i]) return false;
    if (rest_.size() > word.size() &&
        std::isalnum(static_cast<unsigned char>(rest_[word.size()])) != 0)
      return false;
    rest_.remove_prefix(word.size());
    skip();
    return true;
  }
  // One to `most` digits; nothing where there are none, or more.
  std::optional<int> number(std::size_t most) {
    const std::size_t digits = std::min(rest_.find_first_not_of("0123456789"), rest_.size());
    if (digits == 0 || digits > most) return std::nullopt;
    int value = 0;
    for (const char c : rest_.substr(0, digits))
      value = value * 10 + (c - '0');
    rest_.remove_prefix(digits);
    return value;
  }
  [[nodiscard]] std::string_view rest() const { return rest_; }
  void back_to(std::string_view rest) { rest_ = rest; }
  void skip() { rest_.remove_prefix(std::min(rest_.find_first_not_of(kBlank), rest_.size())); }

 private:
  std::string_view rest_;
};

// "09:30", "9:30:00", "24:00".
std::optional<seconds> time_of_day(Reader& in) {
  const auto hour = in.number(2);
  if (!hour || in.front() != ':') return std::nullopt;
  in.take(':');
  const auto minute = in.number(2);
  int second = 0;
  if (in.front() == ':') {
    in.take(':');
    const auto given = in.number(2);
    if (!given) return std::nullopt;
    second = *given;
  }
  if (!minute || *minute > 59 || second > 59) return std::nullopt;
  const seconds time = std::chrono::hours{*hour} + std::chrono::minutes{*minute} + seconds{second};
  if (time > kDay) return std::nullopt;
  in.skip();
  return time;
}

// "-1d", "+2d", "-1b": which day a time is of; nothing where the text is none.
std::optional<Moment> day_prefix(Reader& in) {
  const std::string_view before = in.rest();
  const bool back = in.front() == '-';
  if (back || in.front() == '+') in.take(in.front());
  const auto count = in.number(2);
  const char unit = in.front();
  if (count && (unit == 'd' || (unit == 'b' && back && *count == 1))) {
    in.take(unit);
    if (unit == 'b') return Moment{true, seconds{0}};
    return Moment{false, kDay * (back ? -*count : *count)};
  }
  in.back_to(before);
  return std::nullopt;
}

// A time that follows `before`, if one is given: later than it, on the same day or the next.
std::optional<Moment> moment_after(Reader& in, const std::optional<Moment>& before) {
  const auto day = day_prefix(in);
  const auto time = time_of_day(in);
  if (!time) return std::nullopt;
  if (day) return Moment{day->previous_business_day, day->offset + *time};
  if (!before) return Moment{false, *time};
  Moment moment{before->previous_business_day,
                std::chrono::floor<std::chrono::days>(before->offset) + *time};
  if (moment.offset <= before->offset) moment.offset += kDay;
  return moment;
}

Refusal bad_hours(std::string_view text) {
  return {"BAD_HOURS",
          fmt::format("'{}' are no hours: expected HH:MM-HH:MM, several with breaks between them "
                      "separated by commas, with -1d or -1b before a time of the day, or business "
                      "day, before",
                      text)};
}

Refusal bad_change(std::string_view text) {
  return {"BAD_HOURS",
          fmt::format("'{}' says nothing of a date: expected closed, hours such as 09:30-11:30, "
                      "13:00-15:00, or open HH:MM, close HH:MM, no break, or as MON",
                      text)};
}

Result<Moment> parse_moment(Reader& in, std::string_view text) {
  const auto moment = moment_after(in, std::nullopt);
  if (!moment) return bad_change(text);
  return *moment;
}

constexpr std::array<std::string_view, 7> kWeekdays{"sunday",   "monday", "tuesday", "wednesday",
                                                    "thursday", "friday", "saturday"};

std::string_view trimmed(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(kBlank), text.size()));
  return text.substr(0, text.find_last_not_of(kBlank) + 1);
}

}  // namespace

Result<std::vector<HoursPart>> parse_hours(std::string_view text) {
  Reader in{text};
  std::vector<HoursPart> parts;
  std::optional<Moment> last;
  do {
    const auto begin = moment_after(in, last);
    if (!begin || !in.take('-')) return bad_hours(text);
    const auto end = moment_after(in, begin);
    if (!end || !(*begin < *end) || (last && *begin < *last)) return bad_hours(text);
    parts.push_back({*begin, *end});
    last = end;
  } while (in.take(','));
  if (!in.done()) return bad_hours(text);
  return parts;
}

Result<SessionChange> parse_session_change(std::string_view text) {
  SessionChange change;
  Reader in{text};
  if (in.take_word("closed")) {
    change.none = true;
    if (!in.done()) return bad_change(text);
    return change;
  }
  const char first = in.front();
  if (first == '+' || first == '-' || std::isdigit(static_cast<unsigned char>(first)) != 0) {
    auto hours = parse_hours(text);
    if (!hours) return hours.error();
    change.hours = *std::move(hours);
    return change;
  }
  do {
    const bool open = in.take_word("open");
    if (open || in.take_word("close")) {
      const auto moment = parse_moment(in, text);
      if (!moment) return moment.error();
      auto& place = open ? change.open : change.close;
      if (place) return bad_change(text);
      place = *moment;
    } else if (in.take_word("no") && in.take_word("break")) {
      change.no_break = true;
    } else {
      return bad_change(text);
    }
    in.take(',');
  } while (!in.done());
  return change;
}

Result<DayEntry> parse_day_entry(std::string_view text) {
  DayEntry entry;
  Reader in{text};
  if (in.take_word("closed") && in.done()) return entry;
  in = Reader{text};
  if (in.take_word("open") && in.done()) {
    entry.kind = DayEntry::Kind::kOpen;
    return entry;
  }
  in = Reader{text};
  if (in.take_word("as")) {
    const auto weekday = parse_weekday(in.rest());
    if (!weekday) return bad_change(text);
    entry.kind = DayEntry::Kind::kAsWeekday;
    entry.weekday = *weekday;
    return entry;
  }
  auto change = parse_session_change(text);
  if (!change) return change.error();
  entry.kind = DayEntry::Kind::kChanged;
  entry.changes.emplace(kDaySession, *std::move(change));
  return entry;
}

std::optional<unsigned> parse_weekday(std::string_view text) {
  text = trimmed(text);
  std::string lower{text};
  std::ranges::transform(lower, lower.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  for (unsigned day = 0; day < kWeekdays.size(); ++day)
    if (lower == kWeekdays[day] || lower == kWeekdays[day].substr(0, 3)) return day;
  return std::nullopt;
}

Result<unsigned> parse_weekdays(std::string_view text) {
  const auto bad = [text] {
    return Refusal{"BAD_WEEKDAYS",
                   fmt::format("'{}' are no weekdays: expected MON-FRI, SUN-THU, SAT, or several "
                               "separated by commas",
                               text)};
  };
  unsigned days = 0;
  for (std::string_view rest = text;;) {
    const std::size_t comma = rest.find(',');
    const std::string_view item = rest.substr(0, comma);
    const std::size_t dash = item.find('-');
    const auto first = parse_weekday(item.substr(0, dash));
    const auto last = dash == std::string_view::npos ? first : parse_weekday(item.substr(dash + 1));
    if (!first || !last) return bad();
    for (unsigned day = *first;; day = (day + 1) % 7) {
      days |= 1U << day;
      if (day == *last) break;
    }
    if (comma == std::string_view::npos) return days;
    rest.remove_prefix(comma + 1);
  }
}

Result<Date> parse_date(std::string_view text, std::optional<int> year) {
  const std::string_view given = trimmed(text);
  const auto bad = [given] {
    return Refusal{"BAD_DATE", fmt::format("'{}' is no date: expected YYYY-MM-DD, from 1900 to "
                                           "2299, or MM-DD below a year",
                                           given)};
  };
  Reader in{given};
  std::optional<int> of_year = year;
  constexpr std::size_t kWithYear = 10;
  if (given.size() == kWithYear) {
    of_year = in.number(4);
    if (!in.take('-')) return bad();
  }
  const auto month = in.number(2);
  if (!of_year || !month || !in.take('-')) return bad();
  const auto day = in.number(2);
  if (!day || !in.done() || *of_year < 1900 || *of_year > 2299) return bad();
  const std::chrono::year_month_day date{std::chrono::year{*of_year},
                                         std::chrono::month{static_cast<unsigned>(*month)},
                                         std::chrono::day{static_cast<unsigned>(*day)}};
  if (!date.ok()) return bad();
  return Date{date};
}

Result<DateSpan> parse_date_range(std::string_view text, std::optional<int> year) {
  const std::size_t dots = text.find("..");
  const auto first = parse_date(text.substr(0, dots), year);
  if (!first) return first.error();
  if (dots == std::string_view::npos) return DateSpan{*first, *first};
  const auto last = parse_date(text.substr(dots + 2), year);
  if (!last) return last.error();
  if (*last < *first)
    return Refusal{"BAD_DATE",
                   fmt::format("'{}' ends before it begins: the earlier date comes first", text)};
  return DateSpan{*first, *last};
}

}  // namespace systask
