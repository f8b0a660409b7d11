#include "trading/wall_memory.h"

#include <gtest/gtest.h>

#include "tests/support/manual_clock.h"

namespace systask::trading {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

class WallMemoryTest : public testing::Test {
 protected:
  std::optional<TimePoint> look() { return memory_.at_least(clock_.now(), clock_.monotonic()); }
  // Looks every five seconds, as expire-plans does.
  void watch(seconds length) {
    for (seconds passed{0}; passed < length; passed += seconds{5}) {
      look();
      clock_.advance(seconds{5});
    }
  }

  ManualClock clock_{from_micros(1'800'000'000'000'000)};
  WallMemory memory_;
};

TEST_F(WallMemoryTest, KnowsNothingInTheFirstMinute) {
  EXPECT_FALSE(look());
  clock_.advance(seconds{59});
  EXPECT_FALSE(look());
  clock_.advance(seconds{1});
  EXPECT_EQ(look(), clock_.now());
}

TEST_F(WallMemoryTest, AStepAheadCountsAfterAMinute) {
  watch(seconds{100});
  const TimePoint before = clock_.now();
  clock_.set_wall(before + hours{8});
  EXPECT_EQ(look(), before);
  watch(seconds{55});
  EXPECT_EQ(look(), before + seconds{55});
  clock_.advance(seconds{5});
  EXPECT_EQ(look(), clock_.now());
}

TEST_F(WallMemoryTest, AStepBackCountsAtOnce) {
  watch(seconds{100});
  clock_.set_wall(clock_.now() - hours{1});
  EXPECT_EQ(look(), clock_.now());
  clock_.advance(seconds{1});
  clock_.set_wall(clock_.now() + hours{1});
  EXPECT_EQ(look(), clock_.now() - hours{1}) << "the step ahead is not believed yet";
}

TEST_F(WallMemoryTest, ASettingHoldsUntilTheNextWasSeen) {
  watch(seconds{100});
  const TimePoint before = clock_.now();
  clock_.advance(hours{1});  // nobody looked
  clock_.set_wall(clock_.now() + hours{8});
  EXPECT_EQ(look(), before + hours{1});
}

}  // namespace
}  // namespace systask::trading
