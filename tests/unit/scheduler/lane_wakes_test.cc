// What wakes the threads of a lane: each test first waits until they sleep.
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <future>
#include <latch>
#include <memory>
#include <thread>
#include <vector>

#include "base/check.h"
#include "base/clock.h"
#include "scheduler/lanes/lane.h"
#include "tests/support/asleep.h"

namespace systask::scheduler {
namespace {

using namespace std::chrono_literals;

// The threads of a lane, all of them asleep.
std::vector<pid_t> sleeping_threads(Lane& lane) {
  const std::size_t count = lane.threads();
  std::latch together{static_cast<std::ptrdiff_t>(count)};
  std::vector<pid_t> threads(count);
  std::vector<std::promise<void>> told(count);
  for (std::size_t i = 0; i < count; ++i)
    lane.submit({RunId{1000 + static_cast<std::int64_t>(i)}, [&, i] {
                   threads[i] = this_thread();
                   together.arrive_and_wait();
                   told[i].set_value();
                 }});
  for (auto& one : told)
    one.get_future().wait();
  for (const pid_t thread : threads)
    EXPECT_TRUE(falls_asleep(thread));
  return threads;
}

// A job that says that it has begun, and ends when it is let go. The lane's thread may look at it
// for a moment longer than the test does.
class Held {
 public:
  Job job(std::int64_t run, std::string_view task = {}) const {
    return {RunId{run},
            [shared = shared_] {
              shared->begun.set_value();
              shared->go.get_future().wait();
            },
            task};
  }
  bool begins() { return shared_->begun.get_future().wait_for(5s) == std::future_status::ready; }
  void let_go() { shared_->go.set_value(); }

 private:
  struct Shared {
    std::promise<void> begun;
    std::promise<void> go;
  };
  std::shared_ptr<Shared> shared_ = std::make_shared<Shared>();
};

// Nobody could end a thread that is never woken, nor the test.
void ends_soon(const std::future<void>& doing) {
  CHECK(doing.wait_for(5s) == std::future_status::ready, "nobody wakes a thread that waits");
}

// Likewise, of what another thread does without telling anybody.
void becomes_so(const std::function<bool()>& is_so) {
  const SystemClock clock;
  const auto end = clock.monotonic() + 5s;
  while (!is_so()) {
    CHECK(clock.monotonic() < end, "it does not become so, and nobody could stop");
    std::this_thread::yield();
  }
}

TEST(LaneWakes, AJobWakesAThread) {
  Lane lane{{.threads = 2, .queue_limit = 10}};
  sleeping_threads(lane);
  Held one;
  Held other;
  lane.submit(one.job(1));
  EXPECT_TRUE(one.begins());
  lane.submit(other.job(2));
  EXPECT_TRUE(other.begins());
  one.let_go();
  other.let_go();
}

TEST(LaneWakes, JobsTogetherWakeAsManyThreads) {
  Lane lane{{.threads = 3, .queue_limit = 10}};
  sleeping_threads(lane);
  std::vector<Held> held(3);
  std::vector<Job> jobs;
  for (std::size_t i = 0; i < held.size(); ++i)
    jobs.push_back(held[i].job(static_cast<std::int64_t>(i)));
  lane.submit_all(jobs);
  EXPECT_TRUE(held[0].begins() && held[1].begins() && held[2].begins());
  for (Held& one : held)
    one.let_go();
}

TEST(LaneWakes, AResumedLaneGoesOnWithWhatWaits) {
  Lane lane{{.threads = 2, .queue_limit = 10}};
  const std::vector<pid_t> threads = sleeping_threads(lane);
  lane.pause(true);
  Held one;
  Held other;
  lane.submit(one.job(1));
  lane.submit(other.job(2));
  for (const pid_t thread : threads)
    EXPECT_TRUE(falls_asleep(thread));
  EXPECT_EQ(lane.queued(), 2U);
  EXPECT_TRUE(lane.depth(1).paused);
  lane.pause(false);
  EXPECT_TRUE(one.begins() && other.begins()) << "each thread is needed";
  EXPECT_FALSE(lane.depth(1).paused);
  one.let_go();
  other.let_go();
}

TEST(LaneWakes, ALaneThatBecomesSmallerLetsSleepersGo) {
  Lane lane{{.threads = 3, .queue_limit = 10}};
  const std::vector<pid_t> threads = sleeping_threads(lane);
  lane.resize(1);
  std::size_t gone = 0;
  for (std::size_t i = 0; gone < 2 && i < 100'000; ++i) {
    gone = 0;
    for (const pid_t thread : threads)
      gone += rest_of(thread).empty() ? 1 : 0;
  }
  EXPECT_EQ(gone, 2U);
  EXPECT_EQ(lane.depth(1).configured, 3U);
  Held one;
  lane.submit(one.job(1));
  EXPECT_TRUE(one.begins());
  one.let_go();
}

TEST(LaneWakes, ALargerLaneBeginsWhatWaited) {
  Lane lane{{.threads = 1, .queue_limit = 10}};
  Held first;
  Held second;
  lane.submit(first.job(1));
  EXPECT_TRUE(first.begins());
  lane.submit(second.job(2));
  EXPECT_EQ(lane.queued(), 1U);
  lane.resize(2);
  EXPECT_TRUE(second.begins());
  first.let_go();
  second.let_go();
}

TEST(LaneWakes, StopWakesThreadsThatSleep) {
  Lane lane{{.threads = 2, .queue_limit = 10}};
  const std::vector<pid_t> threads = sleeping_threads(lane);
  auto stopping = std::async(std::launch::async, [&] { lane.stop(1h); });
  ends_soon(stopping);
  for (const pid_t thread : threads)
    EXPECT_TRUE(goes_away(thread));
}

TEST(LaneWakes, StopIsWokenByTheLastJobThatEnds) {
  Lane lane{{.threads = 2, .queue_limit = 10}};
  Held one;
  Held other;
  lane.submit(one.job(1));
  lane.submit(other.job(2));
  EXPECT_TRUE(one.begins() && other.begins());
  std::promise<pid_t> stopper;
  bool ended = false;
  auto stopping = std::async(std::launch::async, [&] {
    lane.close();
    stopper.set_value(this_thread());
    ended = lane.join(1h);
  });
  const pid_t thread = stopper.get_future().get();
  EXPECT_TRUE(falls_asleep(thread));
  one.let_go();
  EXPECT_TRUE(falls_asleep(thread));
  EXPECT_EQ(stopping.wait_for(0s), std::future_status::timeout) << "one still runs";
  other.let_go();
  ends_soon(stopping);
  EXPECT_TRUE(ended);
}

TEST(LaneWakes, AnAbandonedJobWakesWhoeverWaitsForTheEnd) {
  Lane lane{{.threads = 1, .queue_limit = 10}};
  Held hung;
  lane.submit(hung.job(1));
  EXPECT_TRUE(hung.begins());
  std::promise<pid_t> stopper;
  auto stopping = std::async(std::launch::async, [&] {
    lane.close();
    stopper.set_value(this_thread());
    lane.join(1h);
  });
  EXPECT_TRUE(falls_asleep(stopper.get_future().get()));
  EXPECT_TRUE(lane.abandon(RunId{1}));
  ends_soon(stopping);
  hung.let_go();
  while (lane.depth(1).abandoned > 0)
    std::this_thread::yield();
}

// Which thread has which attempt is chance: so it is tried more than once.
TEST(LaneWakes, OfTwoAttemptsOfOneRunTheLaterIsAbandoned) {
  for (int round = 0; round < 16; ++round) {
    Lane lane{{.threads = 2, .queue_limit = 10}};
    Held first;
    Held second;
    Held third;
    lane.submit(first.job(1));
    EXPECT_TRUE(first.begins());
    lane.submit(second.job(1));
    EXPECT_TRUE(second.begins());
    EXPECT_TRUE(lane.abandon(RunId{1}));
    EXPECT_EQ(lane.running(), 1U);
    lane.submit(third.job(2));
    EXPECT_TRUE(third.begins()) << "a fresh thread takes the place of the one given up";
    first.let_go();
    becomes_so([&] { return lane.running() == 1; });
    EXPECT_EQ(lane.depth(1).abandoned, 1U) << "the earlier one was not given up, and has ended";
    second.let_go();
    becomes_so([&] { return lane.depth(1).abandoned == 0; });
    third.let_go();
  }
}

TEST(LaneWakes, AJobThatHasEndedIsNotAbandoned) {
  Lane lane{{.threads = 1, .queue_limit = 10}};
  Held one;
  lane.submit(one.job(1));
  EXPECT_TRUE(one.begins());
  one.let_go();
  sleeping_threads(lane);  // its last job is another, and has ended too
  for (const std::int64_t run : {1, 1000})
    CHECK(!lane.abandon(RunId{run}),
          "a thread that is idle was given up: nobody could end the lane");
  EXPECT_EQ(lane.running(), 0U);
  EXPECT_EQ(lane.depth(1).abandoned, 0U);
}

TEST(LaneSets, StopClosesAllLanesBeforeItWaitsForAny) {
  LaneSet lanes{{{1, {.threads = 1, .queue_limit = 5}}, {2, {.threads = 1, .queue_limit = 5}}}};
  Held first;
  Held second;
  lanes.submit(1, first.job(1));
  lanes.submit(2, second.job(2));
  EXPECT_TRUE(first.begins() && second.begins());
  lanes.submit(1, {RunId{3}, [] { ADD_FAILURE() << "it began after the stop"; }});
  lanes.submit(2, {RunId{4}, [] { ADD_FAILURE() << "it began after the stop"; }});
  std::promise<pid_t> stopper;
  std::vector<RunId> not_begun;
  auto stopping = std::async(std::launch::async, [&] {
    stopper.set_value(this_thread());
    not_begun = lanes.stop(1h);
  });
  EXPECT_TRUE(falls_asleep(stopper.get_future().get()));
  second.let_go();  // while the first is waited for
  while (lanes.depths().at(1).running > 0)
    std::this_thread::yield();
  EXPECT_EQ(lanes.submit(2, {RunId{5}, [] {}}), Submitted::kStopped);
  first.let_go();
  ends_soon(stopping);
  EXPECT_EQ(not_begun, (std::vector{RunId{3}, RunId{4}}));
}

TEST(LaneSets, PassOrdersOnToTheLaneNamedOnly) {
  LaneSet lanes{{{1, {.threads = 1}}, {2, {.threads = 1}}}};
  lanes.pause(2, true);
  lanes.pause(3, true);
  EXPECT_FALSE(lanes.depths().at(0).paused);
  EXPECT_TRUE(lanes.depths().at(1).paused);
  EXPECT_TRUE(lanes.resize(2, 4));
  EXPECT_FALSE(lanes.resize(3, 4));
  EXPECT_EQ(lanes.depths().at(0).threads, 1U);
  EXPECT_EQ(lanes.depths().at(1).threads, 4U);
  Held held;
  lanes.submit(1, held.job(1));
  EXPECT_TRUE(held.begins());
  lanes.abandon(RunId{2});
  EXPECT_EQ(lanes.depths().at(0).abandoned, 0U);
  lanes.abandon(RunId{1});
  EXPECT_EQ(lanes.depths().at(0).abandoned, 1U);
  EXPECT_EQ(lanes.depths().at(1).abandoned, 0U);
  held.let_go();
  while (lanes.depths().at(0).abandoned > 0)
    std::this_thread::yield();
}

// What did not end in time: the answer says so, and nobody waits longer.
TEST(LaneSets, StopSaysNothingOfWhatStillRuns) {
  Held held;
  std::vector<RunId> not_begun{RunId{99}};
  {
    LaneSet lanes{{{1, {.threads = 1}}}};
    lanes.submit(1, held.job(1));
    EXPECT_TRUE(held.begins());
    not_begun = lanes.stop(1ms);
    EXPECT_EQ(lanes.depths().at(0).running, 1U);
    held.let_go();
    while (lanes.depths().at(0).running > 0)
      std::this_thread::yield();
  }
  EXPECT_TRUE(not_begun.empty());
}

}  // namespace
}  // namespace systask::scheduler
