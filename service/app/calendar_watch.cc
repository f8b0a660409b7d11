#include "service/app/calendar_watch.h"

#include "base/log.h"

namespace systask::service {

void CalendarWatch::take(const Calendars& calendars, const std::vector<scheduler::TaskSpec>& tasks,
                         TimePoint now) {
  calendars_ = calendars;
  used_.clear();
  for (const scheduler::TaskSpec& task : tasks)
    if (const auto calendar = task.timetable.calendar(); calendar && task.enabled)
      used_.insert(calendar->name());
  refresh();
  warn(now);
}

bool CalendarWatch::look(TimePoint now) {
  warn(now);
  return refresh();
}

bool CalendarWatch::refresh() {
  return takes_market_sessions(calendars_) && refresh_market_sessions(texts_(), calendars_);
}

void CalendarWatch::warn(TimePoint now) {
  for (const std::string& name : used_) {
    const auto calendar = calendars_.at(name).calendar->edition();
    const auto ends = calendar->ends_soon(now);
    const std::int64_t left = calendar->days_left(now);
    const auto known = warned_.find(name);
    if (!ends || (known != warned_.end() && known->second == left)) continue;
    warned_[name] = left;
    log::warn(*ends, {{"calendar", name}, {"days_left", left}});
  }
}

}  // namespace systask::service
