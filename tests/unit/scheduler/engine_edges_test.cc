// The edges of what the engine decides: exactly as many, exactly as late, exactly as often.
#include <gtest/gtest.h>

#include <stdexcept>

#include "scheduler/engine/batch_queue.h"
#include "scheduler/engine/due.h"
#include "scheduler/engine/exclusive.h"
#include "scheduler/engine/overlap.h"
#include "scheduler/engine/retry.h"
#include "scheduler/engine/usual.h"

namespace systask::scheduler {
namespace {

using namespace std::chrono_literals;

TimePoint later(Micros by) { return from_rfc3339("2026-05-22T08:30:00Z").value() + by; }

// What becomes of occurrences every ten seconds: "run 10", "coalesced x1 run 20".
struct Found {
  Micros now;
  Coalesce coalesce = Coalesce::kLatest;
  std::uint16_t cap = 100;
  LatePolicy late = {24h, LatePolicy::Otherwise::kRun};
  std::vector<Hold> holds = {};
};

std::string fate(const Found& found) {
  TaskSpec spec;
  spec.timetable = parse_every_schedule("10s").value();
  spec.late = found.late;
  spec.coalesce = found.coalesce;
  spec.coalesce_cap = found.cap;
  const DueDecision decision = decide_due({spec, later(0s), later(found.now), found.holds});
  std::string text;
  for (const Missed& missed : decision.missed)
    text += std::string{name_of(missed.state)} + " x" + std::to_string(missed.count) + " ";
  for (const DueRun& run : decision.runs)
    text += "run " + std::to_string((run.nominal - later(0s)) / 1s) + " ";
  return text;
}

Hold window(Micros from, Micros to) {
  return {HoldId{1}, Target::task("a"), later(from), later(to), "upgrade", "bob", later(-60s)};
}

TEST(DueEdges, ExactlyTwoAreSeveral) {
  EXPECT_EQ(fate({.now = 20s}), "coalesced x1 run 20 ");
  EXPECT_EQ(fate({.now = 20s, .coalesce = Coalesce::kFirst}), "coalesced x1 run 10 ");
  EXPECT_EQ(fate({.now = 20s, .coalesce = Coalesce::kNone}), "skipped_late x2 ");
  EXPECT_EQ(fate({.now = 20s, .coalesce = Coalesce::kAll}), "run 10 run 20 ");
  EXPECT_EQ(fate({.now = 20s - 1us}), "run 10 ");
  EXPECT_EQ(fate({.now = 10s - 1us}), "");
}

TEST(DueEdges, AsManyAsTheCapAllRun) {
  EXPECT_EQ(fate({.now = 30s, .coalesce = Coalesce::kAll, .cap = 3}), "run 10 run 20 run 30 ");
  EXPECT_EQ(fate({.now = 40s, .coalesce = Coalesce::kAll, .cap = 3}),
            "coalesced x1 run 20 run 30 run 40 ");
  EXPECT_EQ(fate({.now = 20s, .coalesce = Coalesce::kAll, .cap = 1}), "coalesced x1 run 20 ");
}

TEST(DueEdges, ExactlyAsLateAsAllowedIsInTime) {
  constexpr LatePolicy kStrict{5s, LatePolicy::Otherwise::kSkip};
  EXPECT_EQ(fate({.now = 15s, .late = kStrict}), "run 10 ");
  EXPECT_EQ(fate({.now = 15s + 1us, .late = kStrict}), "skipped_late x1 ");
  EXPECT_EQ(fate({.now = 25s, .late = kStrict}), "skipped_late x1 run 20 ");
  EXPECT_EQ(fate({.now = 25s + 1us, .late = kStrict}), "skipped_late x2 ");
}

TEST(DueEdges, AWindowHoldsFromItsFirstToBeforeItsLastInstant) {
  EXPECT_EQ(fate({.now = 25s, .holds = {window(10s, 20s)}}), "skipped_window x1 run 20 ");
  EXPECT_EQ(fate({.now = 25s, .holds = {window(10s + 1us, 20s)}}), "coalesced x1 run 20 ");
  EXPECT_EQ(fate({.now = 25s, .holds = {window(10s, 20s + 1us)}}), "skipped_window x2 ");
  EXPECT_EQ(fate({.now = 20s, .holds = {window(15s, 20s)}}), "coalesced x1 run 20 ");
  EXPECT_EQ(fate({.now = 20s, .holds = {window(20s, 30s)}}), "skipped_window x2 ");
}

TEST(OverlapEdges, OfAQueueAndOfManyAtOnce) {
  const auto decided = [](Overlap overlap, Trigger trigger, Busyness busy) {
    TaskSpec spec;
    spec.overlap = overlap;
    spec.at_once = 3;
    return admission(spec, trigger, busy);
  };
  constexpr auto kSchedule = Trigger::kSchedule;
  EXPECT_EQ(decided(Overlap::kQueueAll, kSchedule, {1, kQueueAllCap - 1}), Admission::kWait);
  EXPECT_EQ(decided(Overlap::kQueueAll, kSchedule, {1, kQueueAllCap}), Admission::kSkip);
  EXPECT_EQ(decided(Overlap::kAllow, kSchedule, {2, 0}), Admission::kStart);
  EXPECT_EQ(decided(Overlap::kAllow, kSchedule, {2, 1}), Admission::kSkip)
      << "what waits is not overtaken";
  EXPECT_EQ(decided(Overlap::kAllow, Trigger::kEvent, {3, 1}), Admission::kCoalesce);
  EXPECT_EQ(decided(Overlap::kQueueOne, Trigger::kManual, {1, 0}), Admission::kWait);
  EXPECT_EQ(decided(Overlap::kSkip, Trigger::kManual, {1, 0}), Admission::kSkip);
  EXPECT_EQ(decided(Overlap::kSkip, Trigger::kManual, {0, 0}), Admission::kStart);
  EXPECT_EQ(decided(Overlap::kCancelOther, Trigger::kEvent, {1, 0}), Admission::kWait);
  EXPECT_EQ(decided(Overlap::kSkip, kSchedule, {1, 1, true}), Admission::kSkip)
      << "one waits already for the retry to give way";
}

TEST(RetryEdges, ADelayNeverExceedsTheLongest) {
  const RetryPolicy policy{.times = 9, .backoff = 60s, .factor = 2, .longest = 60s, .jitter = 0.5};
  Micros least = 60s;
  for (int run = 1; run <= 100; ++run) {
    const Micros delay = retry_delay(policy, RunId{run}, run % 3);
    EXPECT_LE(delay, 60s);
    EXPECT_GE(delay, 30s);
    least = std::min(least, delay);
  }
  EXPECT_LT(least, 45s);
  EXPECT_EQ(retry_delay({.times = 1, .backoff = 10s, .factor = 2, .longest = 1h}, RunId{1}, 0), 10s)
      << "the first retry waits for the backoff itself";
}

TEST(ExclusiveEdges, WhoWantsOtherNamesIsNotHeldUp) {
  ExclusiveNames names;
  const std::vector<std::string> a{"a"};
  const std::vector<std::string> b{"b"};
  const std::vector<std::string> both{"a", "b"};
  EXPECT_TRUE(names.enter(RunId{1}, a));
  EXPECT_TRUE(names.enter(RunId{2}, b));
  EXPECT_FALSE(names.enter(RunId{3}, both));
  EXPECT_TRUE(names.leave(RunId{1}).empty()) << "of two names one is still taken";
  EXPECT_EQ(names.holder(a), RunId{}) << "nobody holds a half";
  EXPECT_EQ(names.leave(RunId{2}), std::vector{RunId{3}});
  EXPECT_EQ(names.holder(b), RunId{3});
}

TEST(ExclusiveEdges, TheLineIsKeptWhenNamesComeFree) {
  ExclusiveNames names;
  const std::vector<std::string> a{"a"};
  const std::vector<std::string> b{"b"};
  const std::vector<std::string> both{"a", "b"};
  EXPECT_TRUE(names.enter(RunId{1}, a));
  EXPECT_TRUE(names.enter(RunId{2}, b));
  EXPECT_FALSE(names.enter(RunId{3}, both));
  EXPECT_FALSE(names.enter(RunId{4}, a));
  EXPECT_TRUE(names.leave(RunId{1}).empty())
      << "the third waits for both, and the fourth behind it";
  EXPECT_EQ(names.leave(RunId{2}), std::vector{RunId{3}});
  EXPECT_EQ(names.leave(RunId{3}), std::vector{RunId{4}});
}

TEST(UsualEdges, IsKnownFromTheFewestSuccessesOnAndOfTheLatestOnly) {
  std::vector<RunRow> rows;
  const auto add = [&](Micros took) {
    RunRow row{.state = RunState::kSucceeded};
    row.started_at = later(0s);
    row.finished_at = later(took);
    rows.push_back(row);
  };
  for (std::size_t i = 0; i + 1 < kFewestSuccesses; ++i)
    add(1s);
  EXPECT_EQ(usual_duration(rows), std::nullopt);
  add(1s);
  EXPECT_EQ(usual_duration(rows), 1s);
  while (rows.size() < kUsualSuccesses)
    add(1s);
  for (std::size_t i = 0; i < 10 * kUsualSuccesses; ++i)
    add(1h);  // long ago
  EXPECT_EQ(usual_duration(rows), 1s);
}

// Rows that a ledger takes or refuses.
class BatchEdges : public testing::Test {
 protected:
  using Queue = BatchQueue<int, int>;
  void write(std::span<const int> rows) {
    if (down) throw std::runtime_error("the disk is full");
    for (const int row : rows)
      if (row == poison) throw std::runtime_error("a row that nobody can take");
    if (during) std::exchange(during, {})();
    written.insert(written.end(), rows.begin(), rows.end());
  }

  bool down = false;
  int poison = 0;
  std::function<void()> during;
  std::vector<int> written;
  std::vector<int> told;
  Queue queue{[this](std::span<const int> rows) { write(rows); },
              [this](const Queue::Batch& batch) {
                told.insert(told.end(), batch.marks.begin(), batch.marks.end());
              }};
};

TEST_F(BatchEdges, WhatCouldNotBeWrittenIsWrittenLaterAndInItsOrder) {
  down = true;
  queue.push(1, 1);
  queue.push(2, 2);
  EXPECT_TRUE(written.empty() && told.empty());
  queue.flush();
  EXPECT_TRUE(told.empty());
  down = false;
  queue.push(3, 3);
  EXPECT_EQ(written, (std::vector{1, 2, 3}));
  EXPECT_EQ(told, (std::vector{1, 2, 3}));
  queue.flush();
  EXPECT_EQ(written.size(), 3U) << "each once";
}

TEST_F(BatchEdges, ARowThatNobodyCanTakeHoldsUpNoOther) {
  poison = 11;
  during = [this] {
    for (int row = 10; row <= 12; ++row)
      queue.push(row, row);
  };
  queue.push(1, 1);
  EXPECT_EQ(written, (std::vector{1, 10, 12}));
  EXPECT_EQ(told, (std::vector{1, 10, 12, 11})) << "its owner is told that it is given up";
  queue.push(2, 2);
  EXPECT_EQ(written.back(), 2);
}

TEST_F(BatchEdges, WhatComesWhileAWriteFailsStaysBehindIt) {
  poison = 1;
  queue.push(1, 1);  // alone: none can be written, so it is kept
  EXPECT_TRUE(told.empty());
  queue.push(2, 2);
  EXPECT_EQ(written, std::vector{2});
  EXPECT_EQ(told, (std::vector{2, 1})) << "now others can be written, and it cannot";
}

}  // namespace
}  // namespace systask::scheduler
