#include "scheduler/run.h"

#include <array>

namespace systask::scheduler {
namespace {

constexpr std::array<std::string_view, 6> kTriggers{"schedule", "manual",   "event",
                                                    "after",    "backfill", "rerun"};

}  // namespace

std::string_view name_of(Trigger trigger) { return kTriggers[static_cast<std::size_t>(trigger)]; }

std::optional<Trigger> trigger_of(std::string_view name) {
  for (std::size_t i = 0; i < kTriggers.size(); ++i)
    if (kTriggers[i] == name) return static_cast<Trigger>(i);
  return std::nullopt;
}

std::span<const std::string_view> trigger_names() { return kTriggers; }

TimePoint planned_start(const Timetable& timetable, const RunRow& row) {
  if (row.trigger != Trigger::kSchedule) return row.key.nominal;
  return timetable.start_of(row.key.nominal);
}

Micros lateness_of(const Timetable& timetable, const RunRow& row) {
  if (!row.started_at) return Micros{0};
  return *row.started_at - planned_start(timetable, row);
}

}  // namespace systask::scheduler
