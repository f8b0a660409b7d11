// The dates on which a schedule that hangs on a calendar's days or sessions cannot tell
// whether, or when, it is due: each has one occurrence, refused, at local midnight. For an
// ordinal rule ("last business-day of month") it is one date of each month that cannot tell:
// the first that the calendar does not cover. A view; it must not outlive its calendar.
#pragma once

#include <optional>

#include "scheduler/when/day_rule.h"
#include "scheduler/when/occurrence.h"

namespace systask::scheduler {

class RefusedDays {
 public:
  // `rule`: only its ordinal counts; may be null. `sessions`: the times hang on sessions.
  RefusedDays(const Calendar& calendar, const DayRule* rule, bool sessions)
      : calendar_(calendar), rule_(rule), sessions_(sessions) {}

  // Strictly after, strictly before; kNever, or TimePoint::min(), where there is none.
  [[nodiscard]] TimePoint next(TimePoint after) const;
  [[nodiscard]] TimePoint previous(TimePoint before) const;
  [[nodiscard]] std::string reason(TimePoint midnight) const;
  // Adds those in (after, until].
  void add(TimePoint after, TimePoint until, std::vector<RefusedOccurrences>& into) const;

 private:
  [[nodiscard]] bool unknown() const { return sessions_ && !calendar_.sessions_unknown().empty(); }
  // The first at or after the date; the last at or before it.
  [[nodiscard]] std::optional<Date> from(Date date) const;
  [[nodiscard]] std::optional<Date> until(Date date) const;
  [[nodiscard]] std::optional<Date> ordinal_from(Date date) const;
  [[nodiscard]] std::optional<Date> ordinal_until(Date date) const;
  [[nodiscard]] std::optional<Date> of_period(Date date) const;

  const Calendar& calendar_;
  const DayRule* rule_;
  bool sessions_;
};

// Adds to the last of `into` where the reason is the same.
void add_refused(const Occurrences& which, const std::string& reason,
                 std::vector<RefusedOccurrences>& into);

}  // namespace systask::scheduler
