// The week of a calendar: which weekdays are open, and when.
#include <fmt/format.h>

#include <algorithm>

#include "calendar/hours_text.h"
#include "service/config/calendar_parts.h"

namespace systask::service {
namespace {

using Kind = YamlNode::Kind;

constexpr std::string_view kHoursExpected =
    "hours such as 09:30-16:00 or [09:30-11:30, 13:00-15:00], open, closed, or a map of "
    "sessions such as {day: 09:00-15:00, night: -1b 21:00-23:00}";

class WeekReader {
 public:
  WeekReader(std::string path, Complaints& complaints)
      : path_(std::move(path)), complaints_(complaints) {}

  WeekHours read(YamlNode map) {
    WeekHours week;
    unsigned known = 0;
    const std::vector<YamlNode> parts = map.children();
    for (std::size_t i = 0; i + 1 < parts.size(); i += 2) {
      const YamlNode key = parts[i];
      const YamlNode value = parts[i + 1];
      if (key.text() == "from")
        read_date(key, value, week.first);
      else if (key.text() == "to")
        read_date(key, value, week.last);
      else
        read_days(key, value, known, week);
    }
    if (week.last < week.first)
      complaints_.say(map.place(), path_, "its `to` is before its `from`: it holds on no date");
    if (known == 0) complaints_.add(map.place(), path_, "no weekday", "days such as MON-FRI");
    return week;
  }

 private:
  [[nodiscard]] std::string path_of(YamlNode key) const {
    return fmt::format("{}.{}", path_, key.described());
  }

  void read_date(YamlNode key, YamlNode value, Date& into) {
    const auto date = parse_date(value.text());
    if (date)
      into = *date;
    else
      complaints_.add(value.place(), path_of(key), value.described(), "a date such as 2026-05-22");
  }

  void read_days(YamlNode key, YamlNode value, unsigned& known, WeekHours& week) {
    const auto weekdays = parse_weekdays(key.text());
    if (!weekdays) {
      const bool hours = parse_hours(key.text()).has_value();
      return complaints_.add(
          key.place(), path_of(key), key.described(),
          hours ? "weekdays: hours with a comma stand in brackets or in quotes here"
                : "weekdays such as MON-FRI or SAT,SUN, or from or to");
    }
    if ((known & *weekdays) != 0)
      complaints_.add(key.place(), path_of(key), key.text(), "each weekday once");
    known |= *weekdays;
    const auto hours = read_hours(value, path_of(key));
    for (unsigned day = 0; day < week.days.size(); ++day)
      if ((*weekdays >> day & 1U) != 0) week.days[day] = hours;
  }

  // The hours of one day; nothing where it is closed, or wrong.
  std::optional<DayHours> read_hours(YamlNode value, const std::string& path) {
    DayHours hours;
    if (value.kind() == Kind::kMap) {
      const std::vector<YamlNode> parts = value.children();
      for (std::size_t i = 0; i + 1 < parts.size(); i += 2)
        read_session(parts[i], parts[i + 1], path, hours);
      return hours;
    }
    const auto text = joined_text(value);
    if (text && *text == "closed") return std::nullopt;
    if (text && *text == "open") return hours;
    if (auto parts = parse(value, path)) hours.push_back({kDaySession, *parts});
    return hours;
  }

  void read_session(YamlNode name, YamlNode value, const std::string& path, DayHours& into) {
    const std::string session{name.text()};
    const std::string of_session = fmt::format("{}.{}", path, name.described());
    if (parse_hours(session) || session.empty() ||
        session.find_first_of("[]+,: ") != std::string::npos)
      return complaints_.add(name.place(), of_session, name.described(),
                             "the name of a session, such as day or night");
    if (std::ranges::count(into, session, &SessionHours::name) > 0)
      return complaints_.add(name.place(), of_session, session, "each session once");
    if (auto parts = parse(value, of_session)) into.push_back({session, *std::move(parts)});
  }

  std::optional<std::vector<HoursPart>> parse(YamlNode value, const std::string& path) {
    const auto text = joined_text(value);
    if (!text) {
      complaints_.add(value.place(), path, value.described(), kHoursExpected);
      return std::nullopt;
    }
    auto parts = parse_hours(*text);
    if (parts) return *std::move(parts);
    complaints_.add(value.place(), path, *text, kHoursExpected);
    return std::nullopt;
  }

  std::string path_;
  Complaints& complaints_;
};

}  // namespace

std::optional<std::string> joined_text(YamlNode node) {
  if (node.kind() == Kind::kScalar) return std::string{node.text()};
  if (node.kind() != Kind::kList) return std::nullopt;
  std::string text;
  for (const YamlNode& item : node.children()) {
    if (item.kind() != Kind::kScalar) return std::nullopt;
    text += (text.empty() ? "" : ", ") + std::string{item.text()};
  }
  return text;
}

void read_week(YamlNode node, const std::string& path, std::vector<WeekHours>& into,
               Complaints& complaints) {
  if (node.kind() == Kind::kMap) return into.push_back(WeekReader{path, complaints}.read(node));
  const std::vector<YamlNode> weeks = node.children();
  if (weeks.empty())
    return complaints.add(node.place(), path, node.described(),
                          "a week such as {MON-FRI: 09:30-16:00}, or a list of weeks with `from`");
  for (std::size_t i = 0; i < weeks.size(); ++i) {
    const std::string of_week = fmt::format("{}[{}]", path, i);
    if (weeks[i].kind() == Kind::kMap)
      into.push_back(WeekReader{of_week, complaints}.read(weeks[i]));
    else
      complaints.add(weeks[i].place(), of_week, weeks[i].described(),
                     "a week such as {from: 2026-01-01, MON-FRI: 09:30-16:00}");
  }
}

}  // namespace systask::service
