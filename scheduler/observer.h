// An Observer is told what the engine does, so that metrics can be kept without the
// engine knowing of any. Called from the tick thread and from lanes' threads, with no
// lock of the engine held; it must be quick and must not throw.
#pragma once

#include <string_view>

#include "scheduler/run.h"

namespace systask::scheduler {

class Observer {
 public:
  virtual ~Observer() = default;
  // How long after the instant it was set for a tick began, and how many runs it claimed.
  virtual void on_tick(Micros /*lateness*/, std::size_t /*claimed*/) {}
  // A tick that threw: what was due stays due.
  virtual void on_tick_failed(std::string_view /*why*/) {}
  // `duration` and `lateness` (start - planned start, see run.h) are 0 for runs that never started.
  virtual void on_run_finished(const TaskSpec& /*task*/, RunState /*outcome*/, Micros /*duration*/,
                               Micros /*lateness*/) {}
  // A run has been under way for `running`, far over what is usual for its task; once a run.
  virtual void on_run_overdue(const TaskSpec& /*task*/, RunId /*run*/, Micros /*running*/,
                              Micros /*usual*/) {}
  virtual void on_lane_depth(int /*priority*/, std::size_t /*queued*/) {}
  // Wall and monotonic clock went apart by `jump` between two ticks (negative: back).
  virtual void on_clock_jump(Micros /*jump*/) {}
  // Times come again, because the wall clock was set back: the number of the pass, and 0 when
  // they are over.
  virtual void on_clock_pass(std::int64_t /*pass*/) {}
};

}  // namespace systask::scheduler
