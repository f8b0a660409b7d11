#include "scheduler/engine/kept_run.h"

#include <gtest/gtest.h>

#include <limits>

namespace systask::scheduler {
namespace {

TEST(KeptRun, IsNoneWhereThereWasNone) {
  EXPECT_FALSE(KeptRun{});
  EXPECT_TRUE(KeptRun{RunRow{}});
}

TEST(KeptRun, IsTheRowItWas) {
  const TimePoint due = from_rfc3339("2026-05-22T08:30:00Z").value();
  const RunRow bare{.key = {due, TaskId{7}}, .id = RunId{70}, .last_nominal = due};
  EXPECT_EQ(KeptRun{bare}.row(TaskId{7}), bare);
  const RunRow full{.key = {due, TaskId{7}, 71},
                    .id = RunId{71},
                    .trigger = Trigger::kManual,
                    .state = RunState::kSkippedStep,
                    .business_date = 20260522,
                    .attempt = 3,
                    .last_nominal = due + Micros{5},
                    .count = 4,
                    .claimed_at = due + Micros{1},
                    .started_at = due + Micros{2},
                    .finished_at = due + Micros{3},
                    .detail = "no \"disk\"",
                    .actor = "alice"};
  EXPECT_EQ(KeptRun{full}.row(TaskId{7}), full);
  RunRow back = full;  // its clock was set back, its texts are long, and its numbers the largest
  back.claimed_at = due - std::chrono::hours{24};
  back.started_at.reset();
  back.finished_at = back.claimed_at + Micros{1};
  back.id = RunId{std::numeric_limits<std::int64_t>::max()};
  back.count = std::numeric_limits<std::int64_t>::max();
  back.detail = std::string(4'000, '\xff');
  EXPECT_EQ(KeptRun{back}.row(TaskId{7}), back);
}

}  // namespace
}  // namespace systask::scheduler
