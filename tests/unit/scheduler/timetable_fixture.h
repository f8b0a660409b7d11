// Timetables for tests: a schedule, and what a small calendar and a jitter make of it.
#pragma once

#include <fmt/format.h>

#include <optional>
#include <string>
#include <string_view>

#include "scheduler/when/timetable.h"
#include "tests/support/calendars.h"

namespace systask::scheduler {

inline const Zone& shanghai() {
  static const Zone zone = Zone::find("Asia/Shanghai").value();
  return zone;
}

inline Schedule daily(std::string_view text) { return parse_at_schedule(text, shanghai()).value(); }
inline Schedule by_cron(std::string_view text) {
  return parse_cron_schedule(text, shanghai()).value();
}
inline Schedule interval(std::string_view text) { return parse_every_schedule(text).value(); }

// What a case sets; the calendar is may_and_june() or, with `nights`, with_nights().
struct GivenOptions {
  std::string session_times;
  bool during = false;
  Roll roll = Roll::kSkip;
  std::string on;
  Micros jitter{0};
  bool nights = false;
  std::uint64_t seed = 7;  // of the jitter
  std::optional<std::chrono::seconds> not_after;
};

inline Timetable timetable(const Schedule& schedule, const GivenOptions& given) {
  TimetableOptions options;
  options.calendar = live(given.nights ? with_nights() : may_and_june());
  options.during_sessions = given.during;
  options.roll = given.roll;
  if (!given.on.empty()) options.on = parse_day_rule(given.on).value();
  if (!given.session_times.empty())
    options.session_times = parse_session_times(given.session_times).value();
  options.jitter = given.jitter;
  options.seed = given.seed;
  if (given.not_after) options.not_after = TimeOfDay{*given.not_after, shanghai()};
  return Timetable{schedule, options};
}

// The occurrences after `from`: "05-08 09:00", with "!" where it is refused.
inline std::string due_times(const Timetable& table, std::string_view from, int count) {
  std::string text;
  TimePoint after = instant(from);
  for (int i = 0; i < count; ++i) {
    const Occurrence next = table.next(after);
    if (next.nominal == kNever) return text + (text.empty() ? "never" : ", never");
    const std::string written = shanghai().to_rfc3339(next.nominal);
    text += fmt::format("{}{} {}{}", text.empty() ? "" : ", ", written.substr(5, 5),
                        written.substr(11, 5), next.refusal.empty() ? "" : "!");
    after = next.nominal;
  }
  return text;
}

inline constexpr std::string_view kMay8 = "2026-05-08T12:00:00+08:00";    // a Friday
inline constexpr std::string_view kJune29 = "2026-06-29T12:00:00+08:00";  // a day before the end

}  // namespace systask::scheduler
