// One calendar of a configuration, from its keys to the tables it is used by.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "base/zone.h"
#include "calendar/hours_text.h"
#include "service/config/calendar_parts.h"
#include "service/config/calendars.h"
#include "service/config/fields.h"

namespace systask::service {
namespace {

using std::chrono::days;

const std::vector<std::string_view> kCalendarKeys{"name",    "time_zone",  "from", "to",
                                                  "week",    "holidays",   "days", "sessions",
                                                  "markets", "week_begins"};

constexpr int kMostMarket = 9'999;

class CalendarReader {
 public:
  CalendarReader(YamlNode map, std::string path, const CalendarSurroundings& around)
      : fields_(map, path, kCalendarKeys, around.mistakes),
        path_(std::move(path)),
        around_(around) {}

  std::optional<NamedCalendar> read(const std::string& name, const std::string& source) {
    rules_.name = name;
    rules_.source = source;
    read_zone();
    read_sessions();
    read_week();
    if (const auto found = fields_.find("holidays"))
      read_holidays(*found, fields_.name_of("holidays"), entries_, around_.mistakes);
    if (const auto found = fields_.find("days"))
      service::read_days(*found, fields_.name_of("days"), entries_, around_.mistakes);
    read_covered();
    // What was left out would only make faults that are none.
    if (!around_.mistakes.none()) return std::nullopt;
    place_entries();
    return make();
  }

 private:
  void read_zone() {
    std::string zone = around_.zone.value_or("");
    fields_.text("time_zone", "an IANA name such as Asia/Shanghai", zone);
    if (zone.empty())
      return fields_.complain("time_zone", "nothing", "an IANA name such as Asia/Shanghai");
    const auto found = Zone::find(zone);
    if (!found) return fields_.complain("time_zone", zone, found.error());
    rules_.zone = *found;
  }

  void read_sessions() {
    std::vector<std::string> texts;
    fields_.texts("markets", "market numbers such as [1]", texts);
    for (const std::string& text : texts) {
      const auto number = whole_number_of(text);
      if (number && *number >= 1 && *number <= kMostMarket)
        markets_.push_back(static_cast<int>(*number));
      else
        fields_.complain("markets", text, fmt::format("market numbers from 1 to {}", kMostMarket));
    }
    const auto sessions = fields_.scalar("sessions", "from-database");
    if (!sessions) {
      markets_.clear();
      return;
    }
    if (*sessions != "from-database")
      return fields_.complain("sessions", *sessions,
                              "from-database; hours of the calendar itself stand in its week");
    if (!fields_.find("markets"))
      fields_.complain("markets", "nothing", "whose sessions they are, such as [1]");
    if (around_.zone && fields_.find("time_zone") &&
        fields_.find("time_zone")->text() != *around_.zone)
      fields_.complain(
          "time_zone", fields_.find("time_zone")->text(),
          fmt::format("{}, the service's: the sessions of the database are in it", *around_.zone));
    rules_.sessions_from_outside = true;
    rules_.why_unknown =
        fmt::format("the sessions of market {} have not been read from algojr_texectimeinfo",
                    fmt::join(markets_, ", "));
  }

  void read_week() {
    if (const auto text = fields_.scalar("week_begins", "a weekday such as SUN")) {
      rules_.week_begins = parse_weekday(*text);
      if (!rules_.week_begins) fields_.complain("week_begins", *text, "a weekday such as SUN");
    }
    if (const auto found = fields_.find("week"))
      return service::read_week(*found, fields_.name_of("week"), rules_.weeks, around_.mistakes);
    if (!rules_.sessions_from_outside)
      return fields_.complain("week", "nothing",
                              "which weekdays are open, such as {MON-FRI: 09:30-16:00}");
    WeekHours week;
    for (unsigned day = 1; day <= 5; ++day)
      week.days[day] = DayHours{};
    rules_.weeks.push_back(week);
  }

  // Without `from` and `to`: the whole years of its single dates, and of ranges within one year. A
  // range over the year's end says little of either year, and nothing of their other holidays.
  void read_covered() {
    const auto first = covered_end("from");
    const auto last = covered_end("to");
    const auto year = [](Date date) { return std::chrono::year_month_day{date}.year(); };
    std::set<std::chrono::year> years;
    for (const DatedEntry& entry : entries_)
      if (year(entry.span.first) == year(entry.span.last)) years.insert(year(entry.span.first));
    const std::string_view expected =
        "a date: the calendar names no single date to tell its years by (a range over the year's "
        "end tells of none)";
    if (!first && years.empty()) fields_.complain("from", "nothing", expected);
    if (!last && years.empty()) fields_.complain("to", "nothing", expected);
    if (first || !years.empty())
      rules_.first = first ? *first : Date{*years.begin() / std::chrono::January / 1};
    if (last || !years.empty())
      rules_.last = last ? *last : Date{*years.rbegin() / std::chrono::December / 31};
    by_its_dates_ = !first || !last;
    if (by_its_dates_ && !years.empty()) find_missing_year(years);
    if (rules_.last < rules_.first)
      fields_.complain(
          "to", iso_date(rules_.last),
          fmt::format("a date not before `from`, which is {}", iso_date(rules_.first)));
  }

  // A year without a single date is one that nobody has looked at.
  void find_missing_year(const std::set<std::chrono::year>& years) {
    for (std::chrono::year each = *years.begin(); each < *years.rbegin(); ++each)
      if (!years.contains(each) && !years_said(each))
        return fields_.complain(
            fields_.find("holidays") ? "holidays" : "days",
            fmt::format("dates of {} and of {}", static_cast<int>(*years.begin()),
                        static_cast<int>(*years.rbegin())),
            fmt::format("dates of {} too, or `from` and `to`: a year without a date is not covered",
                        static_cast<int>(each)));
  }

  // `from` or `to`, where one of them is given, says that the calendar speaks of that year.
  [[nodiscard]] bool years_said(std::chrono::year year) const {
    const Date any_day{year / std::chrono::July / 1};
    return (fields_.find("from") && any_day < rules_.first) ||
           (fields_.find("to") && any_day > rules_.last);
  }

  std::optional<Date> covered_end(std::string_view key) {
    const auto text = fields_.scalar(key, "a date such as 2026-12-31");
    if (!text) return std::nullopt;
    const auto date = parse_date(*text);
    if (date) return *date;
    fields_.complain(key, *text, date.error());
    return std::nullopt;
  }

  // Single dates count before ranges; beside that, a date has one entry.
  void place_entries() {
    for (const bool single : {false, true})
      for (const DatedEntry& entry : entries_)
        if ((entry.span.first == entry.span.last) == single) place(entry, single);
  }

  void place(const DatedEntry& entry, bool single) {
    const Date first = std::max(entry.span.first, rules_.first);
    const Date last = std::min(entry.span.last, rules_.last);
    if (last < first)
      around_.warnings.say(entry.place, path_,
                           fmt::format("'{}' is outside {} to {}, of which the calendar speaks",
                                       entry.text, iso_date(rules_.first), iso_date(rules_.last)));
    else if (by_its_dates_ && (first > entry.span.first || last < entry.span.last))
      around_.warnings.warn(
          entry.place, path_, entry.text,
          fmt::format("without `from` and `to` the calendar speaks of the years of its single "
                      "dates, {} to {}, and what is due outside is refused",
                      iso_date(rules_.first), iso_date(rules_.last)),
          "name the dates of that year as well, or `from` and `to`");
    for (Date date = first; date <= last; date += days{1}) {
      const auto known = places_.find(date);
      const bool same_rank = known != places_.end() && (!single || singles_.contains(date));
      if (same_rank && !same_meaning(rules_.days.at(date), entry.entry)) {
        around_.mistakes.add(entry.place, path_, entry.text,
                             fmt::format("one entry a date: line {} says something else of {}",
                                         known->second.line, iso_date(date)));
        return;
      }
      rules_.days.insert_or_assign(date, entry.entry);
      places_.insert_or_assign(date, entry.place);
      if (single) singles_.insert(date);
    }
  }

  static bool same_meaning(const DayEntry& a, const DayEntry& b) {
    const bool closed = a.kind == DayEntry::Kind::kClosed;
    return closed ? b.kind == a.kind : a == b;
  }

  std::optional<NamedCalendar> make() {
    const auto week = fields_.find("week");
    for (const CalendarFault& fault : Calendar::faults_in(rules_)) {
      const auto entry = places_.find(fault.date);
      const Place place = entry != places_.end() ? entry->second
                          : week                 ? week->place()
                                                 : fields_.place();
      around_.mistakes.say(place, path_, fault.message);
    }
    if (!around_.mistakes.none()) return std::nullopt;
    auto made = Calendar::make(std::move(rules_));
    if (!made) return std::nullopt;
    return NamedCalendar{std::make_shared<LiveCalendar>(*made), markets_};
  }

  Fields fields_;
  std::string path_;
  const CalendarSurroundings& around_;
  CalendarRules rules_;
  std::vector<int> markets_;
  std::vector<DatedEntry> entries_;
  std::map<Date, Place> places_;
  std::set<Date> singles_;
  bool by_its_dates_ = false;  // it does not say both `from` and `to`
};

}  // namespace

std::optional<NamedCalendar> read_calendar(YamlNode map, const std::string& name,
                                           const std::string& path, const std::string& source,
                                           const CalendarSurroundings& around) {
  // Its own complaints decide whether it is right, and not those that came before.
  Complaints mistakes;
  const CalendarSurroundings own{around.directory, around.zone, mistakes, around.warnings,
                                 around.depth};
  auto found = map.kind() == YamlNode::Kind::kMap
                   ? CalendarReader{map, path, own}.read(name, source)
                   : std::nullopt;
  if (map.kind() != YamlNode::Kind::kMap)
    mistakes.add(map.place(), path, map.described(), "a calendar, as docs/calendars.md shows");
  around.mistakes.add_from("", mistakes.take());
  return found;
}

}  // namespace systask::service
