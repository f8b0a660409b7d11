// `systask sessions`: the trading sessions of a calendar. No service is needed. A command runs
// while the app is parsed and puts its exit status into `status`, which must outlive the
// parsing: 0 answered, 2 refused, with the reason on standard error.
#pragma once

#include <iosfwd>
#include <string>

namespace CLI {
class App;
}

namespace systask::service {

void add_sessions(CLI::App& app, int& status);

struct SessionsQuestion {
  std::string calendar;
  std::string from;  // YYYY-MM-DD, both ends included
  std::string to;
  // A configuration, or a file of calendars. Empty: tasks.yaml or, where that is not there or
  // names no such calendar, calendars/NAME.yaml.
  std::string file;
  bool json = false;  // an array of objects, times in the service's zone
  bool utc = false;
};

// One line a session, in order of time: business date, open, close, break_start and break_end,
// separated by tabs; the four times in RFC 3339 UTC, `-` where there is no break, and several
// breaks with commas between. A date outside of what the calendar covers is refused, after the
// lines of those before it.
int answer_sessions(const SessionsQuestion& question, std::ostream& out, std::ostream& err);

}  // namespace systask::service
