#include "scheduler/lanes/lane.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <latch>

namespace systask::scheduler {
namespace {

using namespace std::chrono_literals;

TEST(Lane, RunsEveryJobOnItsThreads) {
  std::atomic<int> ran = 0;
  std::latch all{100};
  Lane lane{{.threads = 4, .queue_limit = 100}};
  for (int i = 0; i < 100; ++i)
    ASSERT_EQ(lane.submit({RunId{i},
                           [&] {
                             ++ran;
                             all.count_down();
                           }}),
              Submitted::kYes);
  all.wait();
  EXPECT_TRUE(lane.stop(10s).empty());
  EXPECT_EQ(ran, 100);
}

TEST(Lane, AFullLaneSaysSoAndAStoppedOneToo) {
  std::promise<void> go;
  std::shared_future<void> gone = go.get_future().share();
  std::latch begun{1};
  Lane lane{{.threads = 1, .queue_limit = 1}};
  ASSERT_EQ(lane.submit({RunId{1},
                         [&] {
                           begun.count_down();
                           gone.wait();
                         }}),
            Submitted::kYes);
  begun.wait();
  EXPECT_EQ(lane.submit({RunId{2}, [] {}}), Submitted::kYes);
  EXPECT_EQ(lane.submit({RunId{3}, [] {}}), Submitted::kFull);
  EXPECT_EQ(lane.queued(), 1U);
  EXPECT_EQ(lane.running(), 1U);
  const std::vector<RunId> not_begun = lane.close();
  EXPECT_EQ(not_begun, std::vector{RunId{2}});
  EXPECT_EQ(lane.submit({RunId{4}, [] {}}), Submitted::kStopped);
  go.set_value();
  EXPECT_TRUE(lane.join(10s));
  EXPECT_TRUE(lane.stop(10s).empty());
}

TEST(Lane, StopGivesUpOnAJobThatHangs) {
  std::promise<void> go;
  std::promise<void> ended;
  std::latch begun{1};
  {
    Lane lane{{.threads = 2, .queue_limit = 10}};
    lane.submit({RunId{1}, [&] {
                   begun.count_down();
                   go.get_future().wait();
                   ended.set_value();
                 }});
    begun.wait();
    EXPECT_TRUE(lane.stop(1ms).empty());
    EXPECT_EQ(lane.running(), 1U);
  }
  go.set_value();
  ended.get_future().wait();
}

TEST(LaneSet, KeepsPrioritiesApart) {
  std::promise<void> go;
  std::promise<void> urgent;
  std::latch begun{1};
  LaneSet lanes{{{1, {.threads = 1}}, {2, {.threads = 1}}}};
  lanes.submit(2, {RunId{1}, [&] {
                     begun.count_down();
                     go.get_future().wait();
                   }});
  begun.wait();
  lanes.submit(2, {RunId{2}, [] {}});
  lanes.submit(1, {RunId{3}, [&] { urgent.set_value(); }});
  urgent.get_future().wait();  // lane 2 is taken, and lane 1 goes on
  EXPECT_EQ(lanes.submit(3, {RunId{4}, [] {}}), Submitted::kNoSuchLane);
  EXPECT_EQ(lanes.depths().at(1).queued, 1U);
  auto stopping = std::async(std::launch::async, [&] { return lanes.stop(10s); });
  go.set_value();
  const std::vector<RunId> not_begun = stopping.get();
  // The second job began if the first ended before stop() closed the lane.
  EXPECT_LE(not_begun.size(), 1U);
}

}  // namespace
}  // namespace systask::scheduler
