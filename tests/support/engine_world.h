// An EngineWorld is a scheduler that lives through some time in an instant: random tasks with
// random policies, bodies that take long, fail or ignore being asked, clock steps, crashes,
// reloads, pauses and windows, all from one seed. At the end broken() says what the ledger
// does not account for. Everything happens on the caller's thread.
//
// A body that takes long lets time pass from inside: ticks and other bodies run meanwhile,
// a few levels deep.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "scheduler/engine/engine.h"
#include "tests/support/manual_clock.h"
#include "tests/support/manual_lanes.h"
#include "tests/support/memory_holds.h"
#include "tests/support/memory_ledger.h"

namespace systask::scheduler {

// A schedule that tasks of the world may have.
struct WorldSchedule {
  std::string text;
  Timetable timetable;
};

// All that lasts does so in steps: with a step of a minute, a body takes up to 40 minutes.
struct WorldOptions {
  int tasks = 12;
  Micros step = std::chrono::seconds{1};
  double crash = 0.0005;                   // by chance, at each step
  double ahead = 0.5;                      // what is due is claimed a step before
  double clock_step = 0.0005;              // of either sign, large or small, or put right later
  double reload = 0.0005;                  // with other policies for some
  double operate = 0.002;                  // a pause, window, run now, event or cancel
  std::vector<WorldSchedule> schedules{};  // none: intervals from a second to an hour
};

class EngineWorld {
 public:
  EngineWorld(std::uint32_t seed, WorldOptions options);
  ~EngineWorld();

  // Lets so much time pass, step by step.
  void live(Micros time);
  // Lets what is under way end, and answers every breach: an occurrence without an outcome or
  // with two, one that ran twice, a rhythm that stood still by the monotonic clock or doubled, a
  // time of the calendar that a clock which was ahead used up. Empty: all is accounted for.
  std::vector<std::string> broken();
  [[nodiscard]] std::size_t bodies() const { return bodies_; }
  [[nodiscard]] std::size_t crashes() const { return crashes_; }
  [[nodiscard]] std::size_t clock_steps() const { return clock_steps_; }
  [[nodiscard]] std::size_t reloads() const { return reloads_; }
  // Distances between occurrences of rhythms that were judged by the monotonic clock.
  [[nodiscard]] std::size_t judged() const { return judged_; }
  // Occurrences that broken() found to have their outcome.
  [[nodiscard]] std::size_t accounted() const { return accounted_; }

 private:
  class Life;  // of one process: what it writes after its death is lost

  std::vector<TaskSpec> make_tasks();
  TaskSpec make_task(int id);
  void choose_policies(TaskSpec& spec);
  void begin();
  void step();
  void claim_ahead();
  void crash();
  void run_jobs();
  void set_clock();
  void move_clock(Micros by);
  // A rhythm's occurrence was dealt with.
  void note_rhythm(TaskId task);
  void check_times(TimePoint before, std::vector<std::string>& breaches);
  void reload();
  void operate();
  std::string body(const RunContext& run);
  bool chance(double probability);
  int up_to(int most);
  void check_task(const TaskSpec& spec, std::vector<std::string>& breaches);
  void check_bodies(std::vector<std::string>& breaches) const;
  [[nodiscard]] Micros steps(std::int64_t count) const { return count * options_.step; }

  // The bodies that a life of the service began for one occurrence.
  struct Begun {
    TaskId task;
    TimePoint nominal;
    std::int64_t pass;  // of rhythms: times of the calendar run in one pass only
    std::size_t life;

    friend auto operator<=>(const Begun&, const Begun&) = default;
  };

  std::mt19937 random_;
  WorldOptions options_;
  const TimePoint start_ = from_rfc3339("2026-05-22T00:00:00Z").value();
  ManualClock clock_{start_};
  MemoryLedger ledger_;
  MemoryAttempts attempts_;
  MemoryHolds holds_;
  Registry registry_;
  std::vector<TaskSpec> specs_;
  TimePoint latest_ = start_;  // the wall clock was never beyond
  std::unique_ptr<Life> life_;
  std::vector<std::unique_ptr<Life>> graves_;  // bodies of the dead may still unwind
  int depth_ = 0;
  bool quiet_ = false;  // bodies end at once, and nothing happens by chance
  // A clock that is wrong for a moment: when it is put right, and by how much.
  std::optional<std::pair<MonotonicPoint, Micros>> put_right_;
  MonotonicPoint disturbed_{};                // the latest crash, or step forward
  std::map<TaskId, MonotonicPoint> rhythms_;  // when their latest occurrence was
  std::vector<std::string> breaches_;         // found on the way
  std::size_t judged_ = 0;
  std::size_t bodies_ = 0;
  std::size_t crashes_ = 0;
  std::size_t clock_steps_ = 0;
  std::size_t reloads_ = 0;
  std::size_t accounted_ = 0;
  std::map<Begun, std::size_t> begun_;  // of schedules
};

}  // namespace systask::scheduler
