// Windowed is a schedule within the windows of a calendar: its business days, the days that
// an ordinal rule picks, or its sessions. Occurrences outside are none. What the calendar
// does not cover is refused: each occurrence by itself where whole days count, else one at
// each midnight. A view, made for one question; it must not outlive what it was given.
#pragma once

#include <optional>

#include "scheduler/when/refused_days.h"

namespace systask::scheduler {

class Windowed {
 public:
  // `rule` may be null.
  Windowed(const Schedule& schedule, const Calendar& calendar, const DayRule* rule, bool sessions);

  // Strictly after, strictly before; nominal kNever, or TimePoint::min(), where there is none.
  // Refused ones are among them.
  [[nodiscard]] Occurrence next(TimePoint after) const;
  [[nodiscard]] Occurrence previous(TimePoint before) const;
  [[nodiscard]] DueSpan in(TimePoint after, TimePoint until) const;
  // The first instant at or after `at` that lies in a window.
  [[nodiscard]] Occurrence first_from(TimePoint at) const;

 private:
  struct Window {
    TimePoint begin;
    TimePoint end;
    bool refused;
    Date date;
  };
  // The first that ends after the instant; the last that begins before it.
  [[nodiscard]] std::optional<Window> window_from(TimePoint at) const;
  [[nodiscard]] std::optional<Window> window_before(TimePoint at) const;
  [[nodiscard]] std::optional<Window> session_from(TimePoint at) const;
  [[nodiscard]] std::optional<Window> session_before(TimePoint at) const;
  [[nodiscard]] std::optional<Window> day_from(TimePoint at) const;
  [[nodiscard]] std::optional<Window> day_before(TimePoint at) const;
  [[nodiscard]] Window day_window(std::size_t day) const;
  [[nodiscard]] bool picked(std::size_t day) const {
    return rule_ == nullptr || rule_->picks(calendar_, day);
  }
  [[nodiscard]] Occurrence occurrence(TimePoint at, const Window& window) const;
  [[nodiscard]] Occurrence refused_at(TimePoint midnight) const;

  const Schedule& schedule_;
  const Calendar& calendar_;
  const DayRule* rule_;
  bool sessions_;
  bool by_midnight_;  // refused once a day, and not occurrence by occurrence
  RefusedDays refused_days_;
};

}  // namespace systask::scheduler
