// An AlarmSink is told of alarms: that something did not happen which should have, or failed. The
// engine raises each once a business date (or once an episode) and clears it when it is over.
//
// Called by the tick's thread with no lock of the engine held: it must be quick and must not
// throw. Who runs programs or sends requests for it does so on threads of its own.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "scheduler/task.h"

namespace systask::scheduler {

// In place of a task's name, where an alarm is about the wall clock.
inline constexpr std::string_view kClockAlarm = "clock";

struct Alarm {
  enum class Kind : std::uint8_t { kNotStarted, kNotFinished, kNotRun, kFailed, kClockStep };
  // Its alarms().notify says who is told. Of kClockStep: no task of the configuration, but one
  // named kClockAlarm that has all their targets.
  std::shared_ptr<const TaskSpec> task;
  Kind kind = Kind::kNotStarted;
  int business_date = 0;  // of the run that is missing, or failed; 0: of none
  TimePoint since{};      // from when on it should have been
  std::string says;       // a whole sentence
};

[[nodiscard]] constexpr std::string_view name_of(Alarm::Kind kind) {
  constexpr std::string_view kNames[]{"must_start_by", "must_finish_by", "not_run_for",
                                      "on_failure", "clock_set_back"};
  return kNames[static_cast<std::size_t>(kind)];
}

class AlarmSink {
 public:
  virtual ~AlarmSink() = default;
  virtual void raised(const Alarm& alarm) = 0;
  // What was missing has happened, or does not matter any more. Of kFailed only this is told
  // where the task has on_recovery alone.
  virtual void cleared(const Alarm& alarm) = 0;
};

}  // namespace systask::scheduler
