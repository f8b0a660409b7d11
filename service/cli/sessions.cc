#include "service/cli/sessions.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <boost/json.hpp>
#include <cctype>
#include <filesystem>
#include <iostream>
#include <memory>
#include <optional>

#include "base/zone.h"
#include "calendar/hours_text.h"
#include "service/cli/clean_output.h"
#include "service/config/calendars.h"
#include "service/config/config.h"
#include "tasks/tasks.h"

namespace systask::service {
namespace {

namespace json = boost::json;

int refuse_sessions(std::ostream& err, const std::string& message) {
  err << "systask sessions: " << message << '\n';
  return 2;
}

std::string line_of(const Session& session) {
  std::string starts;
  std::string ends;
  for (std::size_t i = 0; i + 1 < session.parts.size(); ++i) {
    const char* const between = i == 0 ? "" : ",";
    starts += between + to_rfc3339(session.parts[i].end);
    ends += between + to_rfc3339(session.parts[i + 1].begin);
  }
  return fmt::format("{}\t{}\t{}\t{}\t{}\n", iso_date(session.date), to_rfc3339(session.open()),
                     to_rfc3339(session.close()), starts.empty() ? "-" : starts,
                     ends.empty() ? "-" : ends);
}

json::object json_of(const Session& session, const Zone& zone) {
  json::array breaks;
  for (std::size_t i = 0; i + 1 < session.parts.size(); ++i)
    breaks.push_back(json::object{{"from", zone.to_rfc3339(session.parts[i].end)},
                                  {"to", zone.to_rfc3339(session.parts[i + 1].begin)}});
  return {{"date", iso_date(session.date)},
          {"open", zone.to_rfc3339(session.open())},
          {"close", zone.to_rfc3339(session.close())},
          {"breaks", breaks}};
}

bool same_name(std::string_view a, std::string_view b) {
  return std::ranges::equal(
      a, b, [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

// The calendar of the name, in any case; null where there is none.
std::shared_ptr<const Calendar> calendar_named(const Calendars& calendars, std::string_view name) {
  const auto exact = calendars.find(std::string{name});
  if (exact != calendars.end()) return exact->second.calendar->edition();
  for (const auto& [known, calendar] : calendars)
    if (same_name(known, name)) return calendar.calendar->edition();
  return nullptr;
}

std::string file_of(const SessionsQuestion& question) {
  constexpr const char* kConfiguration = "tasks.yaml";
  if (!question.file.empty()) return question.file;
  const std::string of_its_own = fmt::format("calendars/{}.yaml", question.calendar);
  if (!std::filesystem::exists(of_its_own)) return kConfiguration;
  const CalendarsResult configured = load_calendars(kConfiguration);
  // A configuration with mistakes must not answer for another file.
  const bool known = std::filesystem::exists(kConfiguration) &&
                     (!configured || calendar_named(configured->calendars, question.calendar));
  return known ? kConfiguration : of_its_own;
}

int print_sessions(const Calendar& calendar, DateSpan span, const std::optional<Zone>& as_json,
                   std::ostream& out, std::ostream& err) {
  json::array all;
  for (Date date = span.first; date <= span.last; date += std::chrono::days{1}) {
    const auto sessions = calendar.sessions(date);
    if (!sessions) return refuse_sessions(err, sessions.error().message);
    for (const Session& session : *sessions) {
      if (as_json)
        all.push_back(json_of(session, *as_json));
      else
        out << line_of(session);
    }
  }
  if (as_json) out << json_text(all) << '\n';
  return 0;
}

// That of the service; UTC where the file is a calendar alone.
Zone zone_of(const SessionsQuestion& question, const std::string& file) {
  if (question.utc) return Zone::utc();
  const ConfigResult config = load_config(file, tasks::task_names());
  return config ? Zone::find(config->service.platform.time_zone).value() : Zone::utc();
}

}  // namespace

int answer_sessions(const SessionsQuestion& question, std::ostream& out, std::ostream& err) {
  const auto from = parse_date(question.from);
  if (!from) return refuse_sessions(err, "--from: " + from.error().message);
  const auto to = parse_date(question.to);
  if (!to) return refuse_sessions(err, "--to: " + to.error().message);
  if (*to < *from)
    return refuse_sessions(err, fmt::format("--to {} is before --from {}: the earlier date is "
                                            "--from",
                                            question.to, question.from));
  const std::string file = file_of(question);
  const CalendarsResult read = load_calendars(file);
  if (!read) {
    err << to_text(read.error());
    return 2;
  }
  for (const Mistake& warning : read->warnings)
    err << to_text(file, warning) << " (a warning)\n";
  const auto calendar = calendar_named(read->calendars, question.calendar);
  std::optional<Zone> as_json;
  if (question.json) as_json = zone_of(question, file);
  if (calendar) return print_sessions(*calendar, {*from, *to}, as_json, out, err);
  std::vector<std::string> names;
  for (const auto& [name, each] : read->calendars)
    names.push_back(name);
  return refuse_sessions(
      err, fmt::format("{} has no calendar '{}'; it has {}", file, question.calendar,
                       names.empty() ? "none" : fmt::format("{}", fmt::join(names, ", "))));
}

void add_sessions(CLI::App& app, int& status) {
  auto* command = app.add_subcommand("sessions", "The trading sessions of a calendar");
  const auto question = std::make_shared<SessionsQuestion>();
  command->add_option("calendar", question->calendar, "The calendar's name")->required();
  command->add_option("--from", question->from, "The first business date, YYYY-MM-DD")->required();
  command->add_option("--to", question->to, "The last one")->required();
  command->add_option("--file,--config", question->file,
                      "A configuration, or a file that is a calendar. Default: tasks.yaml, else "
                      "calendars/NAME.yaml");
  command->add_flag("--json", question->json, "As JSON, in the service's zone");
  command->add_flag("--utc", question->utc, "Times in UTC, also with --json");
  command->footer(
      "One line a session: date, open, close, break_start, break_end; tabs between, times in\n"
      "UTC, '-' where there is no break: a form for programs. --json has the service's zone.\n"
      " docs/calendars.md shows how calendars are written.\n"
      "Examples:\n"
      "  systask sessions xshg --from 2026-09-28 --to 2026-10-09\n"
      "  systask sessions xshg --from 2026-09-28 --to 2026-10-09 --json\n"
      "  systask sessions xlon --from 2024-01-01 --to 2024-12-31 --file xlon.yaml");
  command->callback(
      [question, &status] { status = answer_sessions(*question, std::cout, std::cerr); });
}

}  // namespace systask::service
