// The calendars of a configuration: read from `calendars:` in tasks.yaml, and from the files
// that it names. docs/calendars.md shows the form by examples. Either a calendar is right, or
// every mistake in it comes out.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "calendar/live_calendar.h"
#include "service/config/mistake.h"
#include "service/config/yaml.h"

namespace systask::service {

// One calendar. Where markets are named, its sessions are theirs in the database, and whoever
// has it open gives the calendar an edition with them (service/app/calendar_watch.h).
struct NamedCalendar {
  std::shared_ptr<LiveCalendar> calendar;
  std::vector<int> markets;
};
using Calendars = std::map<std::string, NamedCalendar>;

// What was read, and what is allowed in it but probably not meant.
struct ReadCalendars {
  Calendars calendars;
  std::vector<Mistake> warnings;
};
using CalendarsResult = boost::system::result<ReadCalendars, Mistakes>;

// The calendars of a text: those below its key `calendars`, whatever stands beside it, or the
// one that it is itself. `file` names it in mistakes, gives the directory of the files that it
// names and, without its ending, the name of a calendar that gives none itself.
[[nodiscard]] CalendarsResult read_calendars(const std::string& text, const std::string& file);
[[nodiscard]] CalendarsResult load_calendars(const std::string& file);

// Where a part of a configuration complains, and what it takes for granted.
struct CalendarSurroundings {
  std::string directory;            // of the files that are named
  std::optional<std::string> zone;  // of calendars that name none; nothing: they must
  Complaints& mistakes;
  Complaints& warnings;
  int depth = 0;  // so many files have named one another to get here
};

// The map below `calendars`: name -> calendar; null where it is wrong.
void read_calendar_section(YamlNode map, const CalendarSurroundings& around, Calendars& into);

// The calendar that a map is; nothing, and complaints, where it is wrong. `name` is for people,
// `path` is put before keys in mistakes, `source` says where to extend it.
[[nodiscard]] std::optional<NamedCalendar> read_calendar(YamlNode map, const std::string& name,
                                                         const std::string& path,
                                                         const std::string& source,
                                                         const CalendarSurroundings& around);

}  // namespace systask::service
