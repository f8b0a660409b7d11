// What of failing tasks is told: the first, then now and then, then that they work again.
#include "scheduler/engine/failures.h"

#include <gtest/gtest.h>

namespace systask::scheduler {
namespace {

using namespace std::chrono_literals;
using Kind = Failures::News::Kind;

class FailuresTest : public testing::Test {
 protected:
  static std::shared_ptr<const TaskSpec> task(int id, bool alarm = false) {
    TaskSpec spec{.id = TaskId{id}, .name = "t" + std::to_string(id)};
    SpecialPolicies special;
    special.alarms.on_failure = alarm;
    spec.special_policies = std::make_shared<const SpecialPolicies>(std::move(special));
    return std::make_shared<const TaskSpec>(std::move(spec));
  }
  RunRow row(RunState state, int date = 20260522, Trigger trigger = Trigger::kSchedule) {
    RunRow row{.key = {start_, TaskId{1}}, .id = RunId{++last_}, .trigger = trigger};
    row.state = state;
    row.business_date = date;
    row.finished_at = start_ + std::chrono::duration_cast<Micros>(now_.time_since_epoch());
    row.detail = "why " + std::to_string(last_);
    return row;
  }
  std::optional<Failures::News> ended(int id, const RunRow& row, bool known = true) {
    return failures_.ended(task(id), row, known, now_);
  }

  const TimePoint start_ = from_rfc3339("2026-05-22T08:00:00Z").value();
  MonotonicPoint now_{1h};
  std::int64_t last_ = 0;
  Failures failures_;
};

TEST_F(FailuresTest, TellsTheFirstAndThatItWorksAgain) {
  EXPECT_FALSE(ended(1, row(RunState::kSucceeded)));
  const auto first = ended(1, row(RunState::kFailed));
  ASSERT_TRUE(first);
  EXPECT_EQ(first->kind, Kind::kFailed);
  EXPECT_TRUE(first->logged && first->alarmed);
  ASSERT_NE(failures_.find(TaskId{1}), nullptr);
  EXPECT_EQ(describe(*failures_.find(TaskId{1})),
            "run 2 of business date 20260522 failed at 2026-05-22T09:00:00Z: why 2");
  for (const RunState neutral :
       {RunState::kCancelled, RunState::kSkippedPaused, RunState::kCoalesced, RunState::kHeld})
    EXPECT_FALSE(ended(1, row(neutral))) << name_of(neutral);
  now_ += 30s;
  const auto again = ended(1, row(RunState::kSucceeded));
  ASSERT_TRUE(again);
  EXPECT_EQ(again->kind, Kind::kWorksAgain);
  EXPECT_TRUE(again->logged && again->alarmed);
  EXPECT_EQ(again->failure.reason, "why 2");
  EXPECT_EQ(failures_.find(TaskId{1}), nullptr);
  EXPECT_FALSE(ended(1, row(RunState::kSucceeded))) << "once";
}

TEST_F(FailuresTest, KnowsEveryWayToFail) {
  int id = 0;
  for (const auto& [state, name] : kRunStates) {
    const bool fails = state == RunState::kFailed || state == RunState::kTimedOut ||
                       state == RunState::kAbandoned || state == RunState::kLost ||
                       state == RunState::kRefused || state == RunState::kSkippedLaneFull;
    EXPECT_EQ(ended(++id, row(state)).has_value(), fails) << name;
  }
}

TEST_F(FailuresTest, FoldsWhatFailsEverySecondAndNothingOfWhatFailsEveryHour) {
  std::vector<int> told;
  for (int second = 0; second < 3'600; ++second, now_ += 1s)
    if (ended(1, row(RunState::kFailed))->logged) told.push_back(second);
  EXPECT_EQ(told, (std::vector<int>{0, 60, 180, 420, 900, 1500, 2100, 2700, 3300}));
  EXPECT_EQ(failures_.find(TaskId{1})->runs, 3'600);
  for (int hour = 0; hour < 5; ++hour, now_ += 1h)
    EXPECT_TRUE(ended(2, row(RunState::kFailed))->logged) << hour;
}

TEST_F(FailuresTest, TellsSoonerThatItFailsInAnotherWay) {
  ended(1, row(RunState::kFailed));
  now_ += 1min;
  EXPECT_TRUE(ended(1, row(RunState::kFailed))->logged) << "and two minutes of silence now";
  now_ += 1min;
  EXPECT_FALSE(ended(1, row(RunState::kFailed))->logged);
  EXPECT_TRUE(ended(1, row(RunState::kTimedOut))->logged);
  EXPECT_FALSE(ended(1, row(RunState::kFailed))->logged) << "not to and fro, each second";
}

TEST_F(FailuresTest, ThatComeAndGoAreFoldedToo) {
  std::vector<int> failed;
  std::vector<int> worked;
  std::vector<int> alarmed;
  for (int second = 0; second < 600; ++second, now_ += 1s) {
    const auto news = ended(1, row(second % 2 == 0 ? RunState::kFailed : RunState::kSucceeded));
    ASSERT_TRUE(news);
    if (news->logged) (second % 2 == 0 ? failed : worked).push_back(second);
    if (news->alarmed) alarmed.push_back(second);
  }
  EXPECT_EQ(failed, (std::vector<int>{0, 60, 180, 420}));
  EXPECT_EQ(worked, (std::vector<int>{1, 61, 181, 421}));
  EXPECT_EQ(alarmed, (std::vector<int>{0, 1, 60, 61, 180, 181, 420, 421}));
}

TEST_F(FailuresTest, WhatWasKeptBackIsToldWhenThePauseIsOver) {
  ended(1, row(RunState::kFailed));
  now_ += 1s;
  ended(1, row(RunState::kSucceeded));
  now_ += 1s;
  const auto news = ended(1, row(RunState::kFailed));
  EXPECT_FALSE(news->logged || news->alarmed);
  EXPECT_TRUE(failures_.overdue(now_).empty());
  now_ += 58s;
  const auto later = failures_.overdue(now_);
  ASSERT_EQ(later.size(), 1U) << "though no run of it has ended since";
  EXPECT_TRUE(later[0].logged && later[0].alarmed);
  EXPECT_EQ(later[0].failure.reason, "why 3");
  EXPECT_TRUE(failures_.overdue(now_ + 1h).empty());
}

TEST_F(FailuresTest, ThePausesAreForgottenWhenItHasWorkedForLong) {
  ended(1, row(RunState::kFailed));
  ended(1, row(RunState::kSucceeded));
  now_ += Failures::kLongestPause;
  EXPECT_TRUE(failures_.overdue(now_).empty());
  EXPECT_TRUE(ended(1, row(RunState::kFailed))->logged);
  now_ += 1min;
  EXPECT_TRUE(ended(1, row(RunState::kFailed))->logged) << "the first pause again";
}

TEST_F(FailuresTest, AlarmsOnceABusinessDate) {
  EXPECT_TRUE(ended(1, row(RunState::kFailed, 20260522))->alarmed);
  EXPECT_FALSE(ended(1, row(RunState::kFailed, 20260522))->alarmed);
  EXPECT_TRUE(ended(1, row(RunState::kFailed, 20260525))->alarmed);
  EXPECT_FALSE(ended(1, row(RunState::kFailed, 20260522))->alarmed) << "an older date";
}

TEST_F(FailuresTest, BoundsTheLinesOfAllTasksAndSaysHowManyItLeftOut) {
  const std::size_t most = Failures::kLinesAMinute;
  std::size_t logged = 0;
  for (int id = 1; id <= static_cast<int>(most) + 7; ++id)
    logged += ended(id, row(RunState::kFailed))->logged ? 1 : 0;
  EXPECT_EQ(logged, most);
  EXPECT_EQ(failures_.left_out(now_), 0U) << "the minute is not over";
  now_ += 1min;
  EXPECT_EQ(failures_.left_out(now_), 7U);
  EXPECT_EQ(failures_.left_out(now_), 0U);
  EXPECT_TRUE(ended(static_cast<int>(most) + 3, row(RunState::kFailed))->logged)
      << "one that was left out is told when it fails again";
  EXPECT_TRUE(failures_.overdue(now_).empty()) << "the sum of them was told";
}

TEST_F(FailuresTest, ABackfillAndAStrangerAreToldAndNotRemembered) {
  const auto backfill = ended(1, row(RunState::kFailed, 20260501, Trigger::kBackfill));
  ASSERT_TRUE(backfill);
  EXPECT_TRUE(backfill->logged);
  EXPECT_FALSE(backfill->alarmed);
  EXPECT_EQ(failures_.find(TaskId{1}), nullptr);
  EXPECT_TRUE(ended(2, row(RunState::kLost), false)->logged);
  EXPECT_EQ(failures_.find(TaskId{2}), nullptr);
  ended(3, row(RunState::kFailed));
  EXPECT_FALSE(ended(3, row(RunState::kSucceeded, 20260501, Trigger::kBackfill)));
  EXPECT_NE(failures_.find(TaskId{3}), nullptr);
}

TEST_F(FailuresTest, RecallsHowOftenAndSinceWhen) {
  std::vector<RunRow> latest_first;
  for (int run = 0; run < 3; ++run, now_ += 1min)
    latest_first.insert(latest_first.begin(), row(RunState::kFailed));
  const auto news = failures_.recall(task(1, true), latest_first);
  ASSERT_TRUE(news);
  EXPECT_TRUE(news->alarmed);
  EXPECT_FALSE(news->logged);
  EXPECT_EQ(describe(news->failure),
            "run 3 of business date 20260522 failed at 2026-05-22T09:02:00Z: why 3 (3 runs in a "
            "row, since 2026-05-22T09:00:00Z)");
  EXPECT_FALSE(failures_.recall(task(2), {}));
  EXPECT_TRUE(ended(1, row(RunState::kFailed))->logged) << "the first after a start is told";
}

TEST_F(FailuresTest, ForgetsTasksThatAreGoneAndFollowsTheirPolicies) {
  failures_.ended(task(1, true), row(RunState::kFailed), true, now_);
  failures_.ended(task(2, false), row(RunState::kFailed), true, now_);
  failures_.ended(task(3, true), row(RunState::kFailed), true, now_);
  ASSERT_EQ(failures_.alarms().size(), 2U);
  const auto changes = failures_.retain(
      [&](TaskId id) { return id == TaskId{1} ? nullptr : task(2 + (id == TaskId{3}), true); });
  ASSERT_EQ(changes.size(), 2U);
  EXPECT_FALSE(changes[0].raised) << "task 1 is gone";
  EXPECT_NE(changes[0].alarm.says.find("not watched"), std::string::npos);
  EXPECT_TRUE(changes[1].raised) << "task 2 has an alarm now";
  EXPECT_EQ(failures_.find(TaskId{1}), nullptr);
  EXPECT_EQ(failures_.alarms().size(), 2U);
}

TEST_F(FailuresTest, ShowsNoControlCharactersAndBoundsTheReason) {
  RunRow bad = row(RunState::kFailed);
  bad.detail = "\x1B[2Jforged\nline " + std::string(5'000, 'x') + " the end";
  ended(1, bad);
  const std::string& reason = failures_.find(TaskId{1})->reason;
  EXPECT_LE(reason.size(), Failures::kReasonBytes);
  EXPECT_TRUE(reason.starts_with("?[2Jforged | line x"));
  EXPECT_TRUE(reason.ends_with(" the end"));
}

}  // namespace
}  // namespace systask::scheduler
