// An engine whose wall clock the test sets, while time goes on as ever.
#pragma once

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tests/unit/scheduler/engine_fixture.h"

namespace systask::scheduler {

using namespace std::chrono_literals;

class ClockStepTest : public EngineTest {
 protected:
  static TaskSpec at_times(int id, std::string name, const std::string& times) {
    TaskSpec spec{.id = TaskId{id}, .name = std::move(name)};
    spec.timetable = parse_at_schedule(times, Zone::utc()).value();
    spec.schedule_text = "at " + times;
    return spec;
  }
  static TaskSpec by(int id, std::string name, const Schedule& schedule, std::string text) {
    TaskSpec spec{.id = TaskId{id}, .name = std::move(name)};
    spec.timetable = schedule;
    spec.schedule_text = std::move(text);
    return spec;
  }
  static TaskSpec delayed(int id, std::string name, const std::string& period) {
    return by(id, std::move(name), parse_delay_schedule(period).value(), "delay " + period);
  }
  // Somebody sets the clock.
  void set(Micros by) { clock.set_wall(clock.now() + by); }
  // Time passes, with a tick each 50 ms, as the ticker comes where there is something to do.
  void live(Micros time, Micros step = 50ms) {
    for (const MonotonicPoint end = clock.monotonic() + time; clock.monotonic() < end;) {
      tick_after(step);
      lanes->run_all();
    }
  }
  // When the bodies of "a" began, by the monotonic clock.
  void note_begins() {
    bodies["a"] = [this](const RunContext& run) {
      begins.push_back(clock.monotonic());
      EXPECT_GE(clock.now(), run.nominal) << "before its time";
      EXPECT_TRUE(keys.insert({run.nominal, run.pass}).second) << "one key twice";
      return "done";
    };
  }
  std::vector<std::int64_t> passes_of(int task, int seconds) {
    std::vector<std::int64_t> passes;
    for (const RunRow& row : ledger.outcomes_of(TaskId{task}, at(seconds)))
      passes.push_back(row.key.pass());
    return passes;
  }

  std::vector<MonotonicPoint> begins;
  std::set<std::pair<TimePoint, std::int64_t>> keys;
};

}  // namespace systask::scheduler
