#include "service/app/calendar_watch.h"

#include <algorithm>
#include <utility>

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
  return std::ranges::any_of(calendars_,
                             [](const auto& each) { return !each.second.markets.empty(); }) &&
         refresh(texts_());
}

// Sessions that are not readable are logged once, and then refused.
bool CalendarWatch::refresh(const SessionTexts& texts) {
  bool changed = false;
  for (const auto& [name, each] : calendars_) {
    if (each.markets.empty()) continue;
    const auto before = each.calendar->edition();
    CalendarRules fresh = with_sessions(before->rules(), texts, each.markets);
    if (fresh.outside == before->rules().outside &&
        fresh.why_unknown == before->rules().why_unknown)
      continue;
    changed = true;
    if (fresh.why_unknown.empty())
      log::info("a calendar has the sessions of the database", {{"calendar", name}});
    else
      log::error("a calendar has no sessions: occurrences that hang on them are refused",
                 {{"calendar", name}, {"why", fresh.why_unknown}});
    each.calendar->replace(Calendar::make(std::move(fresh)).value());
  }
  return changed;
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
