// What a calendar says of single dates: holidays, half days, make-up working days.
#include <fmt/format.h>

#include <algorithm>

#include "calendar/hours_text.h"
#include "service/config/calendar_parts.h"
#include "service/config/fields.h"

namespace systask::service {
namespace {

using Kind = YamlNode::Kind;

constexpr std::string_view kEntryExpected =
    "closed, hours such as 09:30-13:00, open HH:MM, close HH:MM, no break, as MON, or a map of "
    "sessions such as {night: closed}";
constexpr std::string_view kDateExpected =
    "dates such as 2026-05-01 or 2026-05-01..2026-05-05, or below a year 05-01";

constexpr std::chrono::days kLongestRange{366};

// A key that is a year: its value is about that year.
std::optional<int> year_of(YamlNode key) {
  constexpr std::size_t kDigits = 4;
  const auto year = whole_number_of(key.text());
  if (!year || key.text().size() != kDigits) return std::nullopt;
  return static_cast<int>(*year);
}

class DaysReader {
 public:
  DaysReader(std::vector<DatedEntry>& into, Complaints& complaints)
      : into_(into), complaints_(complaints) {}

  void days(YamlNode node, const std::string& path, std::optional<int> year) {
    if (node.kind() == Kind::kNull) return;
    if (node.kind() != Kind::kMap)
      return complaints_.add(node.place(), path, node.described(),
                             "a map of dates, such as {2026-12-24: close 13:00}");
    const std::vector<YamlNode> parts = node.children();
    for (std::size_t i = 0; i + 1 < parts.size(); i += 2) {
      const std::string of_key = fmt::format("{}.{}", path, parts[i].described());
      const auto below = year ? std::nullopt : year_of(parts[i]);
      if (below)
        days(parts[i + 1], of_key, below);
      else if (const auto entry = read_entry(parts[i + 1], of_key))
        dates(parts[i], of_key, year, *entry);
    }
  }

  void holidays(YamlNode node, const std::string& path, std::optional<int> year) {
    if (node.kind() == Kind::kNull) return;
    if (node.kind() == Kind::kScalar) return dates(node, path, year, DayEntry{});
    if (node.kind() == Kind::kList) {
      for (const YamlNode& item : node.children())
        dates(item, path, year, DayEntry{});
      return;
    }
    const std::vector<YamlNode> parts = node.children();
    for (std::size_t i = 0; i + 1 < parts.size(); i += 2) {
      const auto below = year ? std::nullopt : year_of(parts[i]);
      const std::string of_key = fmt::format("{}.{}", path, parts[i].described());
      if (below)
        holidays(parts[i + 1], of_key, below);
      else
        complaints_.add(parts[i].place(), of_key, parts[i].described(),
                        "a year, such as 2026: [01-01, 05-01..05-05], or a list of dates");
    }
    if (parts.empty())
      complaints_.add(node.place(), path, node.described(), "a list of dates, or one a year");
  }

 private:
  // One date, a range, or several of them with commas between.
  void dates(YamlNode key, const std::string& path, std::optional<int> year,
             const DayEntry& entry) {
    std::string_view rest = key.text();
    if (key.kind() != Kind::kScalar || rest.empty())
      return complaints_.add(key.place(), path, key.described(), kDateExpected);
    while (true) {
      const std::size_t comma = rest.find(',');
      const std::string text{rest.substr(0, comma)};
      const auto span = parse_date_range(text, year);
      if (span && span->last - span->first > kLongestRange) {
        complaints_.add(key.place(), path, text, "at most a year in a row: name the weeks");
      } else if (!span) {
        complaints_.say(
            key.place(), path,
            fmt::format("found '{}', expected {}: {}", text, kDateExpected, span.error().message));
      } else {
        into_.push_back({*span, entry, key.place(), text});
        into_.back().entry.where_open = span->first != span->last;
      }
      if (comma == std::string_view::npos) return;
      rest.remove_prefix(comma + 1);
    }
  }

  std::optional<DayEntry> read_entry(YamlNode value, const std::string& path) {
    if (value.kind() == Kind::kMap) return read_sessions(value, path);
    const auto text = joined_text(value);
    if (!text) {
      complaints_.add(value.place(), path, value.described(), kEntryExpected);
      return std::nullopt;
    }
    auto entry = parse_day_entry(*text);
    if (entry) return *std::move(entry);
    complaints_.add(value.place(), path, *text, kEntryExpected);
    return std::nullopt;
  }

  std::optional<DayEntry> read_sessions(YamlNode map, const std::string& path) {
    DayEntry entry{DayEntry::Kind::kChanged, 0, {}, false};
    const std::vector<YamlNode> parts = map.children();
    for (std::size_t i = 0; i + 1 < parts.size(); i += 2) {
      const std::string of_session = fmt::format("{}.{}", path, parts[i].described());
      const auto text = joined_text(parts[i + 1]);
      auto change = parse_session_change(text.value_or(""));
      if (parts[i].text().empty() || parse_hours(parts[i].text()))
        complaints_.add(parts[i].place(), of_session, parts[i].described(),
                        "the name of a session; hours with a comma stand in brackets or in "
                        "quotes here");
      else if (!text || !change)
        complaints_.add(parts[i + 1].place(), of_session, text.value_or("no text"),
                        "closed, hours, open HH:MM, close HH:MM, or no break");
      else if (!entry.changes.emplace(parts[i].text(), *change).second)
        complaints_.add(parts[i].place(), of_session, parts[i].text(), "each session once");
    }
    if (!entry.changes.empty()) return entry;
    if (parts.empty()) complaints_.add(map.place(), path, "an empty map", kEntryExpected);
    return std::nullopt;
  }

  std::vector<DatedEntry>& into_;
  Complaints& complaints_;
};

}  // namespace

void read_days(YamlNode node, const std::string& path, std::vector<DatedEntry>& into,
               Complaints& complaints) {
  DaysReader{into, complaints}.days(node, path, std::nullopt);
}

void read_holidays(YamlNode node, const std::string& path, std::vector<DatedEntry>& into,
                   Complaints& complaints) {
  DaysReader{into, complaints}.holidays(node, path, std::nullopt);
}

}  // namespace systask::service
