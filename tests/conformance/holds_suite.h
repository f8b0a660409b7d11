// What every RunAttempts, RunOutputs, HoldStore, LaneSizes, StepSkips and BackfillStore must do,
// whatever keeps the rows. A Fixture is default-constructible, empty, and has attempts(),
// outputs(), holds(), lane_sizes(), skips() and backfills().
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

#include "scheduler/ports/backfill_store.h"
#include "scheduler/ports/hold_store.h"
#include "scheduler/ports/lane_sizes.h"
#include "scheduler/ports/run_attempts.h"
#include "scheduler/ports/run_outputs.h"
#include "scheduler/ports/step_skips.h"

namespace systask::scheduler {

template <class Fixture>
class HoldsSuite : public testing::Test {
 protected:
  static TimePoint second(int n) {
    return from_rfc3339("2026-05-22T08:30:00Z").value() + std::chrono::seconds{n};
  }
  static RunAttempt attempt(int run, int number, RunState state) {
    return {.run = RunId{run},
            .attempt = number,
            .state = state,
            .started_at = state == RunState::kLost ? std::nullopt : std::optional{second(number)},
            .finished_at = second(number + 1),
            .next_at = second(number + 11),
            .detail = "no \"disk\""};
  }
  static RunOutput output(int run, int number, std::string text, std::uint64_t cut = 0) {
    const std::uint64_t total = text.size() + cut;
    return {RunId{run}, number, {std::move(text), total, cut}};
  }
  RunAttempts& attempts() { return fixture_.attempts(); }
  RunOutputs& outputs() { return fixture_.outputs(); }
  HoldStore& holds() { return fixture_.holds(); }
  LaneSizes& lane_sizes() { return fixture_.lane_sizes(); }
  StepSkips& skips() { return fixture_.skips(); }
  BackfillStore& backfills() { return fixture_.backfills(); }

  Fixture fixture_;
};
TYPED_TEST_SUITE_P(HoldsSuite);

TYPED_TEST_P(HoldsSuite, KeepsTheAttemptsOfARunInOrder) {
  const auto second = this->attempt(7, 2, RunState::kTimedOut);
  const auto first = this->attempt(7, 1, RunState::kFailed);
  const auto other = this->attempt(8, 1, RunState::kLost);
  this->attempts().add(std::vector{second, other});
  this->attempts().add(std::vector{first});
  EXPECT_EQ(this->attempts().of(RunId{7}), (std::vector{first, second}));
  EXPECT_EQ(this->attempts().of(RunId{8}), std::vector{other});
  EXPECT_TRUE(this->attempts().of(RunId{9}).empty());
}

TYPED_TEST_P(HoldsSuite, AnAttemptStaysAsItIs) {
  const auto first = this->attempt(7, 1, RunState::kFailed);
  this->attempts().add(std::vector{first});
  this->attempts().add(std::vector{this->attempt(7, 1, RunState::kLost)});
  EXPECT_EQ(this->attempts().of(RunId{7}), std::vector{first});
}

TYPED_TEST_P(HoldsSuite, PrunesAttemptsOfOlderRuns) {
  for (int run = 1; run <= 4; ++run)
    this->attempts().add(std::vector{this->attempt(run, 1, RunState::kFailed)});
  EXPECT_EQ(this->attempts().prune(RunId{4}, 2), 2U);
  EXPECT_EQ(this->attempts().prune(RunId{4}, 10), 1U);
  EXPECT_EQ(this->attempts().prune(RunId{4}, 10), 0U);
  EXPECT_EQ(this->attempts().of(RunId{4}).size(), 1U);
}

TYPED_TEST_P(HoldsSuite, KeepsWhatEachAttemptPrinted) {
  const auto second = this->output(7, 2, "two\nlines \xE4\xB8\xAD 'quoted'", 100'000);
  const auto first = this->output(7, 1, "no disk\n");
  this->outputs().add(std::vector{second, this->output(8, 1, "other")});
  this->outputs().add(std::vector{first});
  EXPECT_EQ(this->outputs().of(RunId{7}), (std::vector{first, second}));
  EXPECT_TRUE(this->outputs().of(RunId{9}).empty());
  // An id that a crash forgot is given again.
  const auto again = this->output(7, 1, "from anew");
  this->outputs().add(std::vector{again});
  EXPECT_EQ(this->outputs().of(RunId{7}), (std::vector{again, second}));
}

TYPED_TEST_P(HoldsSuite, PrunesOutputsOfOlderRuns) {
  for (int run = 1; run <= 4; ++run)
    this->outputs().add(std::vector{this->output(run, 1, "text")});
  EXPECT_EQ(this->outputs().prune(RunId{4}, 2), 2U);
  EXPECT_EQ(this->outputs().prune(RunId{4}, 10), 1U);
  EXPECT_EQ(this->outputs().prune(RunId{4}, 10), 0U);
  EXPECT_EQ(this->outputs().of(RunId{4}).size(), 1U);
}

TYPED_TEST_P(HoldsSuite, SaysWhichOutputsFitIntoSoManyBytes) {
  EXPECT_EQ(this->outputs().first_within(0), RunId{0});
  for (int run = 1; run <= 4; ++run)
    this->outputs().add(std::vector{this->output(run, 1, "text"), this->output(run, 2, "text")});
  EXPECT_EQ(this->outputs().first_within(32), RunId{0});
  EXPECT_EQ(this->outputs().first_within(31), RunId{2});
  EXPECT_EQ(this->outputs().first_within(27), RunId{2});
  EXPECT_EQ(this->outputs().first_within(8), RunId{4});
  EXPECT_EQ(this->outputs().first_within(7), RunId{5});
}

TYPED_TEST_P(HoldsSuite, KeepsHoldsUntilTheyAreRemoved) {
  std::vector<Hold> holds{{HoldId{1}, Target::group("day"), this->second(0), kNever, "broken feed",
                           "bob", this->second(0)},
                          {HoldId{2}, Target::lane(3), this->second(5), this->second(9), "upgrade",
                           "alice", this->second(1)},
                          {HoldId{5}, Target::task("a"), this->second(5), this->second(9), "why",
                           "alice", this->second(2)}};
  for (const Hold& hold : holds)
    this->holds().add(hold);
  EXPECT_EQ(this->holds().load(), holds);
  EXPECT_THROW(this->holds().add(holds[0]), std::exception);
  this->holds().remove(HoldId{2});
  this->holds().remove(HoldId{99});
  holds.erase(holds.begin() + 1);
  EXPECT_EQ(this->holds().load(), holds);
}

TYPED_TEST_P(HoldsSuite, KeepsOneSizeOfALane) {
  this->lane_sizes().keep({2, 4, 1});
  this->lane_sizes().keep({1, 3, 8});
  this->lane_sizes().keep({2, 5, 2});
  EXPECT_EQ(this->lane_sizes().load(), (std::vector<LaneSize>{{1, 3, 8}, {2, 5, 2}}));
  this->lane_sizes().forget(1);
  this->lane_sizes().forget(9);
  EXPECT_EQ(this->lane_sizes().load(), (std::vector<LaneSize>{{2, 5, 2}}));
}

TYPED_TEST_P(HoldsSuite, KeepsSkippedStepsUntilTheyAreForgotten) {
  const StepSkip first{TaskId{1}, 20260521, "bob", "by \"hand\"", this->second(0)};
  const StepSkip second{TaskId{1}, 20260522, "alice", "no feed", this->second(1)};
  const StepSkip other{TaskId{3}, 20260521, "bob", "gone", this->second(2)};
  for (const StepSkip& skip : {other, second, first})
    this->skips().add(skip);
  EXPECT_EQ(this->skips().load(), (std::vector{first, second, other}));
  StepSkip again = second;
  again.reason = "no feed at all";
  this->skips().add(again);
  EXPECT_EQ(this->skips().load(), (std::vector{first, again, other}));
  this->skips().forget(20260522);
  EXPECT_EQ(this->skips().load(), std::vector{again});
}

TYPED_TEST_P(HoldsSuite, KeepsBackfillsWithWhatCameOfTheirDates) {
  KeptBackfill group{.id = BackfillId{3},
                     .target = Target::group("day"),
                     .concurrency = 2,
                     .actor = "bob",
                     .reason = "prices \"were\" wrong",
                     .begun_at = this->second(0),
                     .ended_at = {},
                     .cancelled_by = {},
                     .dates = {{.business_date = 20260520, .steps = 3, .failure = {}},
                               {.business_date = 20260521, .steps = 1, .failure = {}}}};
  KeptBackfill task = group;
  task.id = BackfillId{4};
  task.target = Target::task("a");
  this->backfills().add(task);
  this->backfills().add(group);
  EXPECT_EQ(this->backfills().load(), (std::vector{group, task}));
  EXPECT_THROW(this->backfills().add(group), std::exception);
  group.dates[0].ended = 2;
  group.dates[0].succeeded = 1;
  group.dates[0].failure =
      BackfillDate::Failure{RunId{77}, "report", RunState::kTimedOut, "no disk"};
  this->backfills().update(group.id, std::span{&group.dates[0], 1});
  group.ended_at = this->second(9);
  group.cancelled_by = "alice";
  this->backfills().end(group.id, *group.ended_at, group.cancelled_by);
  EXPECT_EQ(this->backfills().load(), (std::vector{group, task}));
  this->backfills().forget(BackfillId{4});
  EXPECT_EQ(this->backfills().load(), std::vector{task});
}

REGISTER_TYPED_TEST_SUITE_P(HoldsSuite, KeepsTheAttemptsOfARunInOrder, AnAttemptStaysAsItIs,
                            PrunesAttemptsOfOlderRuns, KeepsWhatEachAttemptPrinted,
                            PrunesOutputsOfOlderRuns, SaysWhichOutputsFitIntoSoManyBytes,
                            KeepsHoldsUntilTheyAreRemoved, KeepsOneSizeOfALane,
                            KeepsSkippedStepsUntilTheyAreForgotten,
                            KeepsBackfillsWithWhatCameOfTheirDates);

}  // namespace systask::scheduler
