// The small decisions of the engine, by table: overlap, retries, exclusive names, what is
// usual, and backfills.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "scheduler/engine/backfill.h"
#include "scheduler/engine/exclusive.h"
#include "scheduler/engine/overlap.h"
#include "scheduler/engine/retry.h"
#include "scheduler/engine/usual.h"

namespace systask::scheduler {
namespace {

using namespace std::chrono_literals;

TEST(Overlap, ByTable) {
  struct OverlapCase {
    Overlap overlap;
    Trigger trigger;
    Busyness busy;
    Admission expected;
  };
  constexpr auto kSchedule = Trigger::kSchedule;
  constexpr auto kEvent = Trigger::kEvent;
  const std::vector<OverlapCase> cases{
      {Overlap::kSkip, kSchedule, {0, 0}, Admission::kStart},
      {Overlap::kSkip, kSchedule, {1, 0}, Admission::kSkip},
      {Overlap::kSkip, kSchedule, {0, 1}, Admission::kSkip},  // held: one waits already
      {Overlap::kSkip, kEvent, {1, 0}, Admission::kWait},
      {Overlap::kSkip, kEvent, {1, 1}, Admission::kCoalesce},
      {Overlap::kSkip, kSchedule, {1, 0, true}, Admission::kReplace},  // a retry gives way
      {Overlap::kSkip, Trigger::kManual, {1, 0, true}, Admission::kSkip},
      {Overlap::kQueueOne, kSchedule, {1, 0}, Admission::kWait},
      {Overlap::kQueueOne, kSchedule, {1, 1}, Admission::kCoalesce},
      {Overlap::kQueueAll, kSchedule, {1, 7}, Admission::kWait},
      {Overlap::kQueueAll, kSchedule, {1, kQueueAllCap}, Admission::kSkip},
      {Overlap::kCancelOther, kSchedule, {0, 0}, Admission::kStart},
      {Overlap::kCancelOther, kSchedule, {1, 0}, Admission::kReplace},
      {Overlap::kCancelOther, kSchedule, {1, 1}, Admission::kReplace},
      {Overlap::kAllow, kSchedule, {2, 0}, Admission::kStart},
      {Overlap::kAllow, kSchedule, {3, 0}, Admission::kSkip},
      {Overlap::kAllow, kEvent, {3, 0}, Admission::kWait},
  };
  for (std::size_t i = 0; i < cases.size(); ++i) {
    TaskSpec spec;
    spec.overlap = cases[i].overlap;
    spec.at_once = 3;
    EXPECT_EQ(admission(spec, cases[i].trigger, cases[i].busy), cases[i].expected) << "case " << i;
  }
}

TEST(Retry, BacksOffUpToTheLongest) {
  const RetryPolicy policy{.times = 5, .backoff = 10s, .factor = 3, .longest = 60s};
  std::vector<Micros> delays;
  for (int retry = 0; retry < 4; ++retry)
    delays.push_back(retry_delay(policy, RunId{7}, retry));
  EXPECT_EQ(delays, (std::vector<Micros>{10s, 30s, 60s, 60s}));
}

TEST(Retry, JitterIsBoundedAndTheSameForTheSameRun) {
  const RetryPolicy policy{.times = 5, .backoff = 10s, .factor = 1, .longest = 60s, .jitter = 0.2};
  bool differs = false;
  for (int run = 1; run <= 200; ++run) {
    const Micros delay = retry_delay(policy, RunId{run}, 0);
    EXPECT_GE(delay, 8s);
    EXPECT_LE(delay, 12s);
    EXPECT_EQ(delay, retry_delay(policy, RunId{run}, 0));
    differs = differs || delay != retry_delay(policy, RunId{1}, 0);
  }
  EXPECT_TRUE(differs);
}

TEST(Retry, OnlyOfWhatFailedOrTimedOut) {
  const RetryPolicy policy{.times = 2};
  EXPECT_TRUE(is_retried(policy, Trigger::kSchedule, RunState::kFailed, 0));
  EXPECT_TRUE(is_retried(policy, Trigger::kManual, RunState::kTimedOut, 1));
  EXPECT_FALSE(is_retried(policy, Trigger::kSchedule, RunState::kFailed, 2));
  EXPECT_FALSE(is_retried(policy, Trigger::kEvent, RunState::kFailed, 0));
  for (const RunState state : {RunState::kRefused, RunState::kCancelled, RunState::kAbandoned,
                               RunState::kSucceeded, RunState::kSkippedLaneFull})
    EXPECT_FALSE(is_retried(policy, Trigger::kSchedule, state, 0)) << name_of(state);
}

TEST(ExclusiveNames, GiveTheNextInLineItsTurn) {
  ExclusiveNames names;
  const std::vector<std::string> a{"a"};
  const std::vector<std::string> b{"b"};
  const std::vector<std::string> both{"a", "b"};
  EXPECT_TRUE(names.enter(RunId{1}, a));
  EXPECT_FALSE(names.enter(RunId{2}, both));
  EXPECT_FALSE(names.enter(RunId{3}, b));  // free, but 2 has waited longer: it never starves
  EXPECT_EQ(names.holder(both), RunId{1});
  EXPECT_EQ(names.leave(RunId{1}), std::vector{RunId{2}});
  EXPECT_EQ(names.leave(RunId{2}), std::vector{RunId{3}});
  EXPECT_TRUE(names.leave(RunId{3}).empty());
  EXPECT_EQ(names.holder(both), RunId{});
}

TEST(ExclusiveNames, WhoLeavesTheLineStandsInNobodysWay) {
  ExclusiveNames names;
  const std::vector<std::string> a{"a"};
  const std::vector<std::string> b{"b"};
  const std::vector<std::string> both{"a", "b"};
  EXPECT_TRUE(names.enter(RunId{1}, a));
  EXPECT_FALSE(names.enter(RunId{2}, both));
  EXPECT_FALSE(names.enter(RunId{3}, b));
  EXPECT_EQ(names.leave(RunId{2}), std::vector{RunId{3}});
}

TEST(Usual, IsTheNinetyFifthPercentileOfTheLatestSuccesses) {
  std::vector<RunRow> rows;
  const TimePoint start = from_rfc3339("2026-05-22T08:30:00Z").value();
  EXPECT_EQ(usual_duration(rows), std::nullopt);
  for (int i = 1; i <= 30; ++i) {
    RunRow row{.state = i % 3 == 0 ? RunState::kFailed : RunState::kSucceeded};
    row.started_at = start;
    row.finished_at = start + std::chrono::seconds{i % 3 == 0 ? 1000 : i};
    rows.push_back(row);
  }
  // Twenty successes took 1, 2, 4, 5, ... 29 s; the nineteenth longest is 28 s.
  EXPECT_EQ(usual_duration(rows), 28s);
  EXPECT_EQ(overdue_after(28s), 84s);
  EXPECT_EQ(overdue_after(1ms), kOverdueAtLeast);
}

class BackfillTest : public testing::Test {
 protected:
  BackfillTest() {
    specs[0].name = "a";
    specs[1].name = "b";
    specs[1].after = {{"a"}};
    specs[2].name = "c";
    specs[2].after = {{"b", Predecessor::On::kAny}, {"elsewhere"}};
    for (int i = 0; i < 3; ++i)
      specs[static_cast<std::size_t>(i)].id = TaskId{i + 1};
  }
  Backfill make(int dates, int concurrency) {
    std::vector<Backfill::Instance> instances;
    for (int date = 1; date <= dates; ++date)
      instances.push_back(make_instance(date, {{&specs[0], {}}, {&specs[1], {}}, {&specs[2], {}}}));
    KeptBackfill backfill;
    backfill.concurrency = concurrency;
    return {std::move(backfill), std::move(instances)};
  }
  static std::string told(const std::vector<Backfill::Move>& moves) {
    std::string text;
    for (const Backfill::Move& move : moves)
      text += std::to_string(move.instance + 1) + "abc"[move.step] + (move.failed ? "! " : " ");
    return text;
  }
  static bool yes(const Predecessor&, int) { return true; }
  static void end(Backfill& backfill, int task, int date, RunState state) {
    const RunRow row{.key = {{}, TaskId{task}},
                     .id = RunId{100 * date + task},
                     .state = state,
                     .business_date = date,
                     .detail = "no disk"};
    backfill.ended(row, std::string(1, "abc"[task - 1]));
  }

  TaskSpec specs[3];
};

TEST_F(BackfillTest, StepsFollowEachOtherAndDatesAreBounded) {
  Backfill backfill = make(3, 2);
  EXPECT_EQ(told(backfill.advance(yes)), "1a 2a ");
  EXPECT_EQ(told(backfill.advance(yes)), "");
  end(backfill, 1, 1, RunState::kSucceeded);
  EXPECT_EQ(told(backfill.advance(yes)), "1b ");
  end(backfill, 2, 1, RunState::kFailed);  // c takes any outcome of it
  EXPECT_EQ(told(backfill.advance(yes)), "1c ");
  end(backfill, 3, 1, RunState::kSucceeded);
  EXPECT_EQ(told(backfill.advance(yes)), "3a ");
  EXPECT_EQ(backfill.status().done(), 3U);
  EXPECT_EQ(backfill.status().succeeded(), 2U);
}

TEST_F(BackfillTest, AFailedStepHoldsThoseThatNeedIt) {
  Backfill backfill = make(1, 1);
  EXPECT_EQ(told(backfill.advance(yes)), "1a ");
  end(backfill, 1, 1, RunState::kFailed);
  EXPECT_EQ(told(backfill.advance(yes)), "1b! ");
  end(backfill, 2, 1, RunState::kHeld);
  const auto no = [](const Predecessor&, int) { return false; };
  EXPECT_EQ(told(backfill.advance(no)), "");  // what is elsewhere is not done
  EXPECT_EQ(told(backfill.advance(yes)), "1c ");
  backfill.put_back(TaskId{3}, 1);  // could not be claimed
  EXPECT_EQ(told(backfill.advance(yes)), "1c ");
  EXPECT_FALSE(backfill.over());
  end(backfill, 3, 1, RunState::kSkippedStep);
  EXPECT_TRUE(backfill.over());
}

TEST_F(BackfillTest, OfADateTheFirstFailureIsKept) {
  Backfill backfill = make(1, 1);
  static_cast<void>(backfill.advance(yes));
  end(backfill, 1, 1, RunState::kFailed);
  static_cast<void>(backfill.advance(yes));
  end(backfill, 2, 1, RunState::kHeld);
  static_cast<void>(backfill.advance(yes));
  end(backfill, 3, 1, RunState::kTimedOut);
  EXPECT_EQ(backfill.record().dates[0].failure,
            (BackfillDate::Failure{RunId{101}, "a", RunState::kFailed, "no disk"}));
}

TEST_F(BackfillTest, CancelledItStartsNothingMore) {
  Backfill backfill = make(5, 1);
  EXPECT_EQ(told(backfill.advance(yes)), "1a ");
  backfill.cancel("bob");
  EXPECT_EQ(told(backfill.advance(yes)), "");
  EXPECT_FALSE(backfill.over());
  end(backfill, 1, 1, RunState::kCancelled);
  EXPECT_TRUE(backfill.over());
  EXPECT_EQ(backfill.status().state(), "cancelled");
  EXPECT_EQ(backfill.status().done(), 1U);
}

TEST_F(BackfillTest, TellsWhatCameOfEachDate) {
  Backfill backfill = make(2, 1);
  static_cast<void>(backfill.advance(yes));
  EXPECT_EQ(backfill.status().state(), "running");
  EXPECT_TRUE(backfill.take_changes(false).empty());
  end(backfill, 1, 1, RunState::kFailed);
  EXPECT_TRUE(backfill.take_changes(false).empty());  // the date is under way
  static_cast<void>(backfill.advance(yes));
  end(backfill, 2, 1, RunState::kHeld);
  static_cast<void>(backfill.advance(yes));
  end(backfill, 3, 1, RunState::kSucceeded);
  const auto changes = backfill.take_changes(false);
  ASSERT_EQ(changes.size(), 1U);
  EXPECT_EQ(changes[0].ended, 3U);
  EXPECT_EQ(changes[0].succeeded, 1U);
  EXPECT_EQ(changes[0].failure,
            (BackfillDate::Failure{RunId{101}, "a", RunState::kFailed, "no disk"}));
  EXPECT_EQ(outcome_of(changes[0], true), "failed");
  EXPECT_EQ(outcome_of(backfill.record().dates[1], true), "to come");
  EXPECT_EQ(outcome_of(backfill.record().dates[1], false), "not run");
  static_cast<void>(backfill.advance(yes));
  end(backfill, 1, 2, RunState::kSucceeded);
  EXPECT_EQ(backfill.take_changes(true).size(), 1U);  // the service stops
  EXPECT_TRUE(backfill.take_changes(true).empty());
  EXPECT_EQ(outcome_of(backfill.record().dates[1], false), "partly");
}

}  // namespace
}  // namespace systask::scheduler
