// What a schedule says and probably does not mean: keys beside it that change nothing, and texts
// that most people read in another way. It is read already, and right.
#pragma once

#include <string>
#include <string_view>

#include "calendar/calendar.h"
#include "scheduler/when/schedule.h"
#include "service/config/fields.h"

namespace systask::service {

struct ScheduleAsRead {
  std::string_view key;  // every, delay, at, once or cron
  const scheduler::Schedule& schedule;
  const Calendar* calendar;  // null: it has none
  bool by_sessions;          // times such as open-30m
  const std::string& zone;   // of the task
  const std::string& from;   // of every; may be empty
  bool has_dst;              // another policy than the default
};

void warn_of_schedule(const Fields& fields, const ScheduleAsRead& read, Complaints& warnings);

}  // namespace systask::service
