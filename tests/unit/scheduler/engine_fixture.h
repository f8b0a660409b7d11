// An engine on a clock, lanes and a ledger that the test moves by hand. Every task's body
// is `bodies[name]`; one that is not set answers "done".
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "scheduler/engine/engine.h"
#include "tests/support/manual_clock.h"
#include "tests/support/manual_lanes.h"
#include "tests/support/memory_holds.h"
#include "tests/support/memory_ledger.h"

namespace systask::scheduler {

class EngineTest : public testing::Test {
 protected:
  static constexpr const char* kStart = "2026-05-22T08:30:00Z";

  EngineTest() {
    for (const char* name : {"a", "b", "c"})
      registry.add(name, [this, key = std::string{name}](const RunContext& run) {
        seen.push_back({key, run.nominal, run.attempt});
        const auto body = bodies.find(key);
        return body == bodies.end() ? std::string{"done"} : body->second(run);
      });
    restart();
  }

  // The service dies, if there was one, without a word; another begins on the same ledger.
  void restart() {
    engine.reset();
    lanes = std::make_unique<ManualLanes>(std::set<int>{1, 2}, lane_limit);
    engine = std::make_unique<Engine>(
        EngineParts{clock, ledger, ledger, *lanes, registry,
                    [this](TimePoint at) { return date_of ? date_of(at) : 20260522; }, &observer,
                    &attempts, &holds, &sink, &lane_sizes, &outputs, &skips, &backfills});
  }
  void start(std::vector<TaskSpec> specs) {
    const auto started = engine->start(std::move(specs));
    ASSERT_TRUE(started) << started.error().message;
  }

  static TaskSpec task(int id, std::string name, const std::string& every = "1s") {
    TaskSpec spec{.id = TaskId{id}, .name = std::move(name)};
    if (!every.empty()) spec.timetable = parse_every_schedule(every).value();
    spec.schedule_text = "every " + every;
    return spec;
  }
  TickReport tick_after(Micros time) {
    clock.advance(time);
    return engine->tick(clock.now());
  }
  TimePoint at(int seconds) const {
    return from_rfc3339(kStart).value() + std::chrono::seconds{seconds};
  }
  std::optional<RunRow> row(int task, int seconds) {
    return ledger.outcome_of(TaskId{task}, at(seconds));
  }
  RunState state(int task, int seconds) {
    const auto found = row(task, seconds);
    EXPECT_TRUE(found.has_value()) << "no row for task " << task << " at +" << seconds << " s";
    return found ? found->state : RunState::kLost;
  }
  // How often each body ran.
  std::size_t count(const std::string& name) const {
    std::size_t runs = 0;
    for (const Seen& one : seen)
      runs += one.name == name ? 1 : 0;
    return runs;
  }

  struct Seen {
    std::string name;
    TimePoint nominal;
    int attempt;
  };
  struct Watch final : Observer {
    void on_run_finished(const TaskSpec&, RunState outcome, Micros, Micros) override {
      outcomes.push_back(outcome);
    }
    void on_clock_jump(Micros jump) override { jumps.push_back(jump); }
    void on_clock_pass(std::int64_t pass) override { passes.push_back(pass); }
    void on_run_overdue(const TaskSpec&, RunId run, Micros, Micros) override {
      overdue.push_back(run);
    }
    std::vector<RunState> outcomes;
    std::vector<Micros> jumps;
    std::vector<std::int64_t> passes;
    std::vector<RunId> overdue;
  };
  struct Bell final : AlarmSink {
    void raised(const Alarm& alarm) override { told.push_back("raised: " + alarm.says); }
    void cleared(const Alarm& alarm) override {
      told.push_back("cleared: " + std::string{name_of(alarm.kind)});
    }
    std::vector<std::string> told;
  };
  static TaskSpec with(TaskSpec spec, const std::function<void(SpecialPolicies&)>& change) {
    SpecialPolicies special = spec.special();
    change(special);
    spec.special_policies = std::make_shared<const SpecialPolicies>(std::move(special));
    return spec;
  }

  ManualClock clock{from_rfc3339(kStart).value()};
  MemoryLedger ledger;
  MemoryAttempts attempts;
  MemoryOutputs outputs;
  MemoryHolds holds;
  MemoryLaneSizes lane_sizes;
  MemoryStepSkips skips;
  MemoryBackfills backfills;
  Bell sink;
  Registry registry;
  Watch observer;
  std::vector<Seen> seen;
  std::map<std::string, Body> bodies;
  std::function<int(TimePoint)> date_of;
  std::size_t lane_limit = 100;
  std::unique_ptr<ManualLanes> lanes;
  std::unique_ptr<Engine> engine;
};

}  // namespace systask::scheduler
