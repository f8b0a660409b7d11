// A simulated day under random policies, long bodies, clock steps, crashes and operators:
// every occurrence has exactly one outcome, and nothing fires twice.
#include "tests/support/engine_world.h"

#include <gtest/gtest.h>

namespace systask::scheduler {
namespace {

using namespace std::chrono_literals;

class SimulatedDay : public testing::TestWithParam<std::uint32_t> {};

TEST_P(SimulatedDay, AccountsForEveryOccurrence) {
  EngineWorld world{GetParam(), {}};
  world.live(3h);
  const std::vector<std::string> breaches = world.broken();
  EXPECT_GT(world.bodies(), 100U);
  EXPECT_TRUE(breaches.empty()) << "seed " << GetParam() << ": " << breaches.size()
                                << " breaches, the first: " << breaches.front();
}

INSTANTIATE_TEST_SUITE_P(Seeds, SimulatedDay, testing::Range(1U, 13U));

}  // namespace
}  // namespace systask::scheduler
