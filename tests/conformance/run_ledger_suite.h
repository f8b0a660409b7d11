// What every RunLedger and TaskStore must do, whatever keeps the rows. A Fixture is
// default-constructible, empty, and has ledger() and tasks(), which share watermarks.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "scheduler/ports/run_ledger.h"
#include "scheduler/ports/task_store.h"

namespace systask::scheduler {

inline TimePoint second(int n) {
  return from_rfc3339("2026-05-22T08:30:00Z").value() + std::chrono::seconds{n};
}

inline RunRow claimed_run(int task, int nominal, int id) {
  return {.key = {second(nominal), TaskId{task}},
          .id = RunId{id},
          .business_date = 20260522,
          .last_nominal = second(nominal),
          .claimed_at = second(nominal)};
}

inline RunRow ended(RunRow row, RunState state, std::string detail = "done") {
  row.state = state;
  row.started_at = row.claimed_at;
  row.finished_at = row.claimed_at + std::chrono::milliseconds{20};
  row.detail = std::move(detail);
  return row;
}

inline StoredTask stored_task(int id, std::string name) {
  return {.definition = {.id = TaskId{id},
                         .name = name,
                         .function = name,
                         .priority = 1,
                         .schedule = "every 1s",
                         .parameters = "keep_days=30\n",
                         .enabled = true},
          .watermark = second(0),
          .next_due = second(1)};
}

template <class Fixture>
class RunLedgerSuite : public testing::Test {
 protected:
  RunLedger& ledger() { return fixture_.ledger(); }
  TaskStore& tasks() { return fixture_.tasks(); }
  void record(const RunRow& row) { ledger().record(std::span{&row, 1}); }

  Fixture fixture_;
};
TYPED_TEST_SUITE_P(RunLedgerSuite);

TYPED_TEST_P(RunLedgerSuite, ClaimsAndMovesWatermarksTogether) {
  const std::vector<StoredTask> tasks{stored_task(1, "a"), stored_task(2, "b")};
  this->tasks().replace_all(tasks, second(0));
  const auto taken =
      this->ledger().claim({{claimed_run(1, 1, 10), claimed_run(2, 1, 11)},
                            {},
                            {{TaskId{1}, second(1), second(2)}, {TaskId{2}, second(1), kNever}}});
  EXPECT_TRUE(taken.empty());
  const auto stored = this->tasks().load();
  ASSERT_EQ(stored.size(), 2U);
  EXPECT_EQ(stored[0].watermark, second(1));
  EXPECT_EQ(stored[0].next_due, second(2));
  EXPECT_EQ(stored[1].next_due, kNever);
  EXPECT_EQ(this->ledger().unfinished(),
            (std::vector{claimed_run(1, 1, 10), claimed_run(2, 1, 11)}));
}

TYPED_TEST_P(RunLedgerSuite, AnOccurrenceIsClaimedOnce) {
  this->ledger().claim({{claimed_run(1, 1, 10)}, {}, {}});
  const auto taken = this->ledger().claim({{claimed_run(1, 1, 20), claimed_run(2, 1, 21)}, {}, {}});
  EXPECT_EQ(taken, (std::vector{claimed_run(1, 1, 10).key}));
  EXPECT_EQ(this->ledger().outcome_of(TaskId{1}, second(1)), claimed_run(1, 1, 10));
  EXPECT_EQ(this->ledger().outcome_of(TaskId{2}, second(1)), claimed_run(2, 1, 21));
}

TYPED_TEST_P(RunLedgerSuite, AnOutcomeIsFinal) {
  const RunRow open = claimed_run(1, 1, 10);
  this->ledger().claim({{open}, {}, {}});
  this->record(ended(open, RunState::kSucceeded, "archived 31 rows"));
  this->record(ended(open, RunState::kFailed, "too late"));
  EXPECT_EQ(this->ledger().outcome_of(TaskId{1}, second(1)),
            ended(open, RunState::kSucceeded, "archived 31 rows"));
  EXPECT_TRUE(this->ledger().unfinished().empty());
}

TYPED_TEST_P(RunLedgerSuite, KeepsEveryStateAndTrigger) {
  std::vector<RunRow> rows;
  for (const RunStateName& known : kRunStates) {
    RunRow row = claimed_run(1, static_cast<int>(rows.size()), static_cast<int>(rows.size()));
    row.state = known.state;
    if (!is_open(known.state)) row.finished_at = second(90);
    rows.push_back(row);
  }
  for (const Trigger trigger : {Trigger::kManual, Trigger::kEvent, Trigger::kAfter}) {
    RunRow row =
        ended(claimed_run(2, 5, 100), RunState::kSucceeded, "it's \"quoted\" \xE4\xB8\xAD");
    row.trigger = trigger;
    row.key.key = 100 + static_cast<int>(trigger);
    row.attempt = 3;
    row.actor = "alice";
    rows.push_back(row);
  }
  this->ledger().record(rows);
  auto kept = this->ledger().runs({.limit = 100});
  const auto by_key = [](const RunRow& a, const RunRow& b) { return a.key < b.key; };
  std::ranges::sort(kept, by_key);
  std::ranges::sort(rows, by_key);
  EXPECT_EQ(kept, rows);
}

TYPED_TEST_P(RunLedgerSuite, AWaitingRunMayBegin) {
  RunRow row = claimed_run(1, 1, 10);
  row.state = RunState::kWaiting;
  this->ledger().claim({{row}, {}, {}});
  row.state = RunState::kClaimed;
  this->record(row);
  EXPECT_EQ(this->ledger().unfinished(), std::vector{row});
}

TYPED_TEST_P(RunLedgerSuite, MissedOccurrencesShareARowThatGrows) {
  RunRow row = ended(claimed_run(1, 1, 10), RunState::kSkippedPaused, "paused by bob");
  row.started_at.reset();
  this->ledger().claim({{}, {row}, {}});
  row.last_nominal = second(5);
  row.count = 5;
  this->ledger().claim({{}, {row}, {}});
  EXPECT_EQ(this->ledger().runs({}), std::vector{row});
  EXPECT_EQ(this->ledger().outcome_of(TaskId{1}, second(4)), row);
  EXPECT_EQ(this->ledger().outcome_of(TaskId{1}, second(6)), std::nullopt);
  EXPECT_EQ(this->ledger().outcome_of(TaskId{2}, second(4)), std::nullopt);
}

TYPED_TEST_P(RunLedgerSuite, AnswersByTaskLatestFirst) {
  for (int i = 1; i <= 6; ++i)
    this->record(ended(claimed_run(i % 2 + 1, i, i), RunState::kSucceeded));
  const auto found = this->ledger().runs({.task = TaskId{1}, .before = second(6), .limit = 1});
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].id, RunId{4});
  EXPECT_EQ(this->ledger().runs({}).size(), 6U);
  EXPECT_EQ(this->ledger().runs({}).front().id, RunId{6});
  EXPECT_EQ(this->ledger().highest_id(), RunId{6});
  EXPECT_EQ(this->ledger().find(RunId{4}), found[0]);
  EXPECT_EQ(this->ledger().find(RunId{7}), std::nullopt);
}

TYPED_TEST_P(RunLedgerSuite, RemembersTheLastRunAndSuccessOfATask) {
  EXPECT_EQ(this->ledger().highest_id(), RunId{0});
  const RunRow good = ended(claimed_run(1, 1, 1), RunState::kSucceeded);
  RunRow bad = ended(claimed_run(1, 2, 2), RunState::kFailed);
  bad.business_date = 20260525;
  RunRow skipped = ended(claimed_run(1, 3, 3), RunState::kSkippedLate);
  skipped.started_at.reset();
  this->ledger().record(std::vector{good, bad, skipped});
  const auto pasts = this->ledger().pasts();
  ASSERT_EQ(pasts.size(), 1U);
  EXPECT_EQ(pasts[0].task, TaskId{1});
  EXPECT_EQ(pasts[0].last, bad);
  EXPECT_EQ(pasts[0].last_succeeded_date, 20260522);
}

TYPED_TEST_P(RunLedgerSuite, PrunesFinishedRowsOnly) {
  this->ledger().claim({{claimed_run(1, 1, 1)}, {}, {}});
  for (int i = 2; i <= 5; ++i)
    this->record(ended(claimed_run(1, i, i), RunState::kSucceeded));
  EXPECT_EQ(this->ledger().prune(second(5), 2), 2U);
  EXPECT_EQ(this->ledger().prune(second(5), 10), 1U);
  EXPECT_EQ(this->ledger().prune(second(5), 10), 0U);
  EXPECT_EQ(this->ledger().runs({}).size(), 2U);
}

// Times that come again: their runs are told apart by the pass.
TYPED_TEST_P(RunLedgerSuite, AnOccurrenceIsClaimedOnceInEachPass) {
  RunRow again = claimed_run(1, 1, 20);
  again.key.key = -3;
  this->ledger().claim({{claimed_run(1, 1, 10)}, {}, {}});
  EXPECT_TRUE(this->ledger().claim({{again}, {}, {}}).empty());
  EXPECT_EQ(this->ledger().claim({{again}, {}, {}}), std::vector{again.key});
  this->record(ended(claimed_run(1, 1, 10), RunState::kSucceeded));
  this->record(ended(again, RunState::kFailed));
  EXPECT_EQ(this->ledger().outcomes_of(TaskId{1}, second(1)),
            (std::vector{ended(again, RunState::kFailed),
                         ended(claimed_run(1, 1, 10), RunState::kSucceeded)}));
  EXPECT_EQ(this->ledger().outcome_of(TaskId{1}, second(1))->key.pass(), 3);
}

TYPED_TEST_P(RunLedgerSuite, RowsOfMissedOccurrencesOverlapInTwoPasses) {
  RunRow row = ended(claimed_run(1, 1, 10), RunState::kSkippedPaused, "paused by bob");
  row.started_at.reset();
  row.last_nominal = second(5);
  row.count = 5;
  RunRow again = row;
  again.id = RunId{11};
  again.key = {second(3), TaskId{1}, -1};
  again.count = 3;
  this->ledger().turn_back({1, second(5), second(2), second(5)}, {}, {});
  this->ledger().claim({{}, {row, again}, {}});
  EXPECT_EQ(this->ledger().outcomes_of(TaskId{1}, second(4)), (std::vector{again, row}));
  EXPECT_EQ(this->ledger().outcomes_of(TaskId{1}, second(3)), (std::vector{again, row}));
  EXPECT_EQ(this->ledger().outcomes_of(TaskId{1}, second(2)), std::vector{row});
  EXPECT_TRUE(this->ledger().outcomes_of(TaskId{1}, second(6)).empty());
}

TYPED_TEST_P(RunLedgerSuite, TurningBackKeepsTheStepMovesWatermarksAndEndsRuns) {
  this->tasks().replace_all(std::vector{stored_task(1, "a"), stored_task(2, "b")}, second(0));
  const RunRow open = claimed_run(1, 9, 10);
  this->ledger().claim({{open}, {}, {{TaskId{1}, second(9), second(10)}}});
  const ClockStep step{1, second(8), second(-60), second(9)};
  RunRow taken_back = ended(open, RunState::kCoalesced, "the wall clock was set back");
  taken_back.started_at.reset();
  this->ledger().turn_back(step, std::vector{WatermarkMove{TaskId{1}, second(-61), second(-59)}},
                           std::vector{taken_back});
  EXPECT_EQ(this->ledger().clock_steps(), std::vector{step});
  EXPECT_EQ(this->tasks().load()[0].watermark, second(-61));
  EXPECT_EQ(this->tasks().load()[0].next_due, second(-59));
  EXPECT_EQ(this->tasks().load()[1].watermark, second(0));
  EXPECT_EQ(this->ledger().outcome_of(TaskId{1}, second(9)), taken_back);
  EXPECT_TRUE(this->ledger().unfinished().empty());
  for (int i = 2; i <= static_cast<int>(kClockStepsKept) + 5; ++i)
    this->ledger().turn_back({i, second(i), second(i), second(i)}, {}, {});
  EXPECT_EQ(this->ledger().clock_steps().size(), kClockStepsKept);
  EXPECT_EQ(this->ledger().clock_steps().front().pass,
            static_cast<std::int64_t>(kClockStepsKept) + 5);
}

TYPED_TEST_P(RunLedgerSuite, AnswersWhichTimesAreNotToRunAgain) {
  std::vector<RunRow> rows;
  for (const RunStateName& known : kRunStates) {
    RunRow row = claimed_run(1, static_cast<int>(rows.size()) + 1, static_cast<int>(rows.size()));
    row.state = known.state;
    if (!is_open(known.state)) row.finished_at = second(90);
    rows.push_back(row);
  }
  RunRow manual = ended(claimed_run(1, 60, 60), RunState::kSucceeded);
  manual.trigger = Trigger::kManual;
  manual.key.key = 60;
  RunRow refused = ended(claimed_run(1, 61, 61), RunState::kRefused);  // by its body
  RunRow again = claimed_run(1, 62, 62);
  again.state = RunState::kHeld;
  again.finished_at = second(90);
  again.attempt = 2;
  RunRow other = ended(claimed_run(2, 63, 63), RunState::kSucceeded);
  for (const RunRow& row : {manual, refused, again, other})
    rows.push_back(row);
  this->ledger().record(rows);
  std::vector<TimePoint> expected;
  for (const RunRow& row : rows)
    if (row.key.task == TaskId{1} && row.trigger == Trigger::kSchedule && is_dealt_with(row))
      expected.push_back(row.key.nominal);
  EXPECT_EQ(expected.size(), kRunStates.size() - 8 + 2);
  EXPECT_EQ(this->ledger().dealt_with(TaskId{1}, second(0), second(90)), expected);
  const TimePoint first = expected.front();
  expected.erase(expected.begin());
  EXPECT_EQ(this->ledger().dealt_with(TaskId{1}, first, second(90)), expected);
  EXPECT_EQ(this->ledger().dealt_with(TaskId{1}, second(0), first), std::vector{first});
}

TYPED_TEST_P(RunLedgerSuite, ReplacingTasksKeepsPausesAndWatermarks) {
  std::vector<StoredTask> tasks{stored_task(1, "a"), stored_task(2, "b"), stored_task(3, "c")};
  this->tasks().replace_all(tasks, second(0));
  EXPECT_EQ(this->tasks().load(), tasks);
  const Pause pause{"broken feed", "bob", second(3)};
  this->tasks().set_pause(TaskId{1}, pause);
  this->tasks().set_pause(TaskId{9}, pause);
  this->ledger().claim(
      {{}, {}, {{TaskId{1}, second(7), second(8)}, {TaskId{2}, second(7), second(8)}}});
  tasks.pop_back();
  tasks[0].definition.parameters = "keep_days=1\n";
  tasks[1].definition.schedule = "every 5s";
  tasks.push_back(stored_task(4, "c"));  // a new task under a name that is free again
  this->tasks().replace_all(tasks, second(0));
  tasks[0].pause = pause;
  tasks[0].watermark = second(7);
  tasks[0].next_due = second(8);
  EXPECT_EQ(this->tasks().load(), tasks);
  this->tasks().set_pause(TaskId{1}, std::nullopt);
  EXPECT_EQ(this->tasks().load()[0].pause, std::nullopt);
}

TYPED_TEST_P(RunLedgerSuite, NamesMayChangePlaces) {
  this->tasks().replace_all(std::vector{stored_task(1, "a"), stored_task(2, "b")}, second(0));
  const std::vector<StoredTask> swapped{stored_task(1, "b"), stored_task(2, "a")};
  this->tasks().replace_all(swapped, second(0));
  EXPECT_EQ(this->tasks().load(), swapped);
}

TYPED_TEST_P(RunLedgerSuite, AChangedScheduleHasItsNextTime) {
  std::vector<StoredTask> tasks{stored_task(1, "a")};
  this->tasks().replace_all(tasks, second(0));
  tasks[0].definition.schedule = "every 5s";
  tasks[0].next_due = second(5);  // from the same watermark
  this->tasks().replace_all(tasks, second(1));
  EXPECT_EQ(this->tasks().load(), tasks);
}

REGISTER_TYPED_TEST_SUITE_P(
    RunLedgerSuite, ClaimsAndMovesWatermarksTogether, AnOccurrenceIsClaimedOnce, AnOutcomeIsFinal,
    KeepsEveryStateAndTrigger, AWaitingRunMayBegin, MissedOccurrencesShareARowThatGrows,
    AnswersByTaskLatestFirst, RemembersTheLastRunAndSuccessOfATask, PrunesFinishedRowsOnly,
    ReplacingTasksKeepsPausesAndWatermarks, NamesMayChangePlaces, AChangedScheduleHasItsNextTime,
    AnOccurrenceIsClaimedOnceInEachPass, RowsOfMissedOccurrencesOverlapInTwoPasses,
    TurningBackKeepsTheStepMovesWatermarksAndEndsRuns, AnswersWhichTimesAreNotToRunAgain);

}  // namespace systask::scheduler
