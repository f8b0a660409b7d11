// A LiveCalendar is the calendar of a name while the service runs: whoever keeps it sees the
// latest edition. The sessions of a calendar may come from a table that people change.
// Any thread.
#pragma once

#include <memory>
#include <utility>

#include "base/guarded.h"
#include "calendar/calendar.h"

namespace systask {

class LiveCalendar {
 public:
  explicit LiveCalendar(std::shared_ptr<const Calendar> first) : edition_(std::move(first)) {}

  [[nodiscard]] std::shared_ptr<const Calendar> edition() const {
    return edition_.with([](const auto& edition) { return edition; });
  }
  void replace(std::shared_ptr<const Calendar> edition) {
    edition_.with([&](auto& known) { known.swap(edition); });
  }

 private:
  Guarded<std::shared_ptr<const Calendar>> edition_;
};

}  // namespace systask
