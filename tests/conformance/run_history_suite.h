// What every RunHistory must do, whatever keeps the rows. A Fixture is default-constructible,
// empty, and has ledger(), tasks() and history(), which read and write the same rows.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

#include "scheduler/ports/run_history.h"
#include "tests/conformance/run_ledger_suite.h"

namespace systask::scheduler {

template <class Fixture>
class RunHistorySuite : public testing::Test {
 protected:
  RunLedger& ledger() { return fixture_.ledger(); }
  TaskStore& tasks() { return fixture_.tasks(); }
  RunHistory& history() { return fixture_.history(); }
  void record(const RunRow& row) { ledger().record(std::span{&row, 1}); }

  // A run of the task for that second; by another trigger its key is its id.
  static RunRow run(int task, int nominal, int id, RunState state,
                    Trigger trigger = Trigger::kSchedule) {
    RunRow row = ended(claimed_run(task, nominal, id), state);
    row.trigger = trigger;
    if (trigger != Trigger::kSchedule) row.key.key = id;
    if (state == RunState::kSkippedPaused) row.started_at.reset();
    return row;
  }
  std::vector<int> ids(const HistoryQuery& query) {
    std::vector<int> found;
    for (const RunRow& row : history().page(query).rows)
      found.push_back(static_cast<int>(row.id.value()));
    return found;
  }

  Fixture fixture_;
};
TYPED_TEST_SUITE_P(RunHistorySuite);

using Ids = std::vector<int>;

TYPED_TEST_P(RunHistorySuite, FindsByOutcomeTriggerTaskAndTime) {
  this->record(this->run(1, 0, 1, RunState::kSucceeded));
  this->record(this->run(1, 10, 2, RunState::kFailed));
  this->record(this->run(2, 10, 3, RunState::kSucceeded, Trigger::kManual));
  this->record(this->run(2, 20, 4, RunState::kTimedOut));
  this->record(this->run(3, 30, 5, RunState::kSkippedPaused));
  this->ledger().claim({{claimed_run(1, 40, 6)}, {}, {}});

  EXPECT_EQ(this->ids({}), (Ids{6, 5, 4, 3, 2, 1}));
  EXPECT_EQ(this->ids({.states = {RunState::kFailed, RunState::kTimedOut}}), (Ids{4, 2}));
  EXPECT_EQ(this->ids({.states = {RunState::kSucceeded}}), (Ids{3, 1}));
  EXPECT_EQ(this->ids({.states = {RunState::kClaimed}}), (Ids{6}));
  EXPECT_EQ(this->ids({.triggers = {Trigger::kManual}}), (Ids{3}));
  EXPECT_EQ(this->ids({.triggers = {Trigger::kSchedule, Trigger::kManual}}),
            (Ids{6, 5, 4, 3, 2, 1}));
  EXPECT_EQ(this->ids({.tasks = std::vector{TaskId{1}, TaskId{3}}}), (Ids{6, 5, 2, 1}));
  EXPECT_EQ(this->ids({.tasks = std::vector<TaskId>{}}), Ids{});
  EXPECT_EQ(this->ids({.since = second(10), .until = second(30)}), (Ids{4, 3, 2}));
  EXPECT_EQ(this->ids({.tasks = std::vector{TaskId{2}}, .states = {RunState::kFailed}}), Ids{});
}

TYPED_TEST_P(RunHistorySuite, ADateOfLongAgoThatRanTodayIsFoundByItsStart) {
  RunRow old = this->run(1, -86'400, 9, RunState::kFailed, Trigger::kBackfill);
  old.claimed_at = *(old.started_at = second(15));
  old.finished_at = second(16);
  this->record(old);
  RunRow late = this->run(1, 0, 3, RunState::kSucceeded);
  late.started_at = second(300);
  late.finished_at = second(301);
  this->record(late);
  this->record(this->run(1, 10, 4, RunState::kSucceeded));
  RunRow waited = this->run(1, 12, 5, RunState::kSucceeded);
  waited.started_at = second(20);
  waited.finished_at = second(21);
  this->record(waited);
  this->record(this->run(1, 14, 6, RunState::kSucceeded));

  EXPECT_EQ(this->ids({.since = second(0)}), (Ids{6, 5, 4, 3}));
  EXPECT_EQ(this->ids({.order = RunOrder::kStarted, .since = second(0)}), (Ids{3, 5, 9, 6, 4}));
  EXPECT_EQ(this->ids({.order = RunOrder::kStarted, .since = second(11), .until = second(21)}),
            (Ids{5, 9, 6}));
}

TYPED_TEST_P(RunHistorySuite, UsualRunsAreLeftOutButOfSomeTasks) {
  int id = 0;
  for (int n = 0; n < 20; ++n)
    for (const int task : {1, 2})
      this->record(this->run(task, n, ++id, n == 7 ? RunState::kFailed : RunState::kSucceeded));
  this->record(this->run(3, 5, 100, RunState::kSucceeded));
  EXPECT_EQ(this->ids({.usual_of = std::vector{TaskId{3}}}), (Ids{16, 15, 100}));
  EXPECT_EQ(this->ids({.usual_of = std::vector<TaskId>{}}), (Ids{16, 15}));
  const std::vector<TaskId> tasks{TaskId{1}, TaskId{2}, TaskId{9}};
  const auto tallies = this->history().tally(tasks, second(5), second(15));
  EXPECT_EQ(tallies, (std::vector<RunTally>{{TaskId{1}, 9, false, second(5), second(14)},
                                            {TaskId{2}, 9, false, second(5), second(14)}}));
  EXPECT_TRUE(this->history().tally(tasks, second(7), second(8)).empty());
}

// Every order, page by page, against one sort of all rows: many rows of one time, starts that
// change places, and runs that waited for longer than any slack.
TYPED_TEST_P(RunHistorySuite, PagesGoOnWhereTheLastOneEnded) {
  std::mt19937 random{7};
  std::vector<RunRow> all;
  for (int id = 1; id <= 3'000; ++id) {
    const int task = 1 + id % 5;
    RunRow row =
        this->run(task, id / 10, id, random() % 9 == 0 ? RunState::kFailed : RunState::kSucceeded,
                  random() % 7 == 0 ? Trigger::kManual : Trigger::kSchedule);
    row.last_nominal = row.key.nominal += Micros{id % 10 / 5};
    const auto wait = std::chrono::seconds{random() % 40 == 0 ? 4'000 : random() % 50};
    row.started_at = row.key.nominal + wait;
    row.finished_at = *row.started_at + Micros{5};
    all.push_back(row);
  }
  this->ledger().record(all);
  for (const RunOrder by : {RunOrder::kNominal, RunOrder::kStarted})
    for (const bool some : {false, true}) {
      HistoryQuery query{.order = by, .limit = 137};
      if (some) query.tasks = std::vector{TaskId{2}, TaskId{4}};
      std::vector<RunRow> wanted = all;
      if (some) std::erase_if(wanted, [](const RunRow& row) { return row.key.task.value() % 2; });
      std::ranges::sort(wanted, std::ranges::greater{}, [by](const RunRow& row) {
        return RunCursor{ordered_by(by, row), row.id};
      });
      std::vector<RunRow> found;
      do {
        HistoryPage page = this->history().page(query);
        ASSERT_LE(page.rows.size(), query.limit);
        found.insert(found.end(), page.rows.begin(), page.rows.end());
        query.after = page.next;
      } while (query.after);
      EXPECT_EQ(found, wanted) << static_cast<int>(by) << some;
    }
}

TYPED_TEST_P(RunHistorySuite, KeepsWhatARunWasGivenUntilItIsDropped) {
  RunRow asked = claimed_run(1, 0, 7);
  asked.trigger = Trigger::kManual;
  asked.key.key = 7;
  this->ledger().claim({{asked}, {}, {}, {{RunId{7}, "see ticket 9", {{"date", "a=b\nc"}}}}});
  EXPECT_EQ(this->history().given(RunId{7}),
            (RunGiven{RunId{7}, "see ticket 9", {{"date", "a=b\nc"}}}));
  EXPECT_EQ(this->history().given(RunId{8}), std::nullopt);
  this->record(ended(asked, RunState::kFailed));
  EXPECT_EQ(this->ledger().prune(second(1), 10), 1U);
  EXPECT_EQ(this->history().given(RunId{7}), std::nullopt);
}

TYPED_TEST_P(RunHistorySuite, KnowsWhatATaskWasAndThoseThatAreGone) {
  StoredTask first = stored_task(1, "report");
  this->tasks().replace_all(std::vector{first, stored_task(2, "b")}, second(0));
  StoredTask renamed = first;
  renamed.definition.name = "night-report";
  renamed.definition.parameters = "keep_days=7\n";
  this->tasks().replace_all(std::vector{renamed, stored_task(2, "b")}, second(10));
  this->tasks().replace_all(std::vector{stored_task(2, "b")}, second(20));

  EXPECT_EQ(this->history().task_at(TaskId{1}, second(5)), first.definition);
  EXPECT_EQ(this->history().task_at(TaskId{1}, second(15)), renamed.definition);
  EXPECT_EQ(this->history().task_at(TaskId{1}, second(25)), std::nullopt);
  EXPECT_EQ(this->history().task_at(TaskId{2}, second(5)), stored_task(2, "b").definition);
  EXPECT_EQ(this->history().former_tasks(10), std::vector{renamed.definition});
  EXPECT_TRUE(this->history().former_tasks(0).empty());
  // It comes back, and is no longer one that is gone.
  this->tasks().replace_all(std::vector{first, stored_task(2, "b")}, second(30));
  EXPECT_TRUE(this->history().former_tasks(10).empty());
}

REGISTER_TYPED_TEST_SUITE_P(RunHistorySuite, FindsByOutcomeTriggerTaskAndTime,
                            ADateOfLongAgoThatRanTodayIsFoundByItsStart,
                            UsualRunsAreLeftOutButOfSomeTasks, PagesGoOnWhereTheLastOneEnded,
                            KeepsWhatARunWasGivenUntilItIsDropped,
                            KnowsWhatATaskWasAndThoseThatAreGone);

}  // namespace systask::scheduler
