// The real engine on a virtual clock.
#include <gmock/gmock.h>

#include "scheduler/ahead/simulation.h"
#include "tests/support/memory_holds.h"
#include "tests/support/memory_ledger.h"

namespace systask::scheduler {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

const TimePoint kOpen = from_rfc3339("2026-05-22T08:00:00Z").value();

class SimulationTest : public testing::Test {
 protected:
  TaskSpec each(std::int64_t id, const std::string& name, const std::string& every,
                int priority = 1) {
    TaskSpec spec{.id = TaskId{id}, .name = name, .priority = priority};
    spec.timetable = parse_every_schedule(every).value();
    spec.schedule_text = "every " + every;
    return spec;
  }

  // The outcomes as lines "name at seconds: state, began +ms, took ms".
  std::vector<std::string> simulate(std::vector<TaskSpec> specs, Micros length,
                                    std::uint64_t seed = 0) {
    std::vector<std::string> lines;
    std::map<TaskId, std::string> names;
    for (const TaskSpec& spec : specs)
      names[spec.id] = spec.name;
    VirtualClock clock{kOpen};
    Simulation simulation{
        {.clock = clock,
         .history = ledger,
         .stored = ledger,
         .holds = holds,
         .lanes = lanes,
         .business_date = [](TimePoint) { return 20260522; },
         .body = [this](const TaskSpec& spec) { return body_of(spec); },
         .usual = [this](const TaskSpec&) { return usual; },
         .tell =
             [&](const RunRow& row, std::int64_t more) {
               std::string line = names[row.key.task] + " " + seconds(row.key.nominal) + " " +
                                  std::string{name_of(row.state)};
               if (row.started_at)
                 line += " +" + std::to_string((*row.started_at - row.key.nominal) / 1ms) + " " +
                         std::to_string((*row.finished_at - *row.started_at) / 1ms);
               else
                 line += " x" + std::to_string(more);
               lines.push_back(line);
             },
         .lane_sizes = &lane_sizes},
        {kOpen, kOpen + length, seed}};
    running = &simulation;
    const auto done = simulation.run(std::move(specs));
    EXPECT_FALSE(done.has_error());
    uses = simulation.uses();
    unfinished = simulation.unfinished().size();
    return lines;
  }
  static std::string seconds(TimePoint at) { return std::to_string((at - kOpen) / 1s); }
  const Body* body_of(const TaskSpec& spec) {
    const auto body = bodies.find(spec.name);
    return body == bodies.end() ? nullptr : &body->second;
  }
  void remember(TaskId task, Micros took, TimePoint at) {
    RunRow row{.key = {at, task}, .id = RunId{++id_}};
    row.last_nominal = at;
    row.state = RunState::kSucceeded;
    row.started_at = at;
    row.finished_at = at + took;
    row.trigger = Trigger::kManual;
    row.key.key = row.id.value();
    ledger.record({&row, 1});
  }

  MemoryLedger ledger;
  std::vector<Hold> holds;
  std::map<int, LaneOptions> lanes{{1, {2, 10}}, {2, {1, 10}}};
  MemoryLaneSizes lane_sizes;
  std::map<std::string, Body> bodies;
  Micros usual = 100ms;
  Simulation* running = nullptr;
  std::vector<VirtualLanes::Use> uses;
  std::size_t unfinished = 0;

 private:
  std::int64_t id_ = 0;
};

TEST_F(SimulationTest, EveryOccurrenceOfTheSpanRunsAndTakesItsTime) {
  EXPECT_THAT(simulate({each(1, "a", "1s")}, 2500ms),
              ElementsAre("a 0 succeeded +0 100", "a 1 succeeded +0 100", "a 2 succeeded +0 100"));
  EXPECT_EQ(uses.at(0).jobs, 3);
  EXPECT_EQ(uses.at(0).busy, 300ms);
}

TEST_F(SimulationTest, WhatIsUnderWayAtTheEndIsUnfinished) {
  usual = 700ms;
  EXPECT_THAT(simulate({each(1, "a", "1s")}, 1500ms), ElementsAre("a 0 succeeded +0 700"));
  EXPECT_EQ(unfinished, 1U);
}

TEST_F(SimulationTest, ALaneOfOneThreadRunsOneAfterTheOther) {
  EXPECT_THAT(simulate({each(1, "a", "10s", 2), each(2, "b", "10s", 2)}, 5s),
              ElementsAre("a 0 succeeded +0 100", "b 0 succeeded +100 100"));
  EXPECT_EQ(uses.at(1).most_queued, 1U);
}

TEST_F(SimulationTest, ALaneHasTheThreadsThatItWasGiven) {
  lane_sizes.keep({.priority = 2, .threads = 2, .configured = 1});
  EXPECT_THAT(simulate({each(1, "a", "10s", 2), each(2, "b", "10s", 2)}, 5s),
              ElementsAre("a 0 succeeded +0 100", "b 0 succeeded +0 100"));
  EXPECT_EQ(uses.at(1).threads, 2U);
}

TEST_F(SimulationTest, AFullLaneAndALongRunSkipAsTheyWould) {
  lanes = {{1, {1, 1}}};
  EXPECT_THAT(
      simulate({each(1, "a", "10s"), each(2, "b", "10s"), each(3, "c", "10s")}, 5s),
      ElementsAre("c 0 skipped_lane_full x1", "a 0 succeeded +0 100", "b 0 succeeded +100 100"));
  EXPECT_EQ(uses.at(0).full, 1);
  usual = 1500ms;
  EXPECT_THAT(simulate({each(1, "a", "1s")}, 2s),
              ElementsAre("a 1 skipped_overlap x1", "a 0 succeeded +0 1500"));
}

TEST_F(SimulationTest, ATimeoutStopsWhatSpendsItsTime) {
  usual = 10s;
  TaskSpec spec = each(1, "a", "1m");
  spec.timeout = 2s;
  EXPECT_THAT(simulate({spec}, 30s), ElementsAre("a 0 timed_out +0 2000"));
}

TEST_F(SimulationTest, BodiesThatAreGivenRunAndFail) {
  int ran = 0;
  bodies["a"] = [&](const RunContext&) -> std::string {
    ++ran;
    throw std::runtime_error("no disk");
  };
  EXPECT_THAT(simulate({each(1, "a", "1m")}, 30s), ElementsAre("a 0 failed +0 100"));
  EXPECT_EQ(ran, 1);
}

TEST_F(SimulationTest, HoldsHoldAndFollowersFollow) {
  holds = {{.id = HoldId{1},
            .target = Target::task("a"),
            .from = kOpen,
            .to = kOpen + 2s,
            .reason = "maintenance",
            .actor = "bob",
            .made_at = kOpen}};
  TaskSpec after{.id = TaskId{2}, .name = "b", .after = {{"a"}}};
  after.schedule_text = "after";
  EXPECT_THAT(
      simulate({each(1, "a", "2s"), after}, 3s),
      ElementsAre("a 0 skipped_window x1", "a 2 succeeded +0 100", "b 2 succeeded +100 100"));
}

TEST_F(SimulationTest, DurationsComeFromTheLedgerByTheSeedAlone) {
  for (int i = 1; i <= 20; ++i)
    remember(TaskId{1}, i * 10ms, kOpen - i * 1min);
  const auto first = simulate({each(1, "a", "1s")}, 1min, 7);
  EXPECT_EQ(first, simulate({each(1, "a", "1s")}, 1min, 7));
  EXPECT_NE(first, simulate({each(1, "a", "1s")}, 1min, 8));
  // Another task beside it changes nothing about it.
  auto beside = simulate({each(1, "a", "1s"), each(2, "b", "1s")}, 1min, 7);
  std::erase_if(beside, [](const std::string& line) { return line.starts_with("b"); });
  EXPECT_EQ(first, beside);
}

TEST_F(SimulationTest, TheLedgerIsReadAndNotWritten) {
  remember(TaskId{1}, 10ms, kOpen - 1min);
  simulate({each(1, "a", "1s")}, 10s);
  EXPECT_EQ(ledger.runs({.limit = 100}).size(), 1U);
}

}  // namespace
}  // namespace systask::scheduler
