// What a calendar makes of a schedule day by day: the times of its sessions, and occurrences
// that move to another business day. Views, made for one question each; they must not outlive
// what they were given.
#pragma once

#include <optional>
#include <vector>

#include "scheduler/when/refused_days.h"
#include "scheduler/when/session_time.h"

namespace systask::scheduler {

// "open-30m" on each business day, or on those that an ordinal rule picks. Dates that the
// calendar does not cover have one refused occurrence each.
class SessionRelative {
 public:
  // `rule` may be null.
  SessionRelative(const std::vector<SessionTime>& times, const Calendar& calendar,
                  const DayRule* rule)
      : times_(times), calendar_(calendar), rule_(rule), refused_days_(calendar, rule, true) {}

  // As those of Windowed.
  [[nodiscard]] Occurrence next(TimePoint after) const;
  [[nodiscard]] Occurrence previous(TimePoint before) const;
  [[nodiscard]] DueSpan in(TimePoint after, TimePoint until) const;

 private:
  [[nodiscard]] std::vector<TimePoint> on(std::size_t day) const;
  [[nodiscard]] TimePoint earliest(std::size_t day) const;
  [[nodiscard]] TimePoint latest(std::size_t day) const;
  [[nodiscard]] Occurrence at(TimePoint nominal, std::size_t day) const;
  [[nodiscard]] Occurrence refused_at(TimePoint midnight) const;

  const std::vector<SessionTime>& times_;
  const Calendar& calendar_;
  const DayRule* rule_;
  RefusedDays refused_days_;
};

// Each occurrence of the schedule moves by whole days, at the same time of day: to a business
// day, by its roll, or by so many business days. Those that land on one instant are one. Where
// the calendar cannot tell the day, the occurrence is refused where it was.
class Moved {
 public:
  Moved(const Schedule& schedule, const Calendar& calendar, Roll roll, int shift);

  [[nodiscard]] Occurrence next(TimePoint after) const;
  [[nodiscard]] Occurrence previous(TimePoint before) const;
  [[nodiscard]] DueSpan in(TimePoint after, TimePoint until) const;

 private:
  [[nodiscard]] std::optional<Date> target(Date source) const;
  // The dates whose target is known; none at all: first > last.
  void find_known();
  // The dates whose occurrences move to the business day.
  [[nodiscard]] DateSpan sources_of(Date day) const;
  // In order, each once.
  [[nodiscard]] std::vector<TimePoint> on(Date day) const;
  // The first business day, from that one on, that occurrences move to; the last up to it.
  [[nodiscard]] std::optional<Date> busy_from(Date day) const;
  [[nodiscard]] std::optional<Date> busy_until(Date day) const;
  [[nodiscard]] TimePoint next_refused(TimePoint after) const;
  [[nodiscard]] TimePoint previous_refused(TimePoint before) const;
  [[nodiscard]] Occurrence at(TimePoint nominal, Date day) const;
  [[nodiscard]] Occurrence refused_at(TimePoint nominal) const;

  const Schedule& schedule_;
  const Calendar& calendar_;
  Roll roll_;
  int shift_;
  DateSpan known_{};
  TimePoint known_begin_{};  // of the civil days known_
  TimePoint known_end_{};
};

}  // namespace systask::scheduler
