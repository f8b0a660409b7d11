// An AlarmWatch decides when an alarm is raised and when it is over, out of what it is told
// of tasks: it knows neither the engine nor who is told. One thread at a time; the cost of a
// look follows the checks that are due and the alarms that are raised, not the tasks.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "scheduler/ports/alarm_sink.h"

namespace systask::scheduler {

// What is known of a task's runs. Dates are the latest business date, 0 for none.
struct TaskFacts {
  int begun_date = 0;
  int done_date = 0;
  TimePoint last_success{};    // or, where there is none, from when on it is watched;
                               // by the wall clock as it goes now
  bool has_succeeded = false;  // as far as the ledger knows
  bool has_run = false;        // or has begun to
  std::string held;            // why nothing of it starts; or empty
  std::string fails;           // how its latest run failed; or empty
};

struct AlarmWorld {
  // Nothing where there is no such task any more.
  std::function<std::optional<TaskFacts>(TaskId)> facts;
  // The business date of the last occurrence, of the task or of what it comes after, from
  // `from` to `until`; nothing where there is none.
  std::function<std::optional<int>(const TaskSpec&, TimePoint from, TimePoint until)> expected;
};

class AlarmWatch {
 public:
  struct Changes {
    std::vector<Alarm> raised;
    std::vector<Alarm> cleared;
  };

  // These tasks from now on, in place of those before; what is raised stays so.
  void watch(std::vector<std::shared_ptr<const TaskSpec>> tasks, TimePoint now);
  // The wall clock was set: what is measured from the latest success is looked at anew, and goes
  // on by the monotonic clock.
  void clock_was_set(TimePoint now, Micros jump);
  Changes look(TimePoint now, const AlarmWorld& world);
  // What is raised.
  [[nodiscard]] const std::vector<Alarm>& raised() const { return raised_; }
  // The earliest instant at which something may be raised, or kNever.
  [[nodiscard]] TimePoint next_check() const;

 private:
  struct Check {
    TimePoint at;
    std::shared_ptr<const TaskSpec> task;
    Alarm::Kind kind;
  };
  void schedule(Check check);
  // Whether the alarm of that check is to be raised; and the check that follows it.
  std::optional<Alarm> decide(const Check& check, TimePoint now, const AlarmWorld& world);
  std::optional<Alarm> decide_by_time(const Check& check, const AlarmWorld& world);

  std::vector<Check> checks_;  // a heap: the earliest first
  std::vector<Alarm> raised_;
};

}  // namespace systask::scheduler
