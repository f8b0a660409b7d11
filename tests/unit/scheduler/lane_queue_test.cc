// Which job of a lane begins next, without any thread.
#include "scheduler/lanes/lane_queue.h"

#include <gtest/gtest.h>

namespace systask::scheduler {
namespace {

Job job(std::int64_t run, std::string_view task = {}, std::string_view group = {}) {
  return {RunId{run}, [] {}, task, group};
}

std::int64_t begins(LaneQueue& queue) { return queue.take().job.run.value(); }

TEST(LaneQueue, OldestFirstAndNoMoreThanThreads) {
  LaneQueue queue{{.threads = 2, .queue_limit = 10}};
  EXPECT_FALSE(queue.has_startable());
  for (int run = 1; run <= 3; ++run)
    EXPECT_TRUE(queue.add(job(run)));
  EXPECT_EQ(queue.size(), 3U);
  const LaneQueue::Taken first = queue.take();
  EXPECT_EQ(first.job.run, RunId{1});
  EXPECT_EQ(begins(queue), 2);
  EXPECT_FALSE(queue.has_startable()) << "both threads are taken";
  EXPECT_EQ(queue.size(), 1U);
  queue.give_back(first.slot);
  EXPECT_EQ(begins(queue), 3);
}

TEST(LaneQueue, TheLimitIsOfThoseThatWait) {
  LaneQueue queue{{.threads = 2, .queue_limit = 1}};
  EXPECT_TRUE(queue.add(job(1)));
  EXPECT_TRUE(queue.add(job(2)));
  EXPECT_TRUE(queue.add(job(3)));
  EXPECT_FALSE(queue.add(job(4))) << "two threads are idle, and one may wait";
  const LaneQueue::Slot slot = queue.take().slot;
  EXPECT_FALSE(queue.add(job(4)));
  queue.give_back(slot);
  EXPECT_TRUE(queue.add(job(4)));
  EXPECT_FALSE(queue.add(job(5)));
}

TEST(LaneQueue, AReservedClassHasALimitAndThreadsOfItsOwn) {
  LaneQueue queue{{.threads = 3, .queue_limit = 1, .reserved = {{"recover", 1}}}};
  EXPECT_TRUE(queue.has_reserved());
  for (int run = 1; run <= 3; ++run)
    EXPECT_TRUE(queue.add(job(run, "other")));
  EXPECT_FALSE(queue.add(job(4, "other"))) << "two threads for all, and one may wait";
  for (int run = 11; run <= 14; ++run)
    EXPECT_TRUE(queue.add(job(run, "recover"))) << run;
  EXPECT_FALSE(queue.add(job(15, "recover"))) << "all three are idle for it";
  EXPECT_EQ(begins(queue), 1);
  EXPECT_EQ(begins(queue), 2);
  EXPECT_EQ(begins(queue), 11) << "the third thread is not for the third of the others";
  EXPECT_FALSE(queue.has_startable());
}

TEST(LaneQueue, WhatIsBeyondItsReservedThreadsStandsInLine) {
  LaneQueue queue{{.threads = 3, .queue_limit = 10, .reserved = {{"recover", 1}}}};
  for (const int run : {1, 2})
    queue.add(job(run, "recover"));
  queue.add(job(3, "other"));
  queue.add(job(4, "recover"));
  EXPECT_EQ(queue.take().slot.of, 1U);
  EXPECT_EQ(queue.take().slot.of, LaneQueue::kCommon) << "its own thread is taken";
  EXPECT_EQ(begins(queue), 3) << "which has waited longer than the last";
  EXPECT_FALSE(queue.has_startable());
}

TEST(LaneQueue, AThreadGivenBackIsOneOfItsKind) {
  LaneQueue queue{{.threads = 2, .queue_limit = 10, .reserved = {{"recover", 1}}}};
  queue.add(job(1, "recover"));
  queue.add(job(2, "other"));
  queue.add(job(3, "other"));
  queue.add(job(4, "recover"));
  const LaneQueue::Taken own = queue.take();
  const LaneQueue::Taken common = queue.take();
  EXPECT_EQ(common.job.run, RunId{2});
  EXPECT_LT(own.slot.ticket, common.slot.ticket);
  queue.give_back(own.slot);
  EXPECT_EQ(begins(queue), 4) << "the other waits for a thread for all";
  queue.give_back(common.slot);
  EXPECT_EQ(begins(queue), 3);
}

TEST(LaneQueue, AGroupHasThreadsWhereTheTaskHasNone) {
  LaneQueue queue{{.threads = 3, .queue_limit = 10, .reserved = {{"day", 1}, {"turn", 1}}}};
  queue.add(job(1, "roll", "day"));
  EXPECT_EQ(queue.take().slot.of, 1U);
  queue.add(job(2, "turn", "day"));
  EXPECT_EQ(queue.take().slot.of, 2U) << "the task's own come before its group's";
  queue.add(job(3, "other", "none"));
  EXPECT_EQ(queue.take().slot.of, LaneQueue::kCommon);
}

TEST(LaneQueue, HasOneThreadMoreThanAreReserved) {
  LaneQueue queue{{.threads = 3, .queue_limit = 10, .reserved = {{"recover", 2}}}};
  EXPECT_EQ(queue.threads(), 3U);
  queue.resize(1);
  EXPECT_EQ(queue.threads(), 3U);
  queue.resize(5);
  EXPECT_EQ(queue.threads(), 5U);
  LaneQueue plain{{.threads = 4}};
  EXPECT_FALSE(plain.has_reserved());
  plain.resize(0);
  EXPECT_EQ(plain.threads(), 1U);
}

TEST(LaneQueue, SmallerThanWhatRunsItBeginsNothing) {
  LaneQueue queue{{.threads = 3, .queue_limit = 10}};
  for (int run = 1; run <= 4; ++run)
    queue.add(job(run));
  const LaneQueue::Slot first = queue.take().slot;
  const LaneQueue::Slot second = queue.take().slot;
  queue.resize(1);
  EXPECT_FALSE(queue.has_startable());
  queue.give_back(first);
  EXPECT_FALSE(queue.has_startable());
  queue.give_back(second);
  EXPECT_EQ(begins(queue), 3);
}

TEST(LaneQueue, ClearedItGivesAllThatWaitAndNothingElse) {
  LaneQueue queue{{.threads = 2, .queue_limit = 10, .reserved = {{"recover", 1}}}};
  queue.add(job(1));
  queue.add(job(2));
  queue.add(job(3, "recover"));
  queue.take();
  EXPECT_EQ(queue.clear().size(), 2U);
  EXPECT_EQ(queue.size(), 0U);
  EXPECT_TRUE(queue.clear().empty());
}

}  // namespace
}  // namespace systask::scheduler
