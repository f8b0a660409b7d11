#include "scheduler/ahead/skipped_days.h"

#include <fmt/format.h>

#include <array>

namespace systask::scheduler {
namespace {

using namespace std::chrono_literals;
using std::chrono::days;

constexpr std::array<std::string_view, 7> kWeekdays{"Sunday",   "Monday", "Tuesday", "Wednesday",
                                                    "Thursday", "Friday", "Saturday"};

}  // namespace

std::string why_no_business_day(const Calendar& calendar, Date date) {
  const Result<bool> open = calendar.is_business_day(date);
  if (open.has_error()) return calendar.no_data();
  if (*open) return {};
  const std::chrono::weekday weekday{date};
  const auto entry = calendar.rules().days.find(date);
  const WeekHours* const week = week_on(calendar.rules(), date);
  const bool usually_open = week != nullptr && week->days[weekday.c_encoding()].has_value();
  const std::string_view name = kWeekdays[weekday.c_encoding()];
  if (entry != calendar.rules().days.end() && usually_open)
    return fmt::format("calendar {} says that {}, a {}, is closed", calendar.name(), iso_date(date),
                       name);
  return fmt::format("calendar {} has no business on a {}", calendar.name(), name);
}

std::vector<SkippedDay> skipped_days(const Timetable& timetable, TimePoint from, TimePoint until,
                                     std::size_t most) {
  std::vector<SkippedDay> skipped;
  const std::shared_ptr<const Calendar> calendar = timetable.calendar();
  if (!calendar || from >= until) return skipped;
  const ZoneTable& zone = calendar->zone_table();
  for (Date date = date_at(zone, from); skipped.size() < most; date += days{1}) {
    const TimePoint begin = midnight_of(zone, date);
    const TimePoint end = midnight_of(zone, date + days{1});
    if (end > until) break;
    if (begin < from) continue;
    const Occurrence next = timetable.next(begin - 1us);
    if (next.nominal != kNever && next.nominal < end) continue;
    std::string why = why_no_business_day(*calendar, date);
    if (why.empty()) why = "its schedule has no time on that business day";
    skipped.push_back({date, begin, std::move(why)});
  }
  return skipped;
}

}  // namespace systask::scheduler
