// A Timetable is when a task is due: its schedule, and what moves, spreads or forbids the
// occurrences of it. A plain value: it may be copied, and used from any thread. Of a calendar
// it always asks the latest edition.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "calendar/live_calendar.h"
#include "scheduler/policies.h"
#include "scheduler/when/day_rule.h"
#include "scheduler/when/occurrence.h"
#include "scheduler/when/session_time.h"

namespace systask::scheduler {

// What a timetable may have beside its schedule. All but the jitter need a calendar.
struct TimetableOptions {
  std::shared_ptr<const LiveCalendar> calendar;
  bool during_sessions = false;            // occurrences inside of sessions only
  Roll roll = Roll::kSkip;                 // of an occurrence on a day that is no business day
  std::optional<DayRule> on;               // which business days
  std::vector<SessionTime> session_times;  // instead of a schedule, which is then OnDemand
  Micros jitter{0};                        // each starts later by less than this
  std::uint64_t seed = 0;                  // of the jitter: the task's id
  std::optional<TimeOfDay> not_after;      // of the task: the jitter stays before it
};

class Timetable {
 public:
  Timetable();                   // on demand
  Timetable(Schedule schedule);  // NOLINT(google-explicit-constructor): a schedule is one
  Timetable(Schedule schedule, TimetableOptions options);
  // Shared by all tasks that have the same one: most of a hundred thousand do.
  Timetable(std::shared_ptr<const Schedule> schedule, TimetableOptions options);

  [[nodiscard]] const Schedule& schedule() const { return *schedule_; }
  // It has no occurrences of its own: the task runs when it is asked to.
  [[nodiscard]] bool on_demand() const {
    return std::holds_alternative<OnDemand>(*schedule_) && !hangs_on_sessions();
  }

  // It has a rhythm (every, delay, cron that goes on through a doubled hour), which goes on
  // whatever is done to the wall clock. Else it names times of the calendar.
  [[nodiscard]] bool is_rhythm() const;

  // The first occurrence with a nominal time strictly after `after`; nominal kNever: none.
  [[nodiscard]] Occurrence next(TimePoint after) const;
  // The last with a nominal time strictly before `before`; nominal TimePoint::min(): none.
  [[nodiscard]] Occurrence previous(TimePoint before) const;
  // All with a nominal time after `after` and a start not later than `until`. Counted, not
  // walked, where the schedule is an interval.
  [[nodiscard]] DueSpan due_in(TimePoint after, TimePoint until) const;
  // When the occurrence is planned to start: its nominal time and its jitter. A start stays in
  // the session or on the date of its occurrence, before its not_after, and before the next
  // occurrence (decision 0056). A run is late from here on.
  [[nodiscard]] TimePoint start_of(TimePoint nominal) const;
  // For pauses between runs, which lie on no clock: the first instant from `at` on at which
  // the calendar lets the task be due, with its jitter.
  [[nodiscard]] Occurrence first_from(TimePoint at) const;

  // Null where it has none.
  [[nodiscard]] std::shared_ptr<const Calendar> calendar() const;
  // From 60 days before its calendar ends, what is about to happen, as a sentence.
  [[nodiscard]] std::optional<std::string> calendar_ends_soon(TimePoint now) const;
  [[nodiscard]] Micros jitter() const { return options_ ? options_->jitter : Micros{0}; }

 private:
  [[nodiscard]] bool hangs_on_sessions() const {
    return options_ && !options_->session_times.empty();
  }
  template <class Ask>
  [[nodiscard]] auto ask(const Calendar& calendar, const Ask& question) const;
  [[nodiscard]] Occurrence nominal_after(TimePoint after) const;
  [[nodiscard]] Occurrence nominal_before(TimePoint before) const;
  [[nodiscard]] Micros room_after(TimePoint nominal) const;
  [[nodiscard]] TimePoint with_jitter(TimePoint nominal, Micros room) const;

  std::shared_ptr<const Schedule> schedule_;         // never null
  std::shared_ptr<const TimetableOptions> options_;  // null: the schedule is all
};

}  // namespace systask::scheduler
