// CalendarWatch looks after the calendars of the running configuration: those that take their
// sessions from the database get them when the table changes, and of those that tasks use it
// says once a day, from 60 days before, that they end.
//
// One thread at a time. The service keeps one, for as long as it runs.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/clock.h"
#include "calendar/market_sessions.h"
#include "scheduler/task.h"
#include "service/config/calendars.h"

namespace systask::service {

class CalendarWatch {
 public:
  // `texts` reads algojr_texectimeinfo; it is called only where a calendar needs it.
  explicit CalendarWatch(std::function<SessionTexts()> texts) : texts_(std::move(texts)) {}

  // The calendars and tasks from here on; gives the calendars their sessions.
  void take(const Calendars& calendars, const std::vector<scheduler::TaskSpec>& tasks,
            TimePoint now);
  // True: sessions have changed, and with them the times at which tasks are due.
  bool look(TimePoint now);

 private:
  bool refresh();
  bool refresh(const SessionTexts& texts);
  void warn(TimePoint now);

  std::function<SessionTexts()> texts_;
  Calendars calendars_;
  std::set<std::string> used_;                  // by an enabled task
  std::map<std::string, std::int64_t> warned_;  // with so many days left
};

}  // namespace systask::service
